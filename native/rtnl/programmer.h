// Programming the VFs of one PF: all settings of a table, in as few messages as will do, and the exact
// failures if there are some.
//
// Owns one request from first send to report. Decides nothing about what should be: the table says so.
// Used by one thread, once. The channel, the table and the cost model outlive it.
//
// The kernel stops a message at the first setting that it refuses, keeps what went before, and says neither
// which VF nor which attribute it was. So: send packed; if a message is refused, find the culprit by reading
// the PF back and looking for the first setting that is not as asked, prove it by sending it alone, and go on
// with what follows it, packed again. Sending a setting twice is harmless, which everything here builds on.
#pragma once

#include "rtnl/cost_model.h"
#include "rtnl/program.h"
#include "rtnl/vf_reader.h"
#include "rtnl/vf_sender.h"

namespace sriov {

class Programmer {
 public:
  Programmer(Channel* channel, uint32_t ifindex, VfTable table, const ProgramOptions& options, CostModel* cost);

  ProgramResult Run();

 private:
  static constexpr uint64_t kFirstBackoffNs = 1000000;

  // A table as read, and the memory behind it.
  struct Snapshot {
    std::vector<uint64_t> storage;
    VfTable table;
  };
  struct Open {
    Refusal refusal;
    bool halve;  // reading back does not tell: halve instead
  };

  // Sending (programmer.cc)
  void SendAll();
  void SendSpan(const Span& span, std::vector<Refusal>* refused);
  size_t SendApart(const std::vector<Span>& spans, std::vector<Refusal>* refused);
  void SendEach(const std::vector<Position>& settings);
  void SendEach(const Span& span);
  void Collect(std::vector<Refusal>* refused);
  void RetryTransient();
  bool Wait(uint64_t* backoff_ns);
  bool Cancelled() const;
  bool Stopped() const;
  void Fail(Position at, FailureKind kind, int error, const std::string& extended_ack);
  void Refused(Position at, int error, const std::string& extended_ack);
  ReadError Read(Snapshot* into);
  void FillRateMaximum(const Snapshot& before);
  void Abandon(const Span& span);
  void NoteAbort();
  void Finish();

  // Finding out what was refused (attribution.cc)
  void Attribute(std::vector<Refusal> refused);
  void AttributeOne(Open open, std::vector<Open>* todo);
  bool LetIn(const Refusal& refusal);
  bool ResendWhole(Open* open, std::vector<Open>* todo);
  bool SplitOffUnsupported(Open* open, std::vector<Open>* todo);
  bool TryAlone(Position suspect, const Span& span, std::vector<Open>* todo);
  bool Convict(Position suspect, std::vector<Refusal>* refused);
  void Enqueue(std::vector<Refusal>* refused, bool halve, std::vector<Open>* todo);
  void Halve(const Refusal& refusal, std::vector<Open>* todo);
  bool SplitOffMissing(const Span& span, const Snapshot& now, std::vector<Open>* todo);
  bool FindSuspect(const Span& span, const Snapshot& now, Position* suspect, Settings* unseen);
  void SendAgain(const Span& span, std::vector<Open>* todo);
  void NothingSentFrom(Position at);

  // Checking and putting back (settle.cc)
  void Verify();
  uint32_t CompareAll(const Snapshot& now, bool give_up);
  void RollBack(const Snapshot& before);
  Settings NeverExecuted();

  Channel* channel_;
  const uint32_t ifindex_;
  VfTable table_;
  const ProgramOptions options_;
  CostModel* cost_;
  Wanted wanted_;
  VfSender sender_;
  VfReader reader_;
  ProgramResult result_;
  uint64_t started_ns_ = 0;
  uint64_t deadline_ns_ = 0;
  Position sent_until_ = 0;
  Position resent_until_ = 0;  // of it, what was sent while looking for a culprit
  uint32_t abandoned_ = 0;  // settings given up unsent
  std::vector<Refusal> transient_;  // single settings refused with "not now"; to be sent again
  // attribution
  uint32_t suspects_ = 0;
  bool let_in_ = false;
  Settings unsupported_ = 0;  // EOPNOTSUPP was seen for these
  Settings resent_settings_ = 0;  // perhaps executed for some VF while looking for a culprit
  Settings unreadable_ = 0;   // accepted, yet read back as something else
  Settings proven_ = 0;       // accepted when sent alone, and never read back
  bool has_accepted_ = false;
  Position accepted_ = 0;     // the last suspect that was accepted when sent alone
};

}  // namespace sriov
