// Programming when the kernel, the connection or the driver does not play along: "not now", errors of a whole
// request, lost replies, drivers that show late or never, aborts, and putting back.
#include <atomic>

#include "base/clock.h"
#include "programming.h"

namespace sriov {
namespace {

TEST(trouble_busy_ends_at_the_third_try) {
  for (const int error : {EBUSY, EAGAIN}) {
    Programming p(64);
    p.kernel.Refuse(30, Bit(kSetVlan), error, 3);
    p.Want(64, kThreeFields);
    const ProgramResult result = p.Run();
    EXPECT_EQ(result.failures.size(), 0u);
    EXPECT_TRUE(result.retries > 0);
    EXPECT_EQ(p.CountApplied(kThreeFields), 64u);
  }
}

TEST(trouble_busy_beyond_the_deadline_is_a_failure_and_the_rest_is_applied) {
  Programming p(64);
  p.options.retry_ns = 30000000;
  p.kernel.Refuse(30, Bit(kSetVlan), EBUSY);
  p.Want(64, kThreeFields);
  const uint64_t start = MonotonicNs();
  const ProgramResult result = p.Run();
  EXPECT_TRUE(MonotonicNs() - start >= p.options.retry_ns);
  EXPECT_EQ(result.failures.size(), 1u);
  if (result.failures.size() == 1) ExpectRefused(result.failures[0], 30, kSetVlan, EBUSY);
  EXPECT_EQ(p.CountApplied(kThreeFields), 63u);
}

TEST(trouble_no_time_for_retries_means_none) {
  Programming p(4);
  p.options.retry_ns = 0;
  p.kernel.Refuse(2, Bit(kSetVlan), EBUSY, 1);
  p.Want(4, kFieldVlan);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.retries, 0u);
  EXPECT_EQ(result.failures.size(), 0u);  // gone by the time that the culprit is looked for
  EXPECT_EQ(p.CountApplied(kFieldVlan), 4u);
}

TEST(trouble_without_the_capability_the_request_as_a_whole_fails) {
  Programming p(64);
  p.kernel.permitted = false;
  p.kernel.refusal_text = "no";
  p.Want(64, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.error, EPERM);
  EXPECT_EQ(result.extended_ack, std::string("no"));
  EXPECT_EQ(result.failures.size(), 0u);
  EXPECT_EQ(result.applied, 0u);
  for (uint32_t vf = 0; vf < 64; ++vf) EXPECT_TRUE(p.Untouched(vf));
}

TEST(trouble_eperm_of_one_setting_is_that_settings_alone) {
  Programming p(64);
  p.kernel.Refuse(5, Bit(kSetMac), EPERM);
  p.Want(64, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.error, 0);
  EXPECT_EQ(result.failures.size(), 1u);
  if (result.failures.size() == 1) ExpectRefused(result.failures[0], 5, kSetMac, EPERM);
}

TEST(trouble_a_pf_that_goes_away_between_two_messages) {
  Programming p(1024);
  p.kernel.gone_after_messages = 1;
  p.Want(1024, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.error, ENODEV);
  EXPECT_EQ(result.applied, uint32_t{CostModel::kProbe});
}

TEST(trouble_lost_replies_and_a_send_that_fails_are_errors) {
  for (const int error : {ENOBUFS, EIO}) {
    Programming p(8);
    p.kernel.receive_errors = {error};
    p.Want(8, kFieldVlan);
    EXPECT_EQ(p.Run().error, error);
  }
  Programming p(8);
  p.kernel.send_error = ENOBUFS;
  p.Want(8, kFieldVlan);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.error, ENOBUFS);
  for (uint32_t vf = 0; vf < 8; ++vf) EXPECT_TRUE(p.Untouched(vf));
}

TEST(trouble_a_missing_acknowledgement_is_an_error) {
  Programming p(8);
  p.kernel.Refuse(3, Bit(kSetVlan), EINTR);  // which netlink_rcv_skb never answers
  p.Want(8, kFieldVlan);
  EXPECT_EQ(p.Run().error, EPROTO);
}

