// Work on links that is handed to the pool: macvtap made and removed, MAC and state set.
// Owns what was asked and what came of it.
#pragma once

#include "rtnl/upper_link.h"
#include "worker/job.h"

namespace sriov {

class LinkJob final : public Job {
 public:
  // In one lane, whichever the link: all of it is done under rtnl, so one after the other loses nothing, and a
  // lane for each of thousands of short-lived links would stay for good.
  LinkJob() : Job(0) {}
  void Run(const JobContext& context) override;

  enum class Step { kMakeMacvtap, kRemove, kChange };
  Step step = Step::kChange;
  uint32_t link = 0;  // to be changed or removed; of a macvtap link the one below
  std::string name;
  bool has_mac = false;
  MacAddress mac{};
  bool has_up = false;
  bool up = false;

  LinkOutcome outcome;
};

}  // namespace sriov
