#include "monitor/uevent_source.h"

#include <linux/netlink.h>

#include <cerrno>
#include <utility>

#include "monitor/lock.h"
#include "monitor/multicast_socket.h"
#include "monitor/uevent_message.h"

namespace sriov {
namespace {

// The kernel's own group; udev repeats them, after its rules, on the second.
constexpr uint32_t kKernelGroup = 1;

constexpr size_t kBatch = 256;
constexpr size_t kWholeQueue = 16384;  // more than the socket's queue can hold

}  // namespace

UeventSource::UeventSource(std::unique_ptr<Inbox> inbox, const char* sysfs) : inbox_(std::move(inbox)), sysfs_(sysfs) {}

std::unique_ptr<UeventSource> UeventSource::Open(int* error) {
  std::unique_ptr<MulticastSocket> inbox(new MulticastSocket);
  *error = inbox->Open(NETLINK_KOBJECT_UEVENT, kKernelGroup);
  if (*error != 0) return nullptr;
  return std::unique_ptr<UeventSource>(new UeventSource(std::move(inbox), "/sys"));
}

uint64_t UeventSource::due_ns() const {
  const MutexLock lock(&mutex_);
  return due_ns_;
}

bool UeventSource::Work(uint64_t now_ns) {
  if (failed_) return false;
  Drain(kBatch, true);
  bool due = false;
  {
    const MutexLock lock(&mutex_);
    if (lost_ && due_ns_ == 0 && !overflowed_) due_ns_ = now_ns > not_before_ns_ ? now_ns : not_before_ns_;
    due = due_ns_ != 0 && now_ns >= due_ns_;
  }
  if (due) Rescan(now_ns);
  return Publish();
}

// Takes in at most `most` datagrams. A loss is remembered.
void UeventSource::Drain(size_t most, bool keep) {
  for (size_t taken = 0; taken < most; ++taken) {
    size_t size = 0;
    const int error = inbox_->Receive(&buffer_, &size);
    if (error == EAGAIN) return;
    if (error != 0) {
      lost_ = true;
      if (error != ENOBUFS) return;
      continue;
    }
    std::string_view text;
    if (!keep || !IsOurUevent({buffer_.data(), size}, &text)) continue;
    const MutexLock lock(&mutex_);
    if (overflowed_) continue;
    if (queue_.size() == kMostQueued) {
      queue_.clear();
      overflowed_ = true;
      continue;
    }
    queue_.emplace_back(text);
  }
}

// What is queued before the scan is seen by the scan, and would only confuse after it.
void UeventSource::Rescan(uint64_t now_ns) {
  Drain(kWholeQueue, false);
  lost_ = false;
  std::vector<ScannedDevice> devices;
  const int error = ScanDevices(sysfs_, &devices);
  const MutexLock lock(&mutex_);
  if (error != 0) {
    lost_ = true;
    due_ns_ = now_ns + (kResyncPauseNs << tries_);
    if (++tries_ < kMostResyncTries) return;
    failed_ = true;
    due_ns_ = 0;
    error_ = error;
    return;
  }
  tries_ = 0;
  due_ns_ = 0;
  not_before_ns_ = now_ns + kResyncPauseNs;
  queue_.clear();
  scan_ = std::move(devices);
  if (sync_ != Sync::kFirst) sync_ = first_ ? Sync::kFirst : Sync::kAfterLoss;
  first_ = false;
}

bool UeventSource::Publish() const {
  const MutexLock lock(&mutex_);
  return !queue_.empty() || sync_ != Sync::kNone || overflowed_ || error_ != 0;
}

UeventNews UeventSource::Take(bool* work) {
  const MutexLock lock(&mutex_);
  UeventNews news;
  news.error = error_;
  *work = overflowed_;
  // Only now that the loop has come is a scan worth while; taken before, its successors would be dropped again.
  if (overflowed_) {
    overflowed_ = false;
    due_ns_ = 1;
  }
  news.sync = sync_;
  news.scan.swap(scan_);
  news.uevents.swap(queue_);
  sync_ = Sync::kNone;
  return news;
}

}  // namespace sriov
