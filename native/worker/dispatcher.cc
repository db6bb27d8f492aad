#include "worker/dispatcher.h"

#include <linux/netlink.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/clock.h"
#include "netlink/socket.h"

namespace sriov {
namespace {

constexpr unsigned kMostPlaces = 4;
constexpr unsigned kMostThreads = 16;
constexpr size_t kStackBytes = 256 << 10;

// All but one processor: the kernel may run a request for milliseconds without letting go of its processor
// (no preemption on most distributions), and the event loop needs one to run on.
unsigned PlacesOfMachine() {
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  if (processors <= 2) return 1;
  return processors > static_cast<long>(kMostPlaces) ? kMostPlaces : static_cast<unsigned>(processors - 1);
}

class Lock {
 public:
  explicit Lock(pthread_mutex_t* mutex) : mutex_(mutex) { pthread_mutex_lock(mutex_); }
  ~Lock() { pthread_mutex_unlock(mutex_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  pthread_mutex_t* mutex_;
};

}  // namespace

// A thread that sleeps gives its place to another one and takes one again before it goes on.
class Dispatcher::PoolSleeper final : public Sleeper {
 public:
  explicit PoolSleeper(Dispatcher* pool) : pool_(pool) {}
  void Sleep(uint64_t ns) override {
    {
      Lock lock(&pool_->mutex_);
      --pool_->working_;
      (void)pool_->AddThreadIfNeeded();
      pthread_cond_signal(&pool_->changed_);
    }
    SleepNs(ns);
    Lock lock(&pool_->mutex_);
    ++pool_->working_;  // may be one too many for a while; waiting here could deadlock with Stop
  }

 private:
  Dispatcher* pool_;
};

Dispatcher::Dispatcher(Done done, void* context) : done_(done), context_(context), places_(PlacesOfMachine()) {}

Dispatcher::~Dispatcher() { Stop(); }

Dispatcher::Lane* Dispatcher::LaneOf(uint32_t ifindex) {
  for (const auto& lane : lanes_) {
    if (lane->ifindex == ifindex) return lane.get();
  }
  lanes_.push_back(std::unique_ptr<Lane>(new Lane));
  lanes_.back()->ifindex = ifindex;
  return lanes_.back().get();
}

int Dispatcher::AddThreadIfNeeded() {
  if (stopping_ || ready_.empty() || idle_ > 0 || working_ >= places_ || threads_.size() >= kMostThreads) return 0;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  // The process's signals belong to its main thread.
  sigset_t all;
  sigset_t old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, &Dispatcher::ThreadMain, this);
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0) return threads_.empty() ? error : 0;
  threads_.push_back(thread);
  return 0;
}

int Dispatcher::Submit(std::unique_ptr<Job> job) {
  Lock lock(&mutex_);
  if (stopping_) return ECANCELED;
  Lane* lane = LaneOf(job->ifindex());
  const bool free = !lane->taken && lane->waiting.empty();
  lane->waiting.push_back(std::move(job));
  if (free) ready_.push_back(lane);
  const int error = AddThreadIfNeeded();
  if (error != 0) {
    lane->waiting.pop_back();
    if (free) ready_.pop_back();
    return error;
  }
  pthread_cond_signal(&changed_);
  return 0;
}

void Dispatcher::Stop() {
  std::vector<pthread_t> threads;
  {
    Lock lock(&mutex_);
    stopping_ = true;
    ready_.clear();
    for (const auto& lane : lanes_) {
      lane->waiting.clear();
      if (lane->running != nullptr) lane->running->Cancel();
    }
    threads.swap(threads_);
    pthread_cond_broadcast(&changed_);
  }
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
}

void* Dispatcher::ThreadMain(void* self) {
  static_cast<Dispatcher*>(self)->Work();
  return nullptr;
}

// The first waiting job of the lane, with those behind it that can go along.
std::unique_ptr<Job> Dispatcher::Take(Lane* lane) {
  std::unique_ptr<Job> job = std::move(lane->waiting.front());
  lane->waiting.pop_front();
  while (!lane->waiting.empty() && job->Absorb(&lane->waiting.front())) lane->waiting.pop_front();
  lane->taken = true;
  lane->running = job.get();
  return job;
}

void Dispatcher::Work() {
  NetlinkSocket socket;
  PoolSleeper sleeper(this);
  pthread_mutex_lock(&mutex_);
  while (!stopping_) {
    if (ready_.empty() || working_ >= places_) {
      ++idle_;
      pthread_cond_wait(&changed_, &mutex_);
      --idle_;
      continue;
    }
    Lane* lane = ready_.front();
    ready_.pop_front();
    std::unique_ptr<Job> job = Take(lane);
    ++working_;
    pthread_mutex_unlock(&mutex_);

    const int error = socket.is_open() ? 0 : socket.Open(NETLINK_ROUTE);
    job->Run({&socket, error, &lane->cost, &sleeper});

    pthread_mutex_lock(&mutex_);
    lane->running = nullptr;
    pthread_mutex_unlock(&mutex_);
    // Before anyone may take the lane's next job, so that jobs of a PF are also reported in order.
    done_(context_, std::move(job));
    pthread_mutex_lock(&mutex_);
    --working_;
    lane->taken = false;
    if (!lane->waiting.empty()) ready_.push_back(lane);
    pthread_cond_signal(&changed_);
  }
  pthread_mutex_unlock(&mutex_);
}

}  // namespace sriov
