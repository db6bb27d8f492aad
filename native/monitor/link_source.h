// The links of a network namespace, kept current: notifications, and a dump at the beginning and after each loss.
//
// Owns the order of the two: the socket is subscribed before the dump, so what the dump misses is queued; what is
// queued may be older than the dump, so it is all taken in before anyone looks. Never tells of a difference that is
// none.
#pragma once

#include <pthread.h>

#include <memory>
#include <vector>

#include "monitor/inbox.h"
#include "monitor/link_dump.h"
#include "monitor/link_table.h"
#include "monitor/source.h"
#include "netlink/attribute.h"

namespace sriov {

struct LinkNews {
  std::vector<LinkChange> changes;
  Sync sync = Sync::kNone;  // holds after the changes
  int error = 0;            // errno: the source has given up
};

class LinkSource final : public Source {
 public:
  // `inbox` is subscribed already; `channel` is for dumps; `sysfs` is where sysfs is mounted, and must outlive it.
  LinkSource(std::unique_ptr<Inbox> inbox, std::unique_ptr<Channel> channel, const char* sysfs);
  // With sockets of the calling thread's network namespace. nullptr and an errno if they cannot be had.
  static std::unique_ptr<LinkSource> Open(int* error);

  int fd() const override { return failed_ ? -1 : inbox_->fd(); }
  uint64_t due_ns() const override { return due_ns_; }
  [[nodiscard]] bool Work(uint64_t now_ns) override;

  // From any thread.
  [[nodiscard]] LinkNews Take();

 private:
  void Drain(size_t most);
  void TakeIn(Bytes datagram);
  void Name(Link* link);
  void Resync(uint64_t now_ns);
  void Retry(uint64_t now_ns, int error);
  bool Publish();

  const std::unique_ptr<Inbox> inbox_;
  const std::unique_ptr<Channel> channel_;
  const char* const sysfs_;
  std::vector<uint8_t> buffer_;
  uint64_t due_ns_ = 1;  // the first dump is due at once
  uint64_t not_before_ns_ = 0;
  uint32_t tries_ = 0;
  bool lost_ = false;
  bool failed_ = false;
  bool first_ = true;
  bool parents_told_ = false;  // the kernel is one that names parents

  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  // Guarded by mutex_.
  LinkTable table_;
  Sync sync_ = Sync::kNone;
  int error_ = 0;
  bool settling_ = false;  // a dump is in, older notifications are still to come: nothing may be taken
};

}  // namespace sriov
