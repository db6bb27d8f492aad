#include "rtnl/programmer.h"

#include <cerrno>

#include "base/clock.h"

namespace sriov {
namespace {

// Work that one send may hold, as a multiple of what one message may: a send cannot be stopped, so this is
// how long an abort may have to wait.
constexpr uint64_t kHoldsPerSend = 10;

// A first message whose settings cost more than this on average is looked at before more is sent; below it,
// the system call is saved (even if only its first setting was executed, the next message stays bounded).
constexpr uint64_t kCheapSettingNs = 20000;

constexpr uint64_t kLongestBackoffNs = 50000000;

}  // namespace

Programmer::Programmer(Channel* channel, uint32_t ifindex, VfTable table, const ProgramOptions& options,
                       CostModel* cost)
    : channel_(channel),
      ifindex_(ifindex),
      table_(table),
      options_(options),
      cost_(cost),
      sender_(channel, ifindex, table_, wanted_) {}

ProgramResult Programmer::Run() {
  started_ns_ = MonotonicNs();
  deadline_ns_ = started_ns_ + options_.retry_ns;
  wanted_.resize(table_.rows());
  bool lone_minimum = false;
  const uint32_t* const masks = table_.column(kColumnMask);
  uint32_t mask = 0;  // rows are alike nearly always
  uint32_t count = 0;
  for (uint32_t row = 0; row < table_.rows(); ++row) {
    if (masks[row] != mask) {
      mask = masks[row];
      count = CountOf(SettingsOfFields(mask));
      lone_minimum = lone_minimum || (mask & (kFieldRateMin | kFieldRateMax)) == kFieldRateMin;
    }
    wanted_[row] = SettingsOfFields(mask);
    result_.requested += count;
  }
  Snapshot before;
  const bool need_before = options_.atomic || lone_minimum;
  if (result_.requested > 0 && need_before) {
    const ReadError error = Read(&before);
    result_.error = error.error;
    result_.extended_ack = error.extended_ack;
    if (error.error == 0) FillRateMaximum(before);
  }
  if (result_.requested > 0 && result_.error == 0) {
    SendAll();
    RetryTransient();
    if (options_.verify && !Stopped()) Verify();
    NoteAbort();
    const bool incomplete = result_.error != 0 || result_.aborted || !result_.failures.empty();
    if (options_.atomic && incomplete) RollBack(before);
  }
  Finish();
  return std::move(result_);
}

void Programmer::SendAll() {
  Span rest{0, At(table_.rows(), 0)};
  std::vector<Refusal> refused;
  while (!rest.empty() && !Stopped()) {
    const bool probing = !cost_->known();
    const uint32_t per_message = cost_->SettingsWithin(options_.max_hold_ns);
    const uint32_t per_send = cost_->SettingsWithin(options_.max_hold_ns * kHoldsPerSend);
    const bool one_message = probing || options_.atomic;
    do {
      rest.begin = sender_.Append(rest, per_message);
    } while (!one_message && !rest.empty() && !sender_.Full() && sender_.settings_in_batch() < per_send);
    const uint32_t settings = sender_.settings_in_batch();
    const uint64_t start = MonotonicNs();
    result_.error = sender_.Send(rest.empty());
    const uint64_t took = MonotonicNs() - start;
    if (result_.error != 0) break;
    cost_->Learn(settings, took);
    sent_until_ = rest.begin;
    // All or nothing wants to know at once; otherwise replies are short and may wait in the queue.
    const bool dear = probing && took > kCheapSettingNs * settings;
    if (options_.atomic || dear || sender_.Full()) {
      Collect(&refused);
      if (options_.atomic && !refused.empty()) Attribute(std::move(refused));
      if (options_.atomic) refused.clear();
    }
  }
  Abandon(rest);
  if (result_.error == 0) Collect(&refused);
  if (!refused.empty()) Attribute(std::move(refused));
}

// Sends what a span holds, after what is in the batch already, and waits for what comes back.
void Programmer::SendSpan(const Span& span, std::vector<Refusal>* refused) {
  const size_t refused_before = refused->size();
  Span rest = span;
  if (CountSettings(wanted_, rest) == 0) rest.begin = rest.end;
  while (!sender_.empty() || (!rest.empty() && !Stopped())) {
    const uint32_t per_message = cost_->SettingsWithin(options_.max_hold_ns);
    const uint32_t per_send = cost_->SettingsWithin(options_.max_hold_ns * kHoldsPerSend);
    if (!rest.empty()) {
      do {
        rest.begin = sender_.Append(rest, per_message);
      } while (!rest.empty() && !sender_.Full() && sender_.settings_in_batch() < per_send);
    }
    if (rest.begin > sent_until_) sent_until_ = rest.begin;
    if (rest.begin > resent_until_) resent_until_ = rest.begin;
    result_.error = sender_.Send(true);
    Collect(refused);
  }
  Abandon(rest);
  // Unless it was a single setting and refused, some of what was sent may have been executed.
  const Span sent{span.begin, rest.begin, span.filter};
  if (refused->size() > refused_before && CountSettings(wanted_, sent) == 1) return;
  ForEachSetting(wanted_, sent, [&](Position at) {
    resent_settings_ |= Bit(SettingOf(at));
    return true;
  });
}

// Sends each span as a message of its own, many in one send. Returns how many were sent: all, unless stopped.
size_t Programmer::SendApart(const std::vector<Span>& spans, std::vector<Refusal>* refused) {
  const uint32_t per_send = cost_->SettingsWithin(options_.max_hold_ns * kHoldsPerSend);
  size_t done = 0;
  while (done < spans.size() && !Stopped()) {
    do {
      const Span& span = spans[done++];
      (void)sender_.Append(span, kSettings);
      if (span.end > sent_until_) sent_until_ = span.end;
      if (span.end > resent_until_) resent_until_ = span.end;
    } while (done < spans.size() && !sender_.Full() && sender_.settings_in_batch() < per_send);
    result_.error = sender_.Send(true);
    Collect(refused);
  }
  return done;
}

// Sends each setting as a message of its own: whatever is refused is exactly known.
void Programmer::SendEach(const std::vector<Position>& settings) {
  std::vector<Span> spans;
  for (const Position at : settings) spans.push_back({at, at + 1});
  std::vector<Refusal> refused;
  abandoned_ += static_cast<uint32_t>(spans.size() - SendApart(spans, &refused));
  for (const Refusal& refusal : refused) Refused(refusal.span.begin, refusal.error, refusal.extended_ack);
}

void Programmer::SendEach(const Span& span) {
  std::vector<Position> settings;
  ForEachSetting(wanted_, span, [&](Position at) {
    settings.push_back(at);
    return true;
  });
  SendEach(settings);
}

void Programmer::Collect(std::vector<Refusal>* refused) {
  const int error = sender_.Collect(refused);
  if (result_.error == 0) result_.error = error;
}

void Programmer::Refused(Position at, int error, const std::string& extended_ack) {
  if (IsTransient(error) && MonotonicNs() < deadline_ns_ && !Stopped()) {
    transient_.push_back({{at, at + 1}, error, extended_ack});
  } else {
    Fail(at, FailureKind::kRefused, error, extended_ack);
  }
}

void Programmer::Fail(Position at, FailureKind kind, int error, const std::string& extended_ack) {
  Failure failure;
  failure.row = RowOf(at);
  failure.vf = table_.vf(failure.row);
  failure.setting = SettingOf(at);
  failure.kind = kind;
  failure.error = error;
  failure.extended_ack = extended_ack;
  result_.failures.push_back(std::move(failure));
}

void Programmer::RetryTransient() {
  uint64_t backoff = kFirstBackoffNs;
  while (!transient_.empty() && Wait(&backoff)) {
    std::vector<Position> again;
    for (const Refusal& refusal : transient_) again.push_back(refusal.span.begin);
    transient_.clear();
    result_.retries += static_cast<uint32_t>(again.size());
    SendEach(again);
  }
  for (const Refusal& last : transient_) {
    Fail(last.span.begin, FailureKind::kRefused, last.error, last.extended_ack);
  }
  transient_.clear();
}

// Sleeps for the backoff and doubles it. False when there is no time left, or no reason to go on.
bool Programmer::Wait(uint64_t* backoff_ns) {
  const uint64_t now = MonotonicNs();
  if (Stopped() || now >= deadline_ns_) return false;
  const uint64_t left = deadline_ns_ - now;
  const uint64_t span = *backoff_ns < left ? *backoff_ns : left;
  if (options_.sleeper != nullptr) {
    options_.sleeper->Sleep(span);
  } else {
    SleepNs(span);
  }
  *backoff_ns = *backoff_ns * 2 < kLongestBackoffNs ? *backoff_ns * 2 : kLongestBackoffNs;
  return !Stopped();
}

bool Programmer::Cancelled() const {
  return options_.cancelled != nullptr && options_.cancelled->load(std::memory_order_relaxed);
}

bool Programmer::Stopped() const {
  return result_.error != 0 || (options_.atomic && !result_.failures.empty()) || Cancelled();
}

ReadError Programmer::Read(Snapshot* into) {
  ++result_.reads;
  const ReadError error = reader_.Read(channel_, ifindex_, false, &into->storage, &into->table);
  if (error.error == 0) result_.num_vf = into->table.num_vf();
  return error;
}

// IFLA_VF_RATE sets both limits, so a minimum alone takes the maximum along that is there already. Written
// where the table holds nothing: the row's mask does not claim the cell.
void Programmer::FillRateMaximum(const Snapshot& before) {
  const VfIndex index(before.table);
  for (uint32_t row = 0; row < table_.rows(); ++row) {
    if ((table_.mask(row) & (kFieldRateMin | kFieldRateMax)) != kFieldRateMin) continue;
    const int64_t found = index.Find(table_.vf(row));
    table_.column(kColumnRateMax)[row] =
        found < 0 ? 0 : before.table.column(kColumnRateMax)[static_cast<uint32_t>(found)];
  }
}

void Programmer::Abandon(const Span& span) { abandoned_ += CountSettings(wanted_, span); }

void Programmer::NoteAbort() { result_.aborted = Cancelled() && abandoned_ > 0; }

void Programmer::Finish() {
  const uint32_t undone = static_cast<uint32_t>(result_.failures.size()) + abandoned_;
  result_.applied = result_.rolled_back ? static_cast<uint32_t>(result_.not_restored.size())
                                        : result_.requested - undone;
  result_.messages += sender_.messages() + reader_.messages();
  result_.duration_ns = MonotonicNs() - started_ns_;
}

}  // namespace sriov
