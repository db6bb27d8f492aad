// Monitor: its thread wakes for what is readable and for what is due, and ends when told to. And the real sockets,
// as far as they need no change of the machine.
#include "monitor/monitor.h"

#include <poll.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "monitor/link_source.h"
#include "monitor/uevent_source.h"
#include "test.h"

namespace sriov {
namespace {

// Where a Notify counts; waited for with a limit that only a hang reaches.
struct Counter {
  std::atomic<int> calls{0};
  static void Notify(void* self) { static_cast<Counter*>(self)->calls.fetch_add(1); }
  template <typename Condition>
  static bool Until(Condition condition) {
    const uint64_t limit = MonotonicNs() + 20'000'000'000;
    while (!condition()) {
      if (MonotonicNs() > limit) return false;
      SleepNs(1'000'000);
    }
    return true;
  }
};

class Probe final : public Source {
 public:
  explicit Probe(std::atomic<int>* destroyed) : destroyed_(destroyed), fd_(eventfd(0, EFD_NONBLOCK)) {}
  ~Probe() override { destroyed_->fetch_add(1); }
  int fd() const override { return fd_.get(); }
  uint64_t due_ns() const override { return due.load(); }
  bool Work(uint64_t) override {
    uint64_t value = 0;
    if (read(fd_.get(), &value, sizeof value) < 0) value = 0;
    due.store(0);
    works.fetch_add(1);
    return true;
  }
  void Poke() const {
    const uint64_t one = 1;
    if (write(fd_.get(), &one, sizeof one) < 0) std::abort();
  }
  std::atomic<uint64_t> due{0};
  std::atomic<int> works{0};

 private:
  std::atomic<int>* destroyed_;
  UniqueFd fd_;
};

TEST(the_thread_works_on_what_is_readable_and_on_what_is_due) {
  Counter counter;
  std::atomic<int> destroyed{0};
  Monitor monitor(Counter::Notify, &counter);
  EXPECT_EQ(monitor.Start(), 0);
  auto* probe = new Probe(&destroyed);
  monitor.Add(std::unique_ptr<Source>(probe));
  probe->Poke();
  EXPECT_TRUE(Counter::Until([&] { return probe->works == 1 && counter.calls == 1; }));
  probe->due.store(1);
  monitor.Wake();
  EXPECT_TRUE(Counter::Until([&] { return probe->works == 2; }));
  // Idle: nothing readable, nothing due.
  SleepNs(20'000'000);
  EXPECT_EQ(probe->works.load(), 2);
  monitor.Remove(probe);
  EXPECT_TRUE(Counter::Until([&] { return destroyed == 1; }));
}

TEST(a_monitor_that_is_told_to_stop_ends_by_itself_and_destroys_its_sources) {
  Counter counter;
  std::atomic<int> destroyed{0};
  {
    Monitor monitor(Counter::Notify, &counter);
    EXPECT_EQ(monitor.Start(), 0);
    for (int i = 0; i < 3; ++i) monitor.Add(std::unique_ptr<Source>(new Probe(&destroyed)));
    EXPECT_TRUE(!monitor.stopping());
    monitor.RequestStop();
    EXPECT_TRUE(monitor.stopping());
    EXPECT_TRUE(Counter::Until([&] { return monitor.finished(); }));
  }
  EXPECT_EQ(destroyed.load(), 3);
  EXPECT_TRUE(counter.calls >= 1);
}

TEST(monitors_made_and_destroyed_at_any_moment_leave_nothing) {
  std::atomic<int> destroyed{0};
  constexpr int kRounds = 50;
  for (int i = 0; i < kRounds; ++i) {
    Counter counter;
    Monitor monitor(Counter::Notify, &counter);
    EXPECT_EQ(monitor.Start(), 0);
    auto* probe = new Probe(&destroyed);
    probe->due.store(i % 2);
    monitor.Add(std::unique_ptr<Source>(probe));
    if (i % 3 == 0) monitor.Remove(probe);
  }
  EXPECT_EQ(destroyed.load(), kRounds);
}

TEST(the_real_sockets_give_the_loopback_and_the_devices_of_this_machine) {
  Counter counter;
  Monitor monitor(Counter::Notify, &counter);
  EXPECT_EQ(monitor.Start(), 0);
  int error = 0;
  auto links = LinkSource::Open(&error);
  EXPECT_EQ(error, 0);
  auto uevents = UeventSource::Open(&error);
  EXPECT_EQ(error, 0);
  if (links == nullptr || uevents == nullptr) return;
  LinkSource* link_source = links.get();
  UeventSource* uevent_source = uevents.get();
  monitor.Add(std::move(links));
  monitor.Add(std::move(uevents));
  bool loopback = false;
  EXPECT_TRUE(Counter::Until([&] {
    const LinkNews news = link_source->Take();
    for (const LinkChange& change : news.changes) loopback = loopback || change.link.name == "lo";
    return news.sync == Sync::kFirst;
  }));
  EXPECT_TRUE(loopback);
  EXPECT_TRUE(Counter::Until([&] {
    bool work = false;
    return uevent_source->Take(&work).sync == Sync::kFirst;
  }));
}

}  // namespace
}  // namespace sriov
