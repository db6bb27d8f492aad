// The pool: in order on one PF, coalesced where jobs wait, ended in mid-work without leaving a thread or a job.
// Jobs here do not talk to a kernel: they are counted, held and let go.
#include "worker/dispatcher.h"

#include <dirent.h>

#include <cerrno>

#include "base/clock.h"
#include "test.h"

namespace sriov {
namespace {

struct Log {
  std::atomic<uint32_t> made{0};
  std::atomic<uint32_t> gone{0};
  std::atomic<uint32_t> running{0};
  std::atomic<uint32_t> overlapping{0};  // two at a time on one PF
  std::atomic<uint32_t> lane_running[8] = {};
  std::atomic<uint32_t> done{0};
  std::atomic<uint32_t> out_of_order{0};
  std::atomic<uint32_t> last[8] = {};
  std::atomic<bool> hold{false};
};

class CountedJob final : public Job {
 public:
  CountedJob(Log* log, uint32_t ifindex, uint32_t number, bool absorbs)
      : Job(ifindex), log_(log), number_(number), absorbs_(absorbs) {
    ++log_->made;
  }
  ~CountedJob() override { ++log_->gone; }
  void Run(const JobContext& context) override {
    if (++log_->lane_running[ifindex()] > 1) ++log_->overlapping;
    ++log_->running;
    while (log_->hold && !cancelled_) context.sleeper->Sleep(200000);
    --log_->running;
    --log_->lane_running[ifindex()];
  }
  bool Absorb(std::unique_ptr<Job>* next) override {
    if (!absorbs_) return false;
    absorbed_.push_back(std::move(*next));
    return true;
  }
  Log* log() { return log_; }
  uint32_t number() const { return number_; }
  uint32_t size() const { return 1 + static_cast<uint32_t>(absorbed_.size()); }

 private:
  Log* log_;
  const uint32_t number_;
  const bool absorbs_;
  std::vector<std::unique_ptr<Job>> absorbed_;
};

void Done(void* context, std::unique_ptr<Job> job) {
  auto* log = static_cast<Log*>(context);
  const auto* counted = static_cast<CountedJob*>(job.get());
  if (counted->number() <= log->last[job->ifindex()]) ++log->out_of_order;
  log->last[job->ifindex()] = counted->number();
  log->done += counted->size();
}

std::unique_ptr<Job> Make(Log* log, uint32_t ifindex, uint32_t number, bool absorbs = false) {
  return std::unique_ptr<Job>(new CountedJob(log, ifindex, number, absorbs));
}

template <typename Condition>
bool Eventually(Condition condition) {
  for (int i = 0; i < 20000; ++i) {
    if (condition()) return true;
    SleepNs(1000000);
  }
  return false;
}

size_t Threads() {
  size_t count = 0;
  DIR* folder = opendir("/proc/self/task");
  while (const dirent* entry = readdir(folder)) count += entry->d_name[0] != '.';
  closedir(folder);
  return count;
}

TEST(dispatcher_keeps_the_order_of_a_pf_and_runs_one_at_a_time_on_it) {
  Log log;
  Dispatcher pool(&Done, &log);
  for (uint32_t number = 1; number <= 200; ++number) {
    for (uint32_t pf = 0; pf < 8; ++pf) EXPECT_EQ(pool.Submit(Make(&log, pf, number)), 0);
  }
  EXPECT_TRUE(Eventually([&] { return log.done == 1600; }));
  EXPECT_EQ(log.out_of_order.load(), 0u);
  EXPECT_EQ(log.overlapping.load(), 0u);
}

TEST(dispatcher_lets_other_pfs_work_while_one_waits) {
  Log log;
  log.hold = true;
  Dispatcher pool(&Done, &log);
  for (uint32_t pf = 0; pf < 8; ++pf) EXPECT_EQ(pool.Submit(Make(&log, pf, 1)), 0);
  EXPECT_TRUE(Eventually([&] { return log.running == 8; }));  // all asleep in turn, on few processors
  log.hold = false;
  EXPECT_TRUE(Eventually([&] { return log.done == 8; }));
}

TEST(dispatcher_sends_together_what_queued_up) {
  Log log;
  log.hold = true;
  Dispatcher pool(&Done, &log);
  EXPECT_EQ(pool.Submit(Make(&log, 1, 1, true)), 0);
  EXPECT_TRUE(Eventually([&] { return log.running == 1; }));
  for (uint32_t number = 2; number <= 50; ++number) EXPECT_EQ(pool.Submit(Make(&log, 1, number, true)), 0);
  log.hold = false;
  EXPECT_TRUE(Eventually([&] { return log.done == 50; }));
  EXPECT_EQ(log.last[1].load(), 2u);  // the second took in all others
}

TEST(dispatcher_stopped_in_mid_work_leaves_no_thread_and_no_job) {
  const size_t threads = Threads();
  for (int round = 0; round < 20; ++round) {
    Log log;
    log.hold = true;
    {
      Dispatcher pool(&Done, &log);
      for (uint32_t number = 1; number <= 5; ++number) {
        for (uint32_t pf = 0; pf < 8; ++pf) EXPECT_EQ(pool.Submit(Make(&log, pf, number)), 0);
      }
      if (round % 2 == 0) EXPECT_TRUE(Eventually([&] { return log.running > 0; }));
      pool.Stop();
      EXPECT_EQ(pool.Submit(Make(&log, 1, 6)), ECANCELED);
    }
    EXPECT_EQ(log.made.load(), log.gone.load());
    EXPECT_EQ(log.running.load(), 0u);
  }
  // A joined thread leaves /proc a moment later.
  EXPECT_TRUE(Eventually([&] { return Threads() == threads; }));
}

}  // namespace
}  // namespace sriov
