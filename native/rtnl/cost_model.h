// What one setting costs on one PF, learned from what was sent before.
// Owns the estimate by which messages are cut so that none holds rtnl for long. Not thread safe: one lane
// works on a PF at a time.
//
// A send executes its messages before it returns, so its duration is theirs. It also holds time that went
// to waiting for rtnl or to another process, so a lower measurement is believed at once and a higher one
// only in part. A fixed cost of a message is spread over its settings: too long a message is never the result.
#pragma once

#include <cstdint>

namespace sriov {

class CostModel {
 public:
  // Settings that the first message to a PF of unknown cost may hold.
  static constexpr uint32_t kProbe = 16;

  bool known() const { return ns_per_setting_ > 0; }

  void Learn(uint32_t settings, uint64_t ns) {
    if (settings == 0) return;
    const double measured = static_cast<double>(ns) / settings;
    if (!known() || measured < ns_per_setting_) {
      ns_per_setting_ = measured > 1 ? measured : 1;
    } else {
      ns_per_setting_ += (measured - ns_per_setting_) / 4;
    }
  }

  // Settings that fit into `ns`, at least one.
  uint32_t SettingsWithin(uint64_t ns) const {
    if (!known()) return kProbe;
    const double count = static_cast<double>(ns) / ns_per_setting_;
    if (count < 1) return 1;
    return count > 1e9 ? 1000000000u : static_cast<uint32_t>(count);
  }

 private:
  double ns_per_setting_ = 0;
};

}  // namespace sriov
