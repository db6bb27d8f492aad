// LinkSource: the order of notifications and dumps, losses, interrupted dumps, and giving up.
#include "monitor/link_source.h"

#include "monitor_fakes.h"
#include "test.h"

namespace sriov {
namespace {

constexpr uint64_t kMs = 1'000'000;

struct Fixture {
  std::deque<FakeInbox::Item> items;
  FakeLinks kernel;
  LinkSource source{std::unique_ptr<Inbox>(new FakeInbox(&items)), std::unique_ptr<Channel>(new FakeDumper(&kernel)),
                    "/nonexistent"};
  uint64_t now = 1000 * kMs;

  void Notify(uint16_t type, const FakeLink& link) { items.push_back({0, LinkBytes(type, link)}); }
  void Lose() { items.push_back({ENOBUFS, {}}); }
  bool Work(uint64_t after_ms = 0) { return source.Work(now += after_ms * kMs); }
};

TEST(the_first_work_reads_all_links_and_says_so) {
  Fixture f;
  f.kernel.links = {{1, "lo", "", 65536}, {2, "eth0", "0000:01:00.0", 1500}};
  EXPECT_TRUE(f.source.due_ns() != 0);
  EXPECT_TRUE(f.Work());
  const LinkNews news = f.source.Take();
  EXPECT_TRUE(news.sync == Sync::kFirst && news.error == 0);
  EXPECT_EQ(news.changes.size(), 2u);
  EXPECT_EQ(news.changes[1].link.device, std::string("0000:01:00.0"));
  EXPECT_EQ(news.changes[1].link.bus, std::string("pci"));
  EXPECT_EQ(f.source.due_ns(), 0u);
  EXPECT_TRUE(!f.Work());
  EXPECT_TRUE(f.source.Take().sync == Sync::kNone);
}

TEST(notifications_are_taken_in_without_a_dump) {
  Fixture f;
  f.kernel.links = {{2, "eth0", "0000:01:00.0", 1500}};
  (void)f.Work();
  (void)f.source.Take();
  f.Notify(RTM_NEWLINK, {2, "eth0", "0000:01:00.0", 9000});
  f.Notify(RTM_NEWLINK, {3, "new", "", 1500});
  EXPECT_TRUE(f.Work());
  LinkNews news = f.source.Take();
  EXPECT_EQ(news.changes.size(), 2u);
  EXPECT_TRUE(news.sync == Sync::kNone);
  f.Notify(RTM_DELLINK, {3, "new", "", 1500});
  EXPECT_TRUE(f.Work());
  news = f.source.Take();
  EXPECT_TRUE(news.changes.size() == 1 && !news.changes[0].present);
  EXPECT_EQ(f.kernel.dumps, 1);
}

TEST(a_loss_is_healed_by_one_dump_that_tells_the_differences) {
  Fixture f;
  f.kernel.links = {{1, "lo", "", 65536}, {2, "eth0", "0000:01:00.0", 1500}, {3, "gone", "", 1500}};
  (void)f.Work();
  (void)f.source.Take();
  f.kernel.links = {{1, "lo", "", 65536}, {2, "eth0", "0000:01:00.0", 9000}};
  f.Lose();
  EXPECT_TRUE(f.Work(1000));
  const LinkNews news = f.source.Take();
  EXPECT_TRUE(news.sync == Sync::kAfterLoss);
  EXPECT_EQ(news.changes.size(), 2u);
  EXPECT_EQ(f.kernel.dumps, 2);
}

TEST(a_storm_of_losses_is_answered_by_a_dump_each_pause) {
  Fixture f;
  (void)f.Work();
  for (int ms = 0; ms < 1000; ++ms) {
    f.Lose();
    (void)f.Work(1);
  }
  EXPECT_TRUE(f.kernel.dumps >= 9 && f.kernel.dumps <= 12);
}

TEST(what_was_queued_before_the_dump_is_taken_in_before_anyone_looks) {
  Fixture f;
  f.kernel.links = {{2, "eth0", "", 1500}};
  (void)f.Work();
  (void)f.source.Take();
  // Two changes, the dump sees the second; both notifications arrive while it is under way.
  f.kernel.links = {{2, "eth0", "", 3000}};
  f.kernel.context = &f;
  f.kernel.during = [](void* context) {
    auto* fixture = static_cast<Fixture*>(context);
    fixture->Notify(RTM_NEWLINK, {2, "eth0", "", 2000});
    fixture->Notify(RTM_NEWLINK, {2, "eth0", "", 3000});
    fixture->Notify(RTM_NEWLINK, {9, "brief", "", 1500});
    fixture->Notify(RTM_DELLINK, {9, "brief", "", 1500});
    fixture->kernel.during = nullptr;
  };
  f.Lose();
  EXPECT_TRUE(f.Work(1000));
  const LinkNews news = f.source.Take();
  EXPECT_EQ(news.changes.size(), 1u);
  EXPECT_EQ(news.changes[0].link.mtu, 3000u);
}

TEST(announcements_before_and_after_a_loss_are_counted_and_the_dump_is_not) {
  Fixture f;
  f.kernel.links = {{2, "eth0", "0000:01:00.0", 1500}};
  (void)f.Work();
  EXPECT_EQ(f.source.Take().changes[0].announcements, 0u);
  const FakeLink link{2, "eth0", "0000:01:00.0", 1500};
  f.Notify(RTM_NEWLINK, link);
  f.Notify(RTM_NEWLINK, link);
  f.Lose();
  f.Notify(RTM_NEWLINK, link);
  EXPECT_TRUE(f.Work(1000));
  LinkNews news = f.source.Take();
  EXPECT_TRUE(news.sync == Sync::kAfterLoss && news.changes.size() == 1);
  EXPECT_EQ(news.changes[0].announcements, 3u);
  f.kernel.links[0].mtu = 9000;
  f.Lose();
  EXPECT_TRUE(f.Work(1000));
  news = f.source.Take();
  EXPECT_TRUE(news.changes.size() == 1 && news.changes[0].announcements == 0);
}

TEST(an_interrupted_dump_removes_nothing_and_is_made_again) {
  Fixture f;
  f.kernel.links = {{1, "lo", "", 65536}, {2, "eth0", "", 1500}};
  (void)f.Work();
  (void)f.source.Take();
  f.kernel.interrupt = 1;  // and misses eth0
  f.Lose();
  EXPECT_TRUE(!f.Work(1000));
  EXPECT_TRUE(f.source.due_ns() > f.now);
  EXPECT_TRUE(f.source.Take().sync == Sync::kNone);
  EXPECT_TRUE(f.Work(100));
  const LinkNews news = f.source.Take();
  EXPECT_TRUE(news.sync == Sync::kAfterLoss && news.changes.empty());
}

TEST(malformed_notifications_and_other_errors_count_as_lost) {
  for (const int kind : {0, 1, 2, 3}) {
    Fixture f;
    f.kernel.links = {{2, "eth0", "", 1500}};
    (void)f.Work();
    (void)f.source.Take();
    auto bytes = LinkBytes(RTM_NEWLINK, {2, "eth0", "", 9000});
    if (kind == 0) bytes.resize(20);
    if (kind == 1) bytes[NLMSG_HDRLEN + sizeof(ifinfomsg)] = 2;  // an attribute shorter than its header
    if (kind == 2) bytes.clear();
    f.items.push_back({kind == 3 ? ENOMEM : 0, bytes});
    f.kernel.links[0].mtu = 9000;
    // A datagram of nothing says nothing, and nothing was lost.
    EXPECT_EQ(f.Work(1000), kind != 2);
    EXPECT_EQ(f.kernel.dumps, kind != 2 ? 2 : 1);
  }
}

TEST(a_dump_that_ends_too_early_is_no_dump) {
  Fixture f;
  f.kernel.links = {{2, "eth0", "", 1500}};
  f.kernel.lose_done = 1;
  EXPECT_TRUE(!f.Work());
  EXPECT_TRUE(f.source.Take().changes.empty());
  EXPECT_TRUE(f.Work(200));
  EXPECT_TRUE(f.source.Take().sync == Sync::kFirst);
}

TEST(dumps_that_fail_are_tried_again_ever_more_rarely_and_then_no_more) {
  Fixture f;
  f.kernel.fail = EPERM;
  uint64_t last = f.now;
  uint64_t pause = 0;
  while (!f.Work()) {
    EXPECT_TRUE(f.source.due_ns() > f.now);
    EXPECT_TRUE(f.source.due_ns() - f.now > pause);
    pause = f.source.due_ns() - f.now;
    f.now = f.source.due_ns();
    EXPECT_TRUE(f.now - last < 60'000 * kMs);
    if (f.kernel.dumps > 100) break;
  }
  EXPECT_EQ(f.kernel.dumps, 7);
  EXPECT_EQ(f.source.Take().error, EPERM);
  EXPECT_EQ(f.source.due_ns(), 0u);
  EXPECT_EQ(f.source.fd(), -1);
  EXPECT_TRUE(!f.Work(100'000));
}

TEST(the_first_reading_stays_the_first_when_a_loss_was_healed_before_it_was_taken) {
  Fixture f;
  (void)f.Work();
  f.Lose();
  (void)f.Work(1000);
  EXPECT_TRUE(f.source.Take().sync == Sync::kFirst);
}

}  // namespace
}  // namespace sriov
