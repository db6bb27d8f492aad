// LinkTable: what the reader is told adds up to what is there, in memory for what is there.
#include "monitor/link_table.h"

#include <map>

#include "random.h"
#include "test.h"

namespace sriov {
namespace {

Link Named(uint32_t ifindex, const char* name, const char* device = "0000:01:00.0", uint32_t mtu = 1500) {
  Link link;
  link.ifindex = ifindex;
  link.name = name;
  link.device = device;
  link.mtu = mtu;
  return link;
}

TEST(many_changes_of_a_link_are_one_with_the_last_state) {
  LinkTable table;
  for (uint32_t mtu = 100; mtu < 10100; ++mtu) table.Put(Named(5, "eth0", "", mtu), false);
  EXPECT_EQ(table.size(), 1u);
  const auto changes = table.Take();
  EXPECT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].link.mtu, 10099u);
  EXPECT_TRUE(changes[0].present && !changes[0].recreated && !changes[0].touched);
  EXPECT_TRUE(!table.has_changes() && table.Take().empty());
}

TEST(links_that_come_and_go_unseen_leave_nothing) {
  LinkTable table;
  for (uint32_t ifindex = 1; ifindex <= 10000; ++ifindex) {
    table.Put(Named(ifindex, "veth"), false);
    table.Remove(ifindex);
    table.Remove(ifindex);
  }
  EXPECT_EQ(table.size(), 0u);
  EXPECT_TRUE(table.Take().empty());
}

TEST(a_known_link_that_goes_is_told_and_then_forgotten) {
  LinkTable table;
  table.Put(Named(5, "eth0"), false);
  EXPECT_EQ(table.Take().size(), 1u);
  table.Remove(5);
  EXPECT_TRUE(table.Find(5) == nullptr);
  const auto changes = table.Take();
  EXPECT_EQ(changes.size(), 1u);
  EXPECT_TRUE(!changes[0].present);
  EXPECT_EQ(changes[0].link.name, std::string("eth0"));
  EXPECT_EQ(table.size(), 0u);
}

TEST(a_link_that_goes_and_comes_back_under_its_number_is_another_one) {
  LinkTable table;
  table.Put(Named(5, "eth0"), false);
  (void)table.Take();
  table.Remove(5);
  table.Put(Named(5, "eth0"), false);
  auto changes = table.Take();
  EXPECT_EQ(changes.size(), 1u);
  EXPECT_TRUE(changes[0].present && changes[0].recreated);
  // Seen by its device when the end itself was lost.
  table.BeginDump();
  table.Put(Named(5, "eth0", "0000:02:00.0"), true);
  table.EndDump(false);
  changes = table.Take();
  EXPECT_EQ(changes.size(), 1u);
  EXPECT_TRUE(changes[0].recreated);
}

TEST(an_announcement_without_a_difference_touches_a_link_with_a_device_alone) {
  LinkTable table;
  table.Put(Named(1, "lo", ""), false);
  table.Put(Named(5, "eth0"), false);
  (void)table.Take();
  table.Put(Named(1, "lo", ""), false);
  table.Touch(1);
  table.Touch(99);
  EXPECT_TRUE(!table.has_changes());
  table.Put(Named(5, "eth0"), false);
  auto changes = table.Take();
  EXPECT_EQ(changes.size(), 1u);
  EXPECT_TRUE(changes[0].touched);
  table.Touch(5);
  changes = table.Take();
  EXPECT_TRUE(changes.size() == 1 && changes[0].touched);
}

TEST(announcements_add_up_until_they_are_taken) {
  LinkTable table;
  table.Put(Named(5, "eth0"), false);
  (void)table.Take();
  for (int i = 0; i < 3; ++i) table.Put(Named(5, "eth0"), false);
  table.Touch(5);
  table.Put(Named(5, "eth1"), false);
  auto changes = table.Take();
  EXPECT_TRUE(changes.size() == 1 && changes[0].announcements == 5);
  table.Put(Named(5, "eth1"), false);
  changes = table.Take();
  EXPECT_TRUE(changes.size() == 1 && changes[0].announcements == 1);
}

