// A kernel with one PF that refuses on demand.
//
// It is for errors that a real kernel will not produce when asked to: a driver's EBUSY that ends at the
// third try, a setting accepted and never shown, a PF that goes away between two messages. What programming
// does to a real PF is proven on a real kernel, by the kernel tests; nothing here is evidence for that.
//
// It does as netlink_rcv_skb, netlink_ack (net/netlink/af_netlink.c), rtnl_setlink, do_setvfinfo and
// rtnl_getlink (net/core/rtnetlink.c) do: one message after the other before Send returns, answers to
// failures alone unless NLM_F_ACK, the rest of a datagram dropped at a bad length, a fixed order inside one
// IFLA_VF_INFO, a stop at the first error that leaves what went before. fake_setlink.cc is the last of these.
#pragma once

#include <atomic>
#include <cerrno>
#include <deque>
#include <string>
#include <vector>

#include "fake_link.h"
#include "netlink/attribute.h"
#include "netlink/channel.h"

namespace sriov {

constexpr uint32_t kEveryVf = 0xffffffff;
constexpr uint32_t kAlways = 0xffffffff;

// The driver's answer to a setting, instead of doing it.
struct Fault {
  uint32_t vf;
  Settings settings;
  int error;
  uint32_t times;  // how often; then it works
};

class FakeKernel final : public Channel {
 public:
  static constexpr uint32_t kIfindex = 7;

  explicit FakeKernel(uint32_t num_vf) : vfs(num_vf), shown_(num_vf) { link.num_vf = num_vf; }

  int Send(const uint8_t* data, size_t size) override;
  int Receive(std::vector<uint8_t>* buffer, size_t* size) override;
  size_t max_send() const override { return send_limit; }
  size_t max_unread() const override { return claimed_unread; }

  // The truth, whatever reads show. `Show` makes reads show it too, as it is now.
  std::vector<VfValues> vfs;
  void Show() { shown_ = vfs; }

  // The PF, and how it is described.
  LinkShape link;
  bool infiniband = false;  // else a GUID is EOPNOTSUPP (do_setvfinfo)

  // Faults of the driver.
  void Refuse(uint32_t vf, Settings settings, int error, uint32_t times = kAlways) {
    faults_.push_back({vf, settings, error, times});
  }
  void ForgetFaults() { faults_.clear(); }
  Settings never_shown = 0;         // accepted, but a read goes on showing what `Show` fixed
  uint32_t shown_after_reads = 0;   // a change is shown by the n-th read after it only
  uint64_t ns_per_setting = 0;      // time that the driver takes to accept one; a refusal is instant

  // Faults of the rest.
  bool permitted = true;                   // else EPERM for all but reads (rtnetlink_rcv_msg)
  std::string refusal_text;                // extended ack of EPERM and ENODEV
  uint32_t gone_after_messages = kAlways;  // then ENODEV: the PF is unregistered
  std::vector<int> read_errors;            // errno of the next reads, taken from the front
  std::vector<int> receive_errors;         // of the next receives that find a datagram, which is then lost
  int send_error = 0;                      // of each send from `send_error_after` on
  uint32_t send_error_after = 0;
  std::atomic<bool>* cancel = nullptr;     // set after `cancel_after_messages`
  uint32_t cancel_after_messages = kAlways;

  // The socket: SO_SNDBUF less 32, short replies that fit into SO_RCVBUF, and what Channel says of that.
  size_t send_limit = 212960;
  size_t queue_limit = 221;
  size_t claimed_unread = 208;
  size_t first_buffer = 4096;  // of Receive; small, so that growing is exercised
  bool capped_acks = true;     // NETLINK_CAP_ACK

  // What was asked of it.
  uint32_t sends = 0;
  uint32_t receives = 0;
  uint32_t messages = 0;
  uint32_t setlinks = 0;
  uint32_t reads = 0;
  std::vector<uint32_t> holds;    // settings that each RTM_SETLINK reached, the refused one among them
  std::vector<uint32_t> settings_seen;  // how often each setting was reached, by vf * 16 + setting
  size_t longest_list = 0;        // bytes of the longest IFLA_VFINFO_LIST, its header included

  // Puts a datagram on the queue, as if it were left over from before.
  void Queue(std::vector<uint8_t> datagram);
  size_t queued() const { return queue_.size(); }

 private:
  struct Late {
    uint32_t vf;
    uint32_t fields;
    VfValues values;
    uint32_t reads_left;
  };

  void Execute(const nlmsghdr& header, Bytes body, Bytes whole);
  int Handle(const nlmsghdr& header, Bytes body);
  void Acknowledge(const nlmsghdr& request, Bytes whole, int error);
  int GetLink(uint32_t seq, Bytes body);
  void Ripen();

  // fake_setlink.cc
  int SetLink(Bytes body);
  int SetVfInfo(Bytes entry);
  int Apply(uint32_t vf, uint32_t setting, uint32_t fields, const VfValues& values);
  int DriverSays(uint32_t vf, uint32_t setting, const VfValues& values);

  std::vector<VfValues> shown_;
  std::vector<Late> late_;
  std::vector<Fault> faults_;
  std::deque<std::vector<uint8_t>> queue_;
  bool congested_ = false;
  bool overrun_ = false;
};

}  // namespace sriov
