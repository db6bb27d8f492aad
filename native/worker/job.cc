#include "worker/job.h"

#include <cerrno>

#include "rtnl/programmer.h"

namespace sriov {

void ReadJob::Run(const JobContext& context) {
  if (context.channel_error != 0) {
    error.error = context.channel_error;
    return;
  }
  VfReader reader;
  VfTable table;
  error = reader.Fetch(context.channel, ifindex(), stats_, &head);
  if (error.error == 0 && !DecodeVfList(head, stats_, &storage, &table)) error.error = EBADMSG;
  head.list = {};
}

ProgramJob::ProgramJob(uint32_t ifindex, std::vector<uint64_t> table, const ProgramOptions& options, bool stoppable)
    : Job(ifindex), storage_(std::move(table)), options_(options), stoppable_(stoppable) {
  // The caller has checked that it is a table.
  (void)table_.Attach(reinterpret_cast<uint8_t*>(storage_.data()), storage_.size() * sizeof(uint64_t));
  rows_ = table_.rows();
}

void ProgramJob::Run(const JobContext& context) {
  if (context.channel_error != 0) {
    result.error = context.channel_error;
    for (auto& job : absorbed_) job->result.error = context.channel_error;
    return;
  }
  options_.cancelled = &cancelled_;
  options_.sleeper = context.sleeper;
  if (absorbed_.empty()) {
    result = Programmer(context.channel, ifindex(), table_, options_, context.cost).Run();
    return;
  }
  std::vector<uint64_t> storage;
  VfTable merged;
  Merge(&storage, &merged);
  Share(Programmer(context.channel, ifindex(), merged, options_, context.cost).Run());
}

bool ProgramJob::Overlaps(const VfTable& other) {
  constexpr uint32_t kWords = kMaxTableRows / 64;
  if (vfs_.empty()) {
    vfs_.assign(kWords, 0);
    for (uint32_t row = 0; row < table_.rows(); ++row) {
      const uint32_t vf = table_.vf(row) % kMaxTableRows;
      vfs_[vf / 64] |= uint64_t{1} << (vf % 64);
    }
  }
  for (uint32_t row = 0; row < other.rows(); ++row) {
    const uint32_t vf = other.vf(row) % kMaxTableRows;
    if ((vfs_[vf / 64] >> (vf % 64) & 1) != 0) return true;
  }
  return false;
}

bool ProgramJob::Absorb(std::unique_ptr<Job>* next) {
  // Jobs of one lane are reads or programs; RTTI is not there to ask which.
  if (!(*next)->is_program()) return false;
  auto* other = static_cast<ProgramJob*>(next->get());
  const ProgramOptions& theirs = other->options_;
  if (stoppable_ || other->stoppable_ || options_.atomic || theirs.atomic || options_.verify != theirs.verify ||
      options_.max_hold_ns != theirs.max_hold_ns || options_.retry_ns != theirs.retry_ns ||
      rows_ + other->rows_ > kMaxTableRows || Overlaps(other->table_)) {
    return false;
  }
  for (uint32_t row = 0; row < other->table_.rows(); ++row) {
    const uint32_t vf = other->table_.vf(row) % kMaxTableRows;
    vfs_[vf / 64] |= uint64_t{1} << (vf % 64);
  }
  rows_ += other->rows_;
  next->release();
  absorbed_.emplace_back(other);
  return true;
}

void ProgramJob::Merge(std::vector<uint64_t>* storage, VfTable* merged) const {
  const uint32_t capacity = EvenCapacity(rows_);
  storage->assign((TableBytes(capacity, false) + 7) / 8, 0);
  merged->Format(reinterpret_cast<uint8_t*>(storage->data()), capacity, false);
  for (uint32_t row = 0; row < table_.rows(); ++row) merged->CopyRow(table_, row);
  for (const auto& job : absorbed_) {
    for (uint32_t row = 0; row < job->table_.rows(); ++row) merged->CopyRow(job->table_, row);
  }
}

// Gives each job its own failures. What was spent on all of them is told to each; `coalesced` says so.
void ProgramJob::Share(const ProgramResult& whole) {
  uint32_t first_row = 0;
  const auto take = [&](ProgramJob* job) {
    const uint32_t end = first_row + job->table_.rows();
    job->result = whole;
    job->result.failures.clear();
    job->result.requested = 0;
    for (uint32_t row = 0; row < job->table_.rows(); ++row) {
      job->result.requested +=
          CountOf(SettingsOfFields(job->table_.mask(row)));
    }
    for (const Failure& failure : whole.failures) {
      if (failure.row < first_row || failure.row >= end) continue;
      job->result.failures.push_back(failure);
      job->result.failures.back().row -= first_row;
    }
    job->result.applied = whole.error != 0 ? 0 : job->result.requested - static_cast<uint32_t>(job->result.failures.size());
    job->coalesced_ = 1 + static_cast<uint32_t>(absorbed_.size());
    first_row = end;
  };
  take(this);
  for (auto& job : absorbed_) take(job.get());
}

}  // namespace sriov
