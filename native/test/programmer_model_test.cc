// Programming against a model that knows no messages: every setting that the driver refuses is a failure with its
// errno, every other one is applied; all or nothing leaves all as it was. Random tables, faults and drivers.
#include <cstdio>
#include <map>
#include <set>

#include "programming.h"
#include "random.h"

namespace sriov {
namespace {

constexpr uint64_t kSeeds = 400;

struct Case {
  explicit Case(uint64_t seed) : random(seed), p(1 + random.Below(48), 60) {
    p.kernel.infiniband = p.kernel.link.guids = random.OneIn(2);
    for (VfValues& values : p.kernel.vfs) values = Distinct(random.Below(1000));
    for (VfValues& values : p.kernel.vfs) values.rate_min = values.rate_max = 0;
    p.kernel.Show();
    before = p.kernel.vfs;
    if (random.OneIn(4)) p.kernel.link.unreported = random.Below(1u << kSettings);
    if (random.OneIn(6)) p.options.max_hold_ns = 1 + random.Below(100000);  // many messages
    const uint32_t faults = random.Below(9);
    for (uint32_t i = 0; i < faults; ++i) AddFault();
    const uint32_t num_vf = static_cast<uint32_t>(before.size());
    const uint32_t same = random.Below(1u << 10);
    const bool alike = random.OneIn(2);
    for (uint32_t vf = 0; vf < num_vf + 3; ++vf) {
      if (vf >= num_vf && !random.OneIn(4)) continue;  // beyond the count
      AddRow(vf, alike ? same : random.Below(1u << 10));
    }
  }

  void AddFault() {
    static constexpr int kErrors[] = {EINVAL, EOPNOTSUPP, EIO, EPERM, ENODEV, EADDRNOTAVAIL};
    const uint32_t vf = random.OneIn(8) ? kEveryVf : random.Below(48);
    const Settings settings = random.OneIn(3) ? random.Below(1u << kSettings) : Bit(random.Below(kSettings));
    const bool passing = random.OneIn(4);
    const int error = passing ? EBUSY : kErrors[random.Below(6)];
    p.kernel.Refuse(vf, settings, error, passing ? 1 + random.Below(3) : kAlways);
    if (!passing) faults.push_back({vf, settings, error, kAlways});
  }

  void AddRow(uint32_t vf, uint32_t fields) {
    const VfValues values = Distinct(random.Below(1000));
    const uint32_t row = p.rows.Add(vf, fields, values);
    for (uint32_t setting = 0; setting < kSettings; ++setting) {
      const uint32_t of_setting = fields & kFieldsOfSetting[setting];
      if (of_setting == 0) continue;
      if (const int error = ErrorOf(vf, setting, of_setting)) {
        refused[At(row, setting)] = error;
        const bool held_before = vf < before.size() && (DifferentFields(before[vf], values) & of_setting) == 0;
        if (held_before) held.insert(At(row, setting));
      } else {
        CopyFields(&after[vf], values, of_setting);
      }
    }
  }

  int ErrorOf(uint32_t vf, uint32_t setting, uint32_t fields) {
    const bool beyond = vf >= before.size();
    // IFLA_VF_TX_RATE asks the driver for the minimum first (do_setvfinfo).
    if (beyond && setting == kSetRate && fields == kFieldRateMax) return EINVAL;
    if ((setting == kSetNodeGuid || setting == kSetPortGuid) && !p.kernel.infiniband) return EOPNOTSUPP;
    for (const Fault& fault : faults) {
      if ((fault.vf == kEveryVf || fault.vf == vf) && (fault.settings & Bit(setting)) != 0) return fault.error;
    }
    if (beyond) return EINVAL;
    if (after.find(vf) == after.end()) after[vf] = before[vf];
    return 0;
  }

  std::vector<VfValues> Expected() const {
    std::vector<VfValues> expected = before;
    for (const auto& vf : after) expected[vf.first] = vf.second;
    return expected;
  }

