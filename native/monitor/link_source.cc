#include "monitor/link_source.h"

#include <linux/rtnetlink.h>

#include <cerrno>
#include <utility>

#include "monitor/device_name.h"
#include "monitor/link_message.h"
#include "monitor/lock.h"
#include "monitor/multicast_socket.h"
#include "netlink/reply.h"
#include "netlink/socket.h"

namespace sriov {
namespace {

// Datagrams taken in before the event loop is told, so that it hears of a storm while it lasts.
constexpr size_t kBatch = 256;
// More than the socket's queue can hold: all that was queued when the dump ended.
constexpr size_t kWholeQueue = 16384;

}  // namespace

LinkSource::LinkSource(std::unique_ptr<Inbox> inbox, std::unique_ptr<Channel> channel, const char* sysfs)
    : inbox_(std::move(inbox)), channel_(std::move(channel)), sysfs_(sysfs) {}

std::unique_ptr<LinkSource> LinkSource::Open(int* error) {
  std::unique_ptr<MulticastSocket> inbox(new MulticastSocket);
  std::unique_ptr<NetlinkSocket> channel(new NetlinkSocket);
  *error = inbox->Open(NETLINK_ROUTE, RTMGRP_LINK);
  if (*error == 0) *error = channel->Open(NETLINK_ROUTE);
  if (*error != 0) return nullptr;
  return std::unique_ptr<LinkSource>(new LinkSource(std::move(inbox), std::move(channel), "/sys"));
}

bool LinkSource::Work(uint64_t now_ns) {
  if (failed_) return false;
  Drain(kBatch);
  if (lost_ && due_ns_ == 0) due_ns_ = now_ns > not_before_ns_ ? now_ns : not_before_ns_;
  if (due_ns_ != 0 && now_ns >= due_ns_) Resync(now_ns);
  return Publish();
}

// Takes in at most `most` datagrams. A loss is remembered.
void LinkSource::Drain(size_t most) {
  for (size_t taken = 0; taken < most; ++taken) {
    size_t size = 0;
    const int error = inbox_->Receive(&buffer_, &size);
    if (error == EAGAIN) return;
    if (error == 0) {
      TakeIn({buffer_.data(), size});
      continue;
    }
    // Whatever else recvmsg may say, a notification did not come.
    lost_ = true;
    if (error != ENOBUFS) return;
  }
}

void LinkSource::TakeIn(Bytes datagram) {
  ReplyReader messages(datagram);
  Reply message;
  const MutexLock lock(&mutex_);
  while (messages.Next(&message)) {
    if (message.type != RTM_NEWLINK && message.type != RTM_DELLINK) continue;
    Link link;
    const LinkMessage what = ParseLinkMessage(message.payload, &link);
    if (what == LinkMessage::kMalformed) lost_ = true;
    if (what == LinkMessage::kMalformed || what == LinkMessage::kOther) continue;
    if (message.type == RTM_DELLINK) {
      table_.Remove(link.ifindex);
    } else if (what == LinkMessage::kPartial) {
      table_.Touch(link.ifindex);
    } else {
      Name(&link);
      table_.Put(std::move(link), false);
    }
  }
  // What cannot be read may have been anything.
  lost_ = lost_ || messages.malformed();
}

// A link that is known under the same parent and name keeps its device, so that sysfs is asked once for each link,
// and not by a name that is out of date.
void LinkSource::Name(Link* link) {
  parents_told_ = parents_told_ || !link->parent.empty();
  const Link* known = table_.Find(link->ifindex);
  if (known != nullptr && known->parent == link->parent && (!known->device.empty() || known->name == link->name)) {
    link->device = known->device;
    link->bus = known->bus;
    return;
  }
  NameDevice(sysfs_, !parents_told_, link);
}

void LinkSource::Resync(uint64_t now_ns) {
  // A socket that overflowed takes in nothing until its queue is empty (netlink_rcv_wake).
  Drain(kWholeQueue);
  lost_ = false;
  LinkDump dump;
  if (const int error = DumpLinks(channel_.get(), &dump)) {
    lost_ = true;
    Retry(now_ns, error);
    return;
  }
  {
    const MutexLock lock(&mutex_);
    settling_ = true;
    table_.BeginDump();
    for (Link& link : dump.links) {
      Name(&link);
      table_.Put(std::move(link), true);
    }
    table_.EndDump(dump.interrupted);
  }
  Drain(kWholeQueue);
  tries_ = 0;
  not_before_ns_ = now_ns + kResyncPauseNs;
  const bool complete = !dump.interrupted && !lost_;
  due_ns_ = complete ? 0 : not_before_ns_;
  const MutexLock lock(&mutex_);
  settling_ = false;
  if (!complete) return;
  // The first one is still the first when a loss was healed before it was taken.
  if (sync_ != Sync::kFirst) sync_ = first_ ? Sync::kFirst : Sync::kAfterLoss;
  first_ = false;
}

void LinkSource::Retry(uint64_t now_ns, int error) {
  due_ns_ = now_ns + (kResyncPauseNs << tries_);
  if (++tries_ < kMostResyncTries) return;
  failed_ = true;
  due_ns_ = 0;
  const MutexLock lock(&mutex_);
  error_ = error;
}

bool LinkSource::Publish() {
  const MutexLock lock(&mutex_);
  return table_.has_changes() || sync_ != Sync::kNone || error_ != 0;
}

LinkNews LinkSource::Take() {
  const MutexLock lock(&mutex_);
  LinkNews news;
  if (settling_) return news;
  news.changes = table_.Take();
  news.sync = sync_;
  news.error = error_;
  sync_ = Sync::kNone;
  return news;
}

}  // namespace sriov
