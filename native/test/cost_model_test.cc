// CostModel: how many settings a message may hold.
#include "rtnl/cost_model.h"

#include "test.h"

namespace sriov {
namespace {

TEST(an_unknown_cost_allows_sixteen_settings) {
  CostModel cost;
  EXPECT_TRUE(!cost.known());
  EXPECT_EQ(cost.SettingsWithin(1), 16u);
  EXPECT_EQ(cost.SettingsWithin(1000000000), 16u);
}

TEST(a_known_cost_allows_what_fits_and_never_less_than_one) {
  CostModel cost;
  cost.Learn(10, 10000);
  EXPECT_TRUE(cost.known());
  EXPECT_EQ(cost.SettingsWithin(5000), 5u);
  EXPECT_EQ(cost.SettingsWithin(999), 1u);
  EXPECT_EQ(cost.SettingsWithin(0), 1u);
}

TEST(nothing_is_learned_from_no_settings_and_no_time_counts_as_a_little) {
  CostModel cost;
  cost.Learn(0, 100);
  EXPECT_TRUE(!cost.known());
  cost.Learn(1000, 0);
  EXPECT_TRUE(cost.known());
  EXPECT_EQ(cost.SettingsWithin(50), 50u);
}

TEST(a_lower_cost_is_believed_at_once_and_a_higher_one_by_a_quarter) {
  CostModel cost;
  cost.Learn(1, 1000);
  cost.Learn(1, 5000);
  EXPECT_EQ(cost.SettingsWithin(10000), 5u);  // 2000
  cost.Learn(1, 100);
  EXPECT_EQ(cost.SettingsWithin(10000), 100u);
}

TEST(a_long_time_does_not_overflow) {
  CostModel cost;
  cost.Learn(4000000000u, 1);
  EXPECT_EQ(cost.SettingsWithin(~uint64_t{0}), 1000000000u);
  CostModel dear;
  dear.Learn(1, ~uint64_t{0});
  EXPECT_EQ(dear.SettingsWithin(~uint64_t{0}), 1u);
}

}  // namespace
}  // namespace sriov