TEST(trouble_reads_that_fail_leave_halving_which_finds_it_too) {
  Programming p(64);
  p.kernel.read_errors.assign(1000, EIO);
  p.kernel.Refuse(41, Bit(kSetVlan), EINVAL);
  p.Want(64, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.error, 0);
  EXPECT_EQ(result.failures.size(), 1u);
  if (result.failures.size() == 1) ExpectRefused(result.failures[0], 41, kSetVlan, EINVAL);
  EXPECT_EQ(p.CountApplied(kThreeFields), 63u);
}

TEST(trouble_verify_waits_for_a_late_driver) {
  Programming p(16);
  p.kernel.shown_after_reads = 3;
  p.options.verify = true;
  p.Want(16, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.failures.size(), 0u);
  EXPECT_EQ(result.reads, 3u);
}

TEST(trouble_verify_names_what_a_driver_accepts_and_does_not_do) {
  Programming p(16);
  p.kernel.never_shown = Bit(kSetSpoofCheck);
  p.options.verify = true;
  p.options.retry_ns = 5000000;
  p.Want(16, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.failures.size(), 16u);
  for (const Failure& f : result.failures) {
    EXPECT_TRUE(f.kind == FailureKind::kNotApplied && f.setting == kSetSpoofCheck && f.error == 0);
  }
}

TEST(trouble_verify_counts_what_no_read_shows) {
  Programming p(16);
  p.kernel.link.unreported = Bit(kSetTrust);
  p.options.verify = true;
  p.Want(16, kFieldVlan | kFieldTrust);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.failures.size(), 0u);
  EXPECT_EQ(result.unverified, 16u);
}

