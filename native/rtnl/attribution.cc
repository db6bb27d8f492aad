// Finding out which setting the kernel refused (see programmer.h for the method).
//
// A refused message is an errno for a whole span. What is certain: its settings were applied in order up to
// some setting, that one was refused, and nothing after it was tried.
#include <cerrno>

#include "base/clock.h"
#include "rtnl/programmer.h"

namespace sriov {
namespace {

// Reading back costs one request for each culprit. With more culprits than this, one message for each
// setting that is left is cheaper, and just as exact.
constexpr uint32_t kMaxSuspects = 16;

constexpr int kWholeResends = 3;

}  // namespace

void Programmer::Attribute(std::vector<Refusal> refused) {
  for (Refusal& first : refused) {
    std::vector<Open> todo;
    todo.push_back({std::move(first), false});
    while (!todo.empty()) {
      Open open = std::move(todo.back());
      todo.pop_back();
      if (Stopped()) {
        Abandon(open.refusal.span);
      } else {
        AttributeOne(std::move(open), &todo);
      }
    }
  }
}

void Programmer::AttributeOne(Open open, std::vector<Open>* todo) {
  if (!LetIn(open.refusal) || SplitOffUnsupported(&open, todo) || ResendWhole(&open, todo)) return;
  const Span span = open.refusal.span;
  if (CountSettings(wanted_, span) == 1) {
    ForEachSetting(wanted_, span, [&](Position at) {
      Refused(at, open.refusal.error, open.refusal.extended_ack);
      NothingSentFrom(at);
      return true;
    });
    return;
  }
  if (suspects_ >= kMaxSuspects) return SendEach(span);
  Snapshot now;
  Position suspect = 0;
  // If reading fails, halving still finds the culprit.
  const bool read = !open.halve && Read(&now).error == 0;
  if (read && SplitOffMissing(span, now, todo)) return;
  Settings unseen = 0;
  if (!read || !FindSuspect(span, now, &suspect, &unseen)) return Halve(open.refusal, todo);
  Span before{span.begin, suspect, span.filter};
  if ((unseen & Bit(SettingOf(suspect))) != 0) {
    // Only a guess, so nothing is known of what stands before it.
    if (!TryAlone(suspect, span, todo)) proven_ |= Bit(SettingOf(suspect));
    return SendAgain(before, todo);
  }
  if (TryAlone(suspect, span, todo)) {
    // All before it reads as wanted, but for what does not read at all.
    before.filter &= unseen;
    return SendAgain(before, todo);
  }
  // The suspect is innocent, so the culprit stands before it although it reads back as wanted, or it was
  // "not now", or the driver does not show what it accepts and the culprit stands after it.
  has_accepted_ = true;
  accepted_ = suspect;
  if (CountSettings(wanted_, before) > 0) {
    todo->push_back({{before, open.refusal.error, open.refusal.extended_ack}, true});
  }
}

// Sends settings of which it is not known whether they were executed.
void Programmer::SendAgain(const Span& span, std::vector<Open>* todo) {
  if (CountSettings(wanted_, span) == 0) return;
  std::vector<Refusal> refused;
  SendSpan(span, &refused);
  Enqueue(&refused, false, todo);
}

// Sends the suspect alone, and what comes after it packed, in one send; all or nothing waits in between.
// True if the suspect was refused. What was refused after it goes on the list.
bool Programmer::TryAlone(Position suspect, const Span& span, std::vector<Open>* todo) {
  ++suspects_;
  std::vector<Refusal> refused;
  const Span alone{suspect, suspect + 1};
  const Span after{suspect + 1, span.end, span.filter};
  const bool follows = CountSettings(wanted_, after) > 0;
  bool convicted = false;
  if (options_.atomic || !follows) {
    SendSpan(alone, &refused);
    convicted = Convict(suspect, &refused);
  } else {
    (void)sender_.Append(alone, 1);
  }
  if (follows) SendSpan(after, &refused);
  convicted = convicted || Convict(suspect, &refused);
  Enqueue(&refused, false, todo);
  return convicted;
}

// If the suspect is among the refused, takes it out and notes the failure.
bool Programmer::Convict(Position suspect, std::vector<Refusal>* refused) {
  if (refused->empty() || refused->front().span.begin != suspect) return false;
  const Refusal refusal = std::move(refused->front());
  refused->erase(refused->begin());
  if (refusal.error == EOPNOTSUPP) unsupported_ |= Bit(SettingOf(suspect));
  Refused(suspect, refusal.error, refusal.extended_ack);
  NothingSentFrom(suspect);
  return true;
}

// All or nothing sends one message at a time and stops at the first failure, so that what comes after it was
// never executed and there is nothing to be put back; but for what a wrong guess or halving sent meanwhile.
void Programmer::NothingSentFrom(Position at) {
  if (!options_.atomic || result_.failures.empty()) return;
  const Position end = at > resent_until_ ? at : resent_until_;
  if (end < sent_until_) sent_until_ = end;
}

// Puts what was refused on the list, the first one on top.
void Programmer::Enqueue(std::vector<Refusal>* refused, bool halve, std::vector<Open>* todo) {
  for (auto refusal = refused->rbegin(); refusal != refused->rend(); ++refusal) {
    todo->push_back({std::move(*refusal), halve});
  }
  refused->clear();
}

// An errno that may concern the request as a whole: no capability, or no such device any more. An empty list
// is refused for the same reason if so, and changes nothing if not. False if the request is at an end.
bool Programmer::LetIn(const Refusal& refusal) {
  if (let_in_ || (refusal.error != EPERM && refusal.error != ENODEV)) return true;
  std::string text;
  const int error = sender_.Probe(&text);
  let_in_ = error == 0;
  if (!let_in_) {
    result_.error = error;
    result_.extended_ack = text;
    Abandon(refusal.span);
  }
  return let_in_;
}

// What the driver has no operation for is refused for every VF, so it is not worth hunting one by one: each
// such setting goes out alone, and the others together. True if there was such a setting.
bool Programmer::SplitOffUnsupported(Open* open, std::vector<Open>* todo) {
  Span& span = open->refusal.span;
  Span unsupported = span;
  unsupported.filter &= unsupported_;
  if (unsupported.filter == 0 || CountSettings(wanted_, unsupported) == 0) return false;
  SendEach(unsupported);
  span.filter &= ~unsupported_;
  std::vector<Refusal> refused;
  SendSpan(span, &refused);
  Enqueue(&refused, false, todo);
  return true;
}

// VFs that the PF does not have are refused with all their settings, so each goes out as one message of its
// own, and what is left of the span together. True if there was such a VF. The count tells, and not the list,
// which lacks VFs that exist: rtnl_fill_vf skips one whose ndo_get_vf_config fails, and 7.3 caps the list.
bool Programmer::SplitOffMissing(const Span& span, const Snapshot& now, std::vector<Open>* todo) {
  std::vector<Span> missing;
  for (uint32_t row = RowOf(span.begin); row <= span.last_row(); ++row) {
    const Settings settings = wanted_[row] & span.In(row);
    if (settings == 0 || table_.vf(row) < now.table.num_vf()) continue;
    missing.push_back({At(row, 0), At(row + 1, 0), settings});
  }
  if (missing.empty()) return false;
  std::vector<Refusal> refused;
  const size_t sent = SendApart(missing, &refused);
  for (size_t i = sent; i < missing.size(); ++i) Abandon(missing[i]);
  for (const Refusal& refusal : refused) {
    ForEachSetting(wanted_, refusal.span, [&](Position at) {
      Fail(at, FailureKind::kRefused, refusal.error, refusal.extended_ack);
      return true;
    });
  }
  for (const Span& settled : missing) wanted_[RowOf(settled.begin)] &= ~settled.filter;
  NothingSentFrom(missing.front().begin);
  if (Stopped()) {
    Abandon(span);
    return true;
  }
  refused.clear();
  SendSpan(span, &refused);
  Enqueue(&refused, false, todo);
  return true;
}

// "Not now" is often over in a moment and often concerns the whole PF, so a refused message is sent again as
// it is a few times before anything is taken apart. True if nothing is left to be attributed, or it is on
// the list.
bool Programmer::ResendWhole(Open* open, std::vector<Open>* todo) {
  uint64_t backoff = kFirstBackoffNs;
  const Span span = open->refusal.span;
  const uint32_t settings = CountSettings(wanted_, span);
  for (int i = 0; i < kWholeResends && settings > 1 && IsTransient(open->refusal.error); ++i) {
    if (!Wait(&backoff)) return false;
    result_.retries += settings;
    std::vector<Refusal> refused;
    SendSpan(span, &refused);
    if (refused.size() != 1) {
      Enqueue(&refused, open->halve, todo);
      return true;
    }
    open->refusal = std::move(refused.front());
    if (open->refusal.span.begin != span.begin || open->refusal.span.end != span.end) {
      Enqueue(&(refused = {std::move(open->refusal)}), open->halve, todo);
      return true;
    }
  }
  return false;
}

void Programmer::Halve(const Refusal& refusal, std::vector<Open>* todo) {
  const Span& span = refusal.span;
  uint32_t half = CountSettings(wanted_, span) / 2;
  Position middle = span.end;
  ForEachSetting(wanted_, span, [&](Position at) {
    middle = at;
    return half-- > 0;
  });
  std::vector<Refusal> refused;
  SendSpan({span.begin, middle, span.filter}, &refused);
  SendSpan({middle, span.end, span.filter}, &refused);
  Enqueue(&refused, true, todo);
}

// The first setting of the span that does not read back as wanted; or, since the kernel executes nothing
// after the culprit, the last one before it that does not read back at all, unless the driver has been seen
// to accept such a setting. `unseen` is what does not read back before it. False if there is neither.
bool Programmer::FindSuspect(const Span& span, const Snapshot& now, Position* suspect, Settings* unseen) {
  const VfIndex index(now.table);
  const auto match = [&](Position at) {
    const int64_t row = index.Find(table_.vf(RowOf(at)));
    if (row < 0) return Match::kUnknown;
    return Compare(table_, RowOf(at), now.table, static_cast<uint32_t>(row), SettingOf(at));
  };
  if (has_accepted_ && match(accepted_) == Match::kDifferent) unreadable_ |= Bit(SettingOf(accepted_));
  bool found = false;
  ForEachSetting(wanted_, span, [&](Position at) {
    const Settings bit = Bit(SettingOf(at));
    const Match seen = match(at);
    if (seen == Match::kUnknown) *unseen |= bit;
    const bool guess = seen == Match::kUnknown && (proven_ & bit) == 0;
    const bool differs = seen == Match::kDifferent && (unreadable_ & bit) == 0;
    if (guess || (differs && !found)) {
      *suspect = at;
      found = true;
    }
    return !differs;
  });
  return found;
}

}  // namespace sriov