  Random random;
  Programming p;
  std::vector<VfValues> before;
  std::vector<Fault> faults;
  std::map<Position, int> refused;  // what should fail, and how
  // Refused, yet as wanted from the start: if a later culprit is found first, a read shows no reason to look for
  // this one, and it counts as applied, which it is.
  std::set<Position> held;
  std::map<uint32_t, VfValues> after;
};

void ExpectState(const std::vector<VfValues>& have, const std::vector<VfValues>& want) {
  for (size_t vf = 0; vf < want.size(); ++vf) EXPECT_EQ(DifferentFields(have[vf], want[vf]), 0u);
}

void NameSeed(uint64_t seed, int failures_before) {
  if (testing::FailuresOfCase() > failures_before) {
    std::fprintf(stderr, "  SRIOV_SEED=%llu\n", static_cast<unsigned long long>(seed));
  }
}

TEST(model_failures_and_final_state_are_as_the_driver_says) {
  for (uint64_t seed = FirstSeed(); seed < FirstSeed() + kSeeds; ++seed) {
    const int failures = testing::FailuresOfCase();
    Case c(seed);
    const ProgramResult result = c.p.Run();
    EXPECT_EQ(result.error, 0);
    std::map<Position, int> named;
    for (const Failure& f : result.failures) named[At(f.row, f.setting)] = f.error;
    EXPECT_EQ(named.size(), result.failures.size());
    // A VF that does not exist is refused in one go: its settings share the errno of the first one.
    for (auto& failure : named) {
      const auto expected = c.refused.find(failure.first);
      const bool exists = c.p.rows.table().vf(RowOf(failure.first)) < c.before.size();
      if (!exists && expected != c.refused.end()) failure.second = expected->second;
    }
    for (const auto& expected : c.refused) {
      const auto failure = named.find(expected.first);
      if (failure == named.end() && c.held.count(expected.first) == 1) continue;
      EXPECT_EQ(failure == named.end() ? 0 : failure->second, expected.second);
    }
    for (const auto& failure : named) EXPECT_TRUE(c.refused.count(failure.first) == 1);
    EXPECT_EQ(result.applied + result.failures.size(), result.requested);
    EXPECT_EQ(result.messages, c.p.kernel.messages);
    ExpectState(c.p.kernel.vfs, c.Expected());
    NameSeed(seed, failures);
  }
}

TEST(model_all_or_nothing_is_all_or_nothing_or_says_what_is_left) {
  for (uint64_t seed = FirstSeed(); seed < FirstSeed() + kSeeds; ++seed) {
    const int failures = testing::FailuresOfCase();
    Case c(seed);
    c.p.options.atomic = true;
    const ProgramResult result = c.p.Run();
    EXPECT_EQ(result.error, 0);
    EXPECT_EQ(result.rolled_back, !c.refused.empty());
    EXPECT_EQ(result.failures.empty(), c.refused.empty());
    for (const Failure& f : result.failures) {
      const auto expected = c.refused.find(At(f.row, f.setting));
      if (f.error == EBUSY) continue;  // nothing is tried again once all is lost
      EXPECT_TRUE(expected != c.refused.end() && (expected->second == f.error || f.vf >= c.before.size()));
    }
    std::vector<VfValues> expected = c.refused.empty() ? c.Expected() : c.before;
    for (const Failure& f : result.not_restored) {
      // Only what was there before and could not be read may be left.
      EXPECT_TRUE(f.kind == FailureKind::kNotReported);
      if (f.vf < expected.size()) CopyFields(&expected[f.vf], c.p.kernel.vfs[f.vf], kFieldsOfSetting[f.setting]);
    }
    if (c.p.kernel.link.unreported == 0 && c.p.kernel.infiniband) {
      for (const Failure& f : result.not_restored) EXPECT_TRUE(f.vf >= c.before.size());
    }
    ExpectState(c.p.kernel.vfs, expected);
    NameSeed(seed, failures);
  }
}

}  // namespace
}  // namespace sriov
