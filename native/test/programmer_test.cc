// Programming when settings are refused: each is named with its errno, all others are applied, and it takes few
// messages.
#include "programming.h"

namespace sriov {
namespace {

TEST(program_all_of_1024_vfs_in_three_messages_and_no_read) {
  Programming p(1024);
  p.Want(1024, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.error, 0);
  EXPECT_EQ(result.failures.size(), 0u);
  EXPECT_EQ(result.applied, 3072u);
  EXPECT_EQ(result.messages, 3u);  // the probe and two full lists
  EXPECT_EQ(result.reads, 0u);
  EXPECT_EQ(p.CountApplied(kThreeFields), 1024u);
}

TEST(program_one_bad_vf_of_1024_is_named_within_8_messages_wherever_it_is) {
  for (const uint32_t bad : {0u, 1u, 4u, 5u, 6u, 500u, 914u, 915u, 916u, 1022u, 1023u}) {
    for (const uint32_t setting : {kSetMac, kSetVlan, kSetSpoofCheck}) {
      Programming p(1024);
      p.kernel.Refuse(bad, Bit(setting), EADDRINUSE);
      p.Want(1024, kThreeFields);
      const ProgramResult result = p.Run();
      EXPECT_EQ(result.error, 0);
      EXPECT_EQ(result.failures.size(), 1u);
      if (result.failures.size() == 1) ExpectRefused(result.failures[0], bad, setting, EADDRINUSE);
      EXPECT_EQ(result.applied, 3071u);
      EXPECT_TRUE(result.messages <= 8);
      EXPECT_EQ(result.messages, p.kernel.messages);
      EXPECT_EQ(p.CountApplied(kThreeFields), 1023u);
      // What stands before and after the refused one in its own IFLA_VF_INFO is applied too.
      const uint32_t refused = setting == kSetMac ? kFieldMac : setting == kSetVlan ? kFieldVlan : kFieldSpoofCheck;
      EXPECT_TRUE(p.Applied(bad, kThreeFields & ~refused));
    }
  }
}

TEST(program_ten_bad_vfs_scattered_are_all_named) {
  Programming p(1024);
  const uint32_t bad[] = {0, 7, 99, 100, 101, 350, 512, 777, 1000, 1023};
  for (const uint32_t vf : bad) p.kernel.Refuse(vf, Bit(kSetVlan), EINVAL);
  p.Want(1024, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.error, 0);
  EXPECT_EQ(result.failures.size(), 10u);
  for (const uint32_t vf : bad) {
    bool named = false;
    for (const Failure& f : result.failures) {
      named = named || (f.vf == vf && f.setting == kSetVlan && f.error == EINVAL);
    }
    EXPECT_TRUE(named);
    EXPECT_TRUE(p.Applied(vf, kFieldMac | kFieldSpoofCheck));
  }
  EXPECT_EQ(p.CountApplied(kThreeFields), 1014u);
  EXPECT_TRUE(result.messages <= 3 + 10 * 4);
  EXPECT_EQ(result.messages, p.kernel.messages);
}

TEST(program_every_setting_can_be_the_one_that_is_refused) {
  for (uint32_t setting = 0; setting < kSettings; ++setting) {
    Programming p(8);
    p.kernel.infiniband = true;
    p.kernel.link.guids = true;
    p.kernel.Refuse(3, Bit(setting), EIO);
    p.Want(8, kEverySettableField);
    const ProgramResult result = p.Run();
    EXPECT_EQ(result.failures.size(), 1u);
    if (result.failures.size() == 1) ExpectRefused(result.failures[0], 3, setting, EIO);
    EXPECT_TRUE(p.Applied(3, kEverySettableField & ~kFieldsOfSetting[setting]));
    EXPECT_EQ(p.CountApplied(kEverySettableField), 7u);
  }
}

TEST(program_several_refused_settings_of_one_vf_are_all_named) {
  Programming p(16);
  p.kernel.Refuse(9, Bit(kSetMac), EADDRNOTAVAIL);
  p.kernel.Refuse(9, Bit(kSetVlan), EBADF);
  p.kernel.Refuse(9, Bit(kSetTrust), EIO);
  const uint32_t fields = kThreeFields | kFieldTrust;
  p.Want(16, fields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.failures.size(), 3u);
  EXPECT_EQ(p.CountApplied(fields), 15u);
  EXPECT_TRUE(p.Applied(9, kFieldSpoofCheck));
  EXPECT_EQ(result.applied, 16u * 4 - 3);
}

TEST(program_vfs_beyond_the_count_are_named_with_all_their_settings) {
  Programming p(64, 70);
  p.Want(70, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.error, 0);
  EXPECT_EQ(result.failures.size(), 18u);
  for (const Failure& f : result.failures) EXPECT_TRUE(f.vf >= 64 && f.error == EINVAL);
  EXPECT_EQ(p.CountApplied(kThreeFields), 64u);
  EXPECT_EQ(result.num_vf, 64u);
}

// The list may be short of VFs that exist: ndo_get_vf_config fails for one, or the kernel caps it (7.3).
TEST(program_a_refused_setting_of_a_vf_that_no_read_lists_is_that_settings_alone) {
  for (const bool capped : {false, true}) {
    Programming p(400);
    p.kernel.link.capped = capped;
    if (!capped) {
      p.kernel.link.left_out.resize(400);
      p.kernel.link.left_out[300] = true;
    }
    p.kernel.Refuse(300, Bit(kSetVlan), EIO);
    p.Want(400, kThreeFields);
    const ProgramResult result = p.Run();
    EXPECT_EQ(result.failures.size(), 1u);
    if (result.failures.size() == 1) ExpectRefused(result.failures[0], 300, kSetVlan, EIO);
    EXPECT_TRUE(p.Applied(300, kFieldMac | kFieldSpoofCheck));
    EXPECT_EQ(p.CountApplied(kThreeFields), 399u);
  }
}

TEST(program_what_a_driver_has_no_operation_for_is_refused_for_every_vf) {
  Programming p(128);
  p.kernel.Refuse(kEveryVf, Bit(kSetTrust), EOPNOTSUPP);
  const uint32_t fields = kThreeFields | kFieldTrust;
  p.Want(128, fields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.error, 0);
  EXPECT_EQ(result.failures.size(), 128u);
  for (const Failure& f : result.failures) EXPECT_TRUE(f.setting == kSetTrust && f.error == EOPNOTSUPP);
  EXPECT_EQ(p.CountApplied(kThreeFields), 128u);
  EXPECT_TRUE(result.messages <= 128 + 12);
}

TEST(program_guids_on_a_device_that_is_not_infiniband) {
  Programming p(8);
  p.Want(8, kThreeFields | kFieldNodeGuid | kFieldPortGuid);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.failures.size(), 16u);
  for (const Failure& f : result.failures) EXPECT_EQ(f.error, EOPNOTSUPP);
  EXPECT_EQ(p.CountApplied(kThreeFields), 8u);
}

TEST(program_both_guids_reach_an_infiniband_device) {
  Programming p(8);
  p.kernel.infiniband = true;
  p.Want(8, kFieldNodeGuid | kFieldPortGuid);
  EXPECT_EQ(p.Run().failures.size(), 0u);
  EXPECT_EQ(p.CountApplied(kFieldNodeGuid | kFieldPortGuid), 8u);
}

TEST(program_a_refused_setting_that_read_back_already_as_wanted_is_found) {
  Programming p(64);
  p.kernel.vfs = DistinctVfs(64);
  p.kernel.Show();
  p.kernel.Refuse(20, Bit(kSetVlan), EINVAL);
  p.Want(64, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.failures.size(), 1u);
  if (result.failures.size() == 1) ExpectRefused(result.failures[0], 20, kSetVlan, EINVAL);
}

TEST(program_a_lone_minimum_or_maximum_leaves_the_other_limit) {
  Programming p(2);
  p.kernel.vfs[0].rate_min = p.kernel.vfs[1].rate_min = 5;
  p.kernel.vfs[0].rate_max = p.kernel.vfs[1].rate_max = 500;
  p.kernel.Show();
  VfValues rate;
  rate.rate_min = 7;
  rate.rate_max = 700;
  p.rows.Add(0, kFieldRateMin, rate);
  p.rows.Add(1, kFieldRateMax, rate);
  EXPECT_EQ(p.Run().failures.size(), 0u);
  EXPECT_TRUE(p.kernel.vfs[0].rate_min == 7 && p.kernel.vfs[0].rate_max == 500);
  EXPECT_TRUE(p.kernel.vfs[1].rate_min == 5 && p.kernel.vfs[1].rate_max == 700);
}

TEST(program_no_message_holds_more_than_the_limit_once_the_cost_is_known) {
  Programming p(100);
  p.kernel.ns_per_setting = 200000;  // at least, so that at most 25 settings fit
  p.options.max_hold_ns = 5000000;
  p.Want(100, kFieldMac | kFieldVlan);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.failures.size(), 0u);
  EXPECT_EQ(p.kernel.holds[0], CostModel::kProbe);
  for (size_t i = 1; i < p.kernel.holds.size(); ++i) EXPECT_TRUE(p.kernel.holds[i] <= 25);
  EXPECT_EQ(p.CountApplied(kFieldMac | kFieldVlan), 100u);
}

}  // namespace
}  // namespace sriov