TEST(a_dump_is_no_announcement_and_takes_none_away) {
  LinkTable table;
  table.Put(Named(5, "eth0"), false);
  (void)table.Take();
  const auto dump = [&](const char* name) {
    table.BeginDump();
    table.Put(Named(5, name), true);
    table.EndDump(false);
  };
  dump("eth1");
  auto changes = table.Take();
  EXPECT_TRUE(changes.size() == 1 && !changes[0].touched && changes[0].announcements == 0);
  table.Put(Named(5, "eth1"), false);
  table.Put(Named(5, "eth2"), false);
  dump("eth3");
  changes = table.Take();
  EXPECT_TRUE(changes.size() == 1 && changes[0].announcements == 2);
}

TEST(announcements_of_a_link_that_went_are_not_those_of_its_successor) {
  LinkTable table;
  table.Put(Named(5, "eth0"), false);
  (void)table.Take();
  for (int i = 0; i < 3; ++i) table.Put(Named(5, "eth0"), false);
  table.Remove(5);
  EXPECT_EQ(table.Take()[0].announcements, 0u);
  table.Put(Named(5, "eth0"), false);
  (void)table.Take();
  for (int i = 0; i < 3; ++i) table.Put(Named(5, "eth0"), false);
  table.Remove(5);
  table.Put(Named(5, "eth0"), false);
  const auto changes = table.Take();
  EXPECT_TRUE(changes.size() == 1 && changes[0].recreated && changes[0].announcements == 1);
}

TEST(what_was_announced_and_not_told_of_a_link_without_a_device_is_not_counted_later) {
  LinkTable table;
  table.Put(Named(5, "br0", ""), false);
  (void)table.Take();
  for (int i = 0; i < 3; ++i) table.Put(Named(5, "br0", ""), false);
  table.Touch(5);
  table.Put(Named(5, "br0", "", 9000), false);
  const auto changes = table.Take();
  EXPECT_TRUE(changes.size() == 1 && changes[0].announcements == 1);
}

TEST(a_dump_tells_real_differences_only) {
  LinkTable table;
  table.Put(Named(1, "same"), false);
  table.Put(Named(2, "changes"), false);
  table.Put(Named(3, "goes"), false);
  (void)table.Take();
  table.BeginDump();
  table.Put(Named(1, "same"), true);
  table.Put(Named(2, "changed"), true);
  table.Put(Named(4, "comes"), true);
  table.EndDump(false);
  const auto changes = table.Take();
  EXPECT_EQ(changes.size(), 3u);
  for (const auto& change : changes) {
    EXPECT_TRUE(change.link.ifindex != 1);
    EXPECT_EQ(change.present, change.link.ifindex != 3);
    EXPECT_TRUE(!change.touched);
  }
}

TEST(an_incomplete_dump_removes_nothing) {
  LinkTable table;
  table.Put(Named(3, "stays"), false);
  (void)table.Take();
  table.BeginDump();
  table.EndDump(true);
  EXPECT_TRUE(!table.has_changes());
  EXPECT_TRUE(table.Find(3) != nullptr);
}

// Against a model: whatever happens and whenever the reader comes, he ends up with what is there.
TEST(a_reader_at_any_time_ends_up_with_what_is_there) {
  const uint64_t first = FirstSeed();
  for (uint64_t seed = first; seed < first + 300; ++seed) {
    Random random(seed);
    LinkTable table;
    std::map<uint32_t, Link> truth;
    std::map<uint32_t, Link> told;
    const auto read = [&] {
      for (const auto& change : table.Take()) {
        if (change.present) {
          told[change.link.ifindex] = change.link;
        } else {
          EXPECT_EQ(told.erase(change.link.ifindex), 1u);
        }
      }
    };
    for (int step = 0; step < 200; ++step) {
      const uint32_t ifindex = 1 + random.Below(8);
      const Link link = Named(ifindex, random.OneIn(2) ? "a" : "b", random.OneIn(2) ? "x" : "", random.Below(3));
      switch (random.Below(8)) {
        case 0:
          table.Remove(ifindex);
          truth.erase(ifindex);
          break;
        case 1:
          read();
          break;
        case 2:  // notifications are lost, and a dump heals it
          truth[ifindex] = link;
          truth.erase(1 + random.Below(8));
          table.BeginDump();
          for (const auto& [number, state] : truth) table.Put(state, true);
          table.EndDump(false);
          break;
        default:
          table.Put(link, false);
          truth[ifindex] = link;
      }
      size_t known = 0;
      for (uint32_t number = 1; number <= 8; ++number) known += told.count(number) | truth.count(number);
      EXPECT_TRUE(table.size() <= known);
    }
    read();
    EXPECT_TRUE(told == truth);
  }
}

}  // namespace
}  // namespace sriov
