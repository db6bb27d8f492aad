// One thread that waits for the kernel's notifications, for all sources of one JavaScript environment.
//
// A thread with poll(2) and not uv_poll: after an overrun the socket polls as POLLIN|POLLERR, which libuv answers by
// ending the watch (uv__poll_io, src/unix/poll.c), and the dump that heals it waits for rtnl.
//
// Add, Remove and Wake are called by one thread, the one that made it. The destructor waits until the thread has
// ended, which a dump may hold up for as long as others hold rtnl: RequestStop and wait for `finished` to avoid that.
#pragma once

#include <pthread.h>

#include <atomic>
#include <memory>
#include <vector>

#include "base/unique_fd.h"
#include "monitor/source.h"

namespace sriov {

class Monitor {
 public:
  // Called on the monitor's thread when a source has news, and once when the thread ends.
  using Notify = void (*)(void* context);

  Monitor(Notify notify, void* context) : notify_(notify), context_(context) {}
  ~Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // Starts the thread. 0 or an errno.
  [[nodiscard]] int Start();
  void Add(std::unique_ptr<Source> source);
  // The source must not be used any more: the thread will destroy it.
  void Remove(Source* source);
  // Makes the thread ask every source when it is due.
  void Wake();
  void RequestStop();
  // The thread has made its last call of notify.
  bool finished() const { return finished_.load(std::memory_order_acquire); }
  bool stopping() const { return stopping_; }

 private:
  struct Slot {
    std::unique_ptr<Source> source;
    bool removed = false;
  };

  static void* ThreadMain(void* self);
  void Run();
  bool Collect(std::vector<Source*>* sources);

  const Notify notify_;
  void* const context_;
  UniqueFd wake_;
  pthread_t thread_{};
  bool started_ = false;
  bool stopping_ = false;  // as the owner knows it
  std::atomic<bool> finished_{false};
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  // Guarded by mutex_. Only the thread takes slots out.
  std::vector<Slot> slots_;
  bool stop_ = false;
};

}  // namespace sriov
