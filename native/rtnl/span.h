// A run of settings in the order in which the kernel applies them: row by row, and within a row in the
// order of Setting. Owns positions and counting.
#pragma once

#include <vector>

#include "rtnl/vf_setting.h"

namespace sriov {

using Position = uint32_t;  // row * 16 + setting; 65,536 rows fit

constexpr Position At(uint32_t row, uint32_t setting) { return row * 16 + setting; }
constexpr uint32_t RowOf(Position at) { return at / 16; }
constexpr uint32_t SettingOf(Position at) { return at % 16; }

constexpr Settings kAllSettings = (1u << kSettings) - 1;

// Settings of `filter` from `begin` up to but without `end`.
struct Span {
  Position begin = 0;
  Position end = 0;
  Settings filter = kAllSettings;

  // Which settings of `row` the span covers.
  Settings In(uint32_t row) const {
    Settings covered = filter;
    if (row == RowOf(begin)) covered &= ~0u << SettingOf(begin);
    if (row == RowOf(end)) covered &= (1u << SettingOf(end)) - 1;
    return covered;
  }
  uint32_t last_row() const { return end == 0 ? 0 : RowOf(end - 1); }
  bool empty() const { return begin >= end; }
};

// What is asked of each row, by row.
using Wanted = std::vector<Settings>;

template <typename Visit>  // bool(Position); false stops
void ForEachSetting(const Wanted& wanted, const Span& span, Visit visit) {
  if (span.empty()) return;
  for (uint32_t row = RowOf(span.begin); row <= span.last_row() && row < wanted.size(); ++row) {
    for (Settings left = wanted[row] & span.In(row); left != 0; left &= left - 1) {
      if (!visit(At(row, static_cast<uint32_t>(__builtin_ctz(left))))) return;
    }
  }
}

inline uint32_t CountSettings(const Wanted& wanted, const Span& span) {
  uint32_t count = 0;
  if (span.empty()) return 0;
  for (uint32_t row = RowOf(span.begin); row <= span.last_row() && row < wanted.size(); ++row) {
    count += CountOf(wanted[row] & span.In(row));
  }
  return count;
}

}  // namespace sriov
