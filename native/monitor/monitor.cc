#include "monitor/monitor.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "base/clock.h"
#include "monitor/lock.h"

namespace sriov {
namespace {

constexpr size_t kStackBytes = 256 << 10;

// Milliseconds to wait until the first source is due; -1 for as long as it takes.
int TimeoutMs(const std::vector<Source*>& sources, uint64_t now_ns) {
  uint64_t first = 0;
  for (const Source* source : sources) {
    const uint64_t due = source->due_ns();
    if (due != 0 && (first == 0 || due < first)) first = due;
  }
  if (first == 0) return -1;
  return first <= now_ns ? 0 : static_cast<int>((first - now_ns) / 1'000'000 + 1);
}

}  // namespace

Monitor::~Monitor() {
  RequestStop();
  if (started_) pthread_join(thread_, nullptr);
}

int Monitor::Start() {
  wake_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_.valid()) return errno;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  // The process's signals belong to its main thread.
  sigset_t all;
  sigset_t old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  const int error = pthread_create(&thread_, &attributes, &Monitor::ThreadMain, this);
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  pthread_attr_destroy(&attributes);
  started_ = error == 0;
  return error;
}

void Monitor::Add(std::unique_ptr<Source> source) {
  {
    const MutexLock lock(&mutex_);
    slots_.push_back({std::move(source), false});
  }
  Wake();
}

void Monitor::Remove(Source* source) {
  {
    const MutexLock lock(&mutex_);
    for (Slot& slot : slots_) slot.removed = slot.removed || slot.source.get() == source;
  }
  Wake();
}

void Monitor::Wake() {
  const uint64_t one = 1;
  // It can only fail when it is at its limit, and then the thread is woken all the same.
  (void)!write(wake_.get(), &one, sizeof one);
}

void Monitor::RequestStop() {
  stopping_ = true;
  {
    const MutexLock lock(&mutex_);
    stop_ = true;
  }
  Wake();
}

void* Monitor::ThreadMain(void* self) {
  static_cast<Monitor*>(self)->Run();
  return nullptr;
}

// The sources that are there, without those that were removed, which it destroys. False if the thread is to end.
bool Monitor::Collect(std::vector<Source*>* sources) {
  std::vector<std::unique_ptr<Source>> removed;  // destroyed after the lock is released
  const MutexLock lock(&mutex_);
  sources->clear();
  for (size_t i = 0; i < slots_.size();) {
    if (!slots_[i].removed) {
      sources->push_back(slots_[i++].source.get());
      continue;
    }
    removed.push_back(std::move(slots_[i].source));
    slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return !stop_;
}

void Monitor::Run() {
  std::vector<Source*> sources;
  std::vector<pollfd> watched;
  while (Collect(&sources)) {
    watched.assign(1, {wake_.get(), POLLIN, 0});
    for (const Source* source : sources) watched.push_back({source->fd(), POLLIN, 0});
    (void)poll(watched.data(), watched.size(), TimeoutMs(sources, MonotonicNs()));
    uint64_t wakes = 0;
    if (watched[0].revents != 0) (void)!read(wake_.get(), &wakes, sizeof wakes);
    bool news = false;
    for (size_t i = 0; i < sources.size(); ++i) {
      const uint64_t now = MonotonicNs();
      const uint64_t due = sources[i]->due_ns();
      if (watched[i + 1].revents != 0 || (due != 0 && due <= now)) news = sources[i]->Work(now) || news;
    }
    if (news) notify_(context_);
  }
  finished_.store(true, std::memory_order_release);
  notify_(context_);
}

}  // namespace sriov
