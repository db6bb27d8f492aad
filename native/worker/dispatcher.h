// The pool that works on PFs off the event loop: in order on one PF, side by side on several.
// Owns the threads, their sockets, and a lane for each PF; never looks into a job.
//
// Threads of our own and not libuv's: rtnetlink executes a request inside sendmsg and waits there for rtnl,
// so four busy PFs would stop every file read and DNS look-up of the process. Few of them: rtnl is one lock,
// so a second thread mostly waits for the first; but one that sleeps between two tries gives its place away.
//
// Submit and Stop are called by one thread, the one that made it. Stop, and so the destructor, waits until
// the kernel has let go of every thread.
#pragma once

#include <pthread.h>

#include <deque>
#include <memory>
#include <vector>

#include "worker/job.h"

namespace sriov {

class Dispatcher {
 public:
  // Called on a thread of the pool with a job that is done; takes it over.
  using Done = void (*)(void* context, std::unique_ptr<Job> job);

  Dispatcher(Done done, void* context);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // 0, or the errno of pthread_create if there is no thread at all to do it; the job is then dropped.
  [[nodiscard]] int Submit(std::unique_ptr<Job> job);

  // Cancels what runs, drops what waits, joins the threads. Nothing can be submitted afterwards.
  void Stop();

 private:
  struct Lane {
    uint32_t ifindex = 0;
    std::deque<std::unique_ptr<Job>> waiting;
    bool taken = false;      // by a thread, until its job is reported
    Job* running = nullptr;  // while it may be cancelled
    CostModel cost;
  };
  class PoolSleeper;

  static void* ThreadMain(void* self);
  void Work();
  std::unique_ptr<Job> Take(Lane* lane);
  Lane* LaneOf(uint32_t ifindex);
  int AddThreadIfNeeded();

  const Done done_;
  void* const context_;
  const unsigned places_;  // threads that may work at the same time
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed_ = PTHREAD_COND_INITIALIZER;
  // All below is guarded by mutex_.
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::deque<Lane*> ready_;  // lanes with waiting jobs on which nobody works
  std::vector<pthread_t> threads_;
  unsigned idle_ = 0;     // threads that wait for work
  unsigned working_ = 0;  // threads that have a place
  bool stopping_ = false;
};

}  // namespace sriov
