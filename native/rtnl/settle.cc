// What comes after sending: checking by read-back, and putting back what was changed (see programmer.h).
#include <cerrno>

#include "base/clock.h"
#include "rtnl/programmer.h"

namespace sriov {

// Compares what was accepted with what is shown. Drivers may apply late, so a difference gets time until
// the deadline.
void Programmer::Verify() {
  uint64_t backoff = kFirstBackoffNs;
  for (;;) {
    Snapshot now;
    const ReadError error = Read(&now);
    if (error.error != 0) {
      result_.error = error.error;
      result_.extended_ack = error.extended_ack;
      return;
    }
    if (CompareAll(now, false) == 0 || !Wait(&backoff)) {
      (void)CompareAll(now, true);
      return;
    }
  }
}

// Counts accepted settings that do not read back as wanted; with `give_up` they become failures.
uint32_t Programmer::CompareAll(const Snapshot& now, bool give_up) {
  Wanted accepted = wanted_;
  for (const Failure& failure : result_.failures) accepted[failure.row] &= ~Bit(failure.setting);
  const VfIndex index(now.table);
  uint32_t different = 0;
  result_.unverified = 0;
  ForEachSetting(accepted, {0, At(table_.rows(), 0)}, [&](Position at) {
    const int64_t row = index.Find(table_.vf(RowOf(at)));
    const Match match =
        row < 0 ? Match::kUnknown
                : Compare(table_, RowOf(at), now.table, static_cast<uint32_t>(row), SettingOf(at));
    if (match == Match::kUnknown) ++result_.unverified;
    if (match != Match::kDifferent) return true;
    ++different;
    if (give_up) Fail(at, FailureKind::kNotApplied, 0, {});
    return true;
  });
  return different;
}

// Which settings the driver has no operation for, so that none of what was sent of them was executed. That one
// VF was refused does not say so of the others: the first one that was sent is asked again. If it is refused
// too, the kernel stopped its message there or before.
Settings Programmer::NeverExecuted() {
  Settings never = 0;
  for (Settings left = unsupported_ & ~resent_settings_; left != 0; left &= left - 1) {
    const Settings bit = left & (~left + 1);
    bool found = false;
    ForEachSetting(wanted_, {0, sent_until_, bit}, [&](Position at) {
      (void)sender_.Append({at, at + 1}, 1);
      found = true;
      return false;
    });
    std::vector<Refusal> refused;
    if (!found || sender_.Send(true) != 0 || sender_.Collect(&refused) != 0) continue;
    if (refused.size() == 1 && refused.front().error == EOPNOTSUPP) never |= bit;
  }
  return never;
}

// Puts back every setting that this request changed, and only those: what reads as it did before is left
// alone. Runs to its end whatever the caller's signal says.
void Programmer::RollBack(const Snapshot& before) {
  result_.rolled_back = true;
  Wanted refused(table_.rows(), 0);
  for (const Failure& failure : result_.failures) {
    if (failure.kind == FailureKind::kRefused) refused[failure.row] |= Bit(failure.setting);
  }
  const Settings never_executed = NeverExecuted();
  Snapshot now;
  const bool known = Read(&now).error == 0;
  const VfIndex index_before(before.table);
  const VfIndex index_now(now.table);
  // A table of the old values, masked down to what has changed.
  std::vector<uint64_t> storage((TableBytes(EvenCapacity(table_.rows()), false) + 7) / 8, 0);
  VfTable restore;
  restore.Format(reinterpret_cast<uint8_t*>(storage.data()), EvenCapacity(table_.rows()), false);
  std::vector<Position> origin;  // of each row of `restore`, its row here
  for (uint32_t row = 0; row < table_.rows(); ++row) {
    const int64_t was = index_before.Find(table_.vf(row));
    const int64_t is = known ? index_now.Find(table_.vf(row)) : -1;
    uint32_t fields = 0;
    for (Settings left = wanted_[row]; left != 0; left &= left - 1) {
      const uint32_t setting = static_cast<uint32_t>(__builtin_ctz(left));
      if (At(row, setting) >= sent_until_ || (refused[row] & Bit(setting)) != 0) continue;
      const uint32_t of_setting = kFieldsOfSetting[setting];
      const bool reported = was >= 0 && (before.table.mask(static_cast<uint32_t>(was)) & of_setting) == of_setting;
      if (!reported) {
        if ((never_executed & Bit(setting)) != 0) continue;
        Failure failure{row, table_.vf(row), setting, FailureKind::kNotReported, 0, {}};
        result_.not_restored.push_back(std::move(failure));
        continue;
      }
      VfTable old = before.table;
      if (is >= 0 && Compare(old, static_cast<uint32_t>(was), now.table, static_cast<uint32_t>(is), setting) ==
                         Match::kEqual) {
        continue;
      }
      fields |= of_setting;
    }
    if (fields == 0) continue;
    restore.CopyRow(before.table, static_cast<uint32_t>(was));
    restore.column(kColumnMask)[restore.rows() - 1] = fields;
    origin.push_back(row);
  }
  if (restore.rows() == 0) return;
  ProgramOptions options = options_;
  options.atomic = false;
  options.verify = false;
  options.cancelled = nullptr;
  ProgramResult put_back = Programmer(channel_, ifindex_, restore, options, cost_).Run();
  result_.messages += put_back.messages;
  result_.reads += put_back.reads;
  result_.retries += put_back.retries;
  for (Failure& failure : put_back.failures) {
    failure.row = origin[failure.row];
    result_.not_restored.push_back(std::move(failure));
  }
  if (put_back.error == 0) return;
  // Nothing of it can be taken for done.
  ForEachSetting(Wanted(wanted_), {0, sent_until_}, [&](Position at) {
    Failure failure{RowOf(at), table_.vf(RowOf(at)), SettingOf(at), FailureKind::kRefused, put_back.error, {}};
    result_.not_restored.push_back(std::move(failure));
    return true;
  });
}

}  // namespace sriov
