// A piece of work on one PF, done on a thread of the pool and handed back to whoever asked.
// Owns what it needs and what came of it; nothing in here knows JavaScript.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/sleeper.h"
#include "netlink/channel.h"
#include "rtnl/cost_model.h"
#include "rtnl/program.h"
#include "rtnl/vf_reader.h"

namespace sriov {

// What a thread of the pool has at hand. `channel_error` is an errno if there is no channel.
struct JobContext {
  Channel* channel;
  int channel_error;
  CostModel* cost;
  Sleeper* sleeper;
};

class Job {
 public:
  explicit Job(uint32_t ifindex) : ifindex_(ifindex) {}
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  virtual void Run(const JobContext& context) = 0;

  // Takes in `next`, the job that waits behind this one on the same PF, so that both go out together. False
  // if they cannot; `next` is then untouched.
  virtual bool Absorb(std::unique_ptr<Job>* next) {
    (void)next;
    return false;
  }

  virtual bool is_program() const { return false; }
  uint32_t ifindex() const { return ifindex_; }
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }

 protected:
  std::atomic<bool> cancelled_{false};

 private:
  const uint32_t ifindex_;
};

// Reads the VFs of a PF.
class ReadJob final : public Job {
 public:
  ReadJob(uint32_t ifindex, bool stats) : Job(ifindex), stats_(stats) {}
  void Run(const JobContext& context) override;

  ReadError error;
  VfListHead head;  // its `list` is gone once the job is done
  std::vector<uint64_t> storage;

 private:
  const bool stats_;
};

// Programs the VFs of a PF. Holds a copy of the table, so the caller may go on with his.
class ProgramJob final : public Job {
 public:
  // `stoppable`: somebody may cancel it, so that it must not be mixed with another one.
  ProgramJob(uint32_t ifindex, std::vector<uint64_t> table, const ProgramOptions& options, bool stoppable);

  void Run(const JobContext& context) override;

  // Two requests go out in one message if nobody can tell the difference: neither is all-or-nothing or
  // stoppable, both have the same options, and no VF is in both (a later setting must not overtake an
  // earlier one that is being retried).
  bool Absorb(std::unique_ptr<Job>* next) override;
  bool is_program() const override { return true; }

  // The absorbed jobs, each with its own result once this one has run.
  std::vector<std::unique_ptr<ProgramJob>>& absorbed() { return absorbed_; }
  uint32_t coalesced() const { return coalesced_; }
  ProgramResult result;

 private:
  bool Overlaps(const VfTable& other);
  void Merge(std::vector<uint64_t>* storage, VfTable* merged) const;
  void Share(const ProgramResult& whole);

  std::vector<uint64_t> storage_;
  VfTable table_;
  ProgramOptions options_;
  const bool stoppable_;
  uint32_t rows_ = 0;      // of this job and those absorbed
  uint32_t coalesced_ = 1;
  std::vector<uint64_t> vfs_;  // bit set of the VFs named, made when the first other job is looked at
  std::vector<std::unique_ptr<ProgramJob>> absorbed_;
};

}  // namespace sriov