TEST(trouble_an_abort_stops_between_sends_and_counts_what_was_done) {
  std::atomic<bool> cancelled{false};
  Programming p(1024);
  p.options.cancelled = &cancelled;
  p.kernel.cancel = &cancelled;
  p.kernel.cancel_after_messages = 1;
  p.Want(1024, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_TRUE(result.aborted);
  EXPECT_EQ(result.error, 0);
  EXPECT_EQ(result.applied, uint32_t{CostModel::kProbe});
  EXPECT_TRUE(p.Untouched(1023));
}

TEST(trouble_an_abort_after_the_last_message_is_none) {
  std::atomic<bool> cancelled{false};
  Programming p(4);
  p.options.cancelled = &cancelled;
  p.kernel.cancel = &cancelled;
  p.kernel.cancel_after_messages = 1;
  p.Want(4, kFieldVlan);
  const ProgramResult result = p.Run();
  EXPECT_TRUE(!result.aborted);
  EXPECT_EQ(result.applied, 4u);
}

TEST(atomic_puts_back_what_was_changed) {
  for (const uint32_t bad : {0u, 3u, 100u, 1023u}) {
    Programming p(1024);
    p.kernel.Refuse(bad, Bit(kSetVlan), EINVAL);
    p.options.atomic = true;
    p.Want(1024, kThreeFields);
    const ProgramResult result = p.Run();
    EXPECT_TRUE(result.rolled_back);
    EXPECT_EQ(result.failures.size(), 1u);
    EXPECT_EQ(result.not_restored.size(), 0u);
    EXPECT_EQ(result.applied, 0u);
    for (uint32_t vf = 0; vf < 1024; ++vf) EXPECT_TRUE(p.Untouched(vf));
  }
}

TEST(atomic_puts_back_after_an_abort) {
  std::atomic<bool> cancelled{false};
  Programming p(1024);
  p.options.atomic = true;
  p.options.cancelled = &cancelled;
  p.kernel.cancel = &cancelled;
  p.kernel.cancel_after_messages = 2;
  p.Want(1024, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_TRUE(result.aborted && result.rolled_back);
  EXPECT_EQ(result.not_restored.size(), 0u);
  for (uint32_t vf = 0; vf < 1024; ++vf) EXPECT_TRUE(p.Untouched(vf));
}

TEST(atomic_tells_what_was_not_known_before) {
  Programming p(16);
  p.kernel.link.unreported = Bit(kSetTrust);
  p.kernel.Refuse(10, Bit(kSetVlan), EINVAL);
  p.options.atomic = true;
  p.Want(16, kFieldVlan | kFieldTrust);
  const ProgramResult result = p.Run();
  EXPECT_TRUE(result.rolled_back);
  EXPECT_TRUE(result.not_restored.size() >= 10);
  for (const Failure& f : result.not_restored) {
    EXPECT_TRUE(f.setting == kSetTrust && f.kind == FailureKind::kNotReported);
  }
  for (uint32_t vf = 0; vf < 16; ++vf) EXPECT_EQ(p.kernel.vfs[vf].vlan_id, 0u);
}

TEST(atomic_tells_of_other_vfs_when_one_alone_lacks_an_operation_that_no_read_shows) {
  Programming p(16);
  p.kernel.link.unreported = Bit(kSetTrust);
  p.kernel.Refuse(10, Bit(kSetTrust), EOPNOTSUPP);
  p.options.atomic = true;
  p.Want(16, kFieldVlan | kFieldTrust);
  const ProgramResult result = p.Run();
  EXPECT_TRUE(result.rolled_back);
  EXPECT_EQ(result.failures.size(), 1u);
  for (uint32_t vf = 0; vf < 16; ++vf) {
    bool told = false;
    for (const Failure& f : result.not_restored) told = told || (f.vf == vf && f.setting == kSetTrust);
    EXPECT_TRUE(told || p.kernel.vfs[vf].trust == VfValues{}.trust);
    EXPECT_EQ(p.kernel.vfs[vf].vlan_id, 0u);
  }
}

// All in one message. The last trust of the first three is a wrong guess; what follows it is executed before
// the culprit is found.
TEST(atomic_tells_of_what_a_wrong_guess_sent_of_an_operation_that_others_lack) {
  Programming p(8);
  p.kernel.link.unreported = Bit(kSetTrust) | Bit(kSetSpoofCheck);
  for (uint32_t vf = 0; vf < 3; ++vf) p.kernel.Refuse(vf, Bit(kSetSpoofCheck), EOPNOTSUPP);
  p.options.atomic = true;
  p.Want(3, kFieldSpoofCheck | kFieldTrust);
  p.Want(5, kFieldSpoofCheck | kFieldVlan, 3);
  const ProgramResult result = p.Run();
  EXPECT_TRUE(result.rolled_back);
  uint32_t left = 0;
  for (uint32_t vf = 3; vf < 8; ++vf) {
    const bool changed = p.kernel.vfs[vf].spoof_check != VfValues{}.spoof_check;
    bool told = false;
    for (const Failure& f : result.not_restored) told = told || (f.vf == vf && f.setting == kSetSpoofCheck);
    EXPECT_TRUE(told || !changed);
    left += changed;
  }
  EXPECT_TRUE(left > 0);
}

TEST(atomic_does_not_tell_of_an_operation_that_the_driver_lacks) {
  for (const uint32_t fields : {kFieldNodeGuid | kFieldVlan, uint32_t{kFieldNodeGuid}}) {
    Programming p(16);
    p.options.atomic = true;
    p.Want(16, fields);
    const ProgramResult result = p.Run();
    EXPECT_TRUE(result.rolled_back);
    EXPECT_EQ(result.failures.size(), 1u);
    EXPECT_EQ(result.not_restored.size(), 0u);
    for (uint32_t vf = 0; vf < 16; ++vf) EXPECT_TRUE(p.Untouched(vf));
  }
}

TEST(atomic_on_a_pf_that_goes_away_lists_all_that_was_sent) {
  Programming p(64);
  p.options.atomic = true;
  p.kernel.gone_after_messages = 2;  // the read and the probe
  p.Want(64, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_EQ(result.error, ENODEV);
  EXPECT_TRUE(result.rolled_back);
  EXPECT_TRUE(result.not_restored.size() >= CostModel::kProbe);
  for (const Failure& f : result.not_restored) EXPECT_EQ(f.error, ENODEV);
}

TEST(atomic_without_a_failure_reads_once_and_changes_all) {
  Programming p(64);
  p.options.atomic = true;
  p.Want(64, kThreeFields);
  const ProgramResult result = p.Run();
  EXPECT_TRUE(!result.rolled_back);
  EXPECT_EQ(result.reads, 1u);
  EXPECT_EQ(p.CountApplied(kThreeFields), 64u);
}

}  // namespace
}  // namespace sriov
