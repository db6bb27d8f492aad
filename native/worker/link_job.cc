#include "worker/link_job.h"

namespace sriov {

void LinkJob::Run(const JobContext& context) {
  if (context.channel_error != 0) {
    outcome.error = context.channel_error;
    return;
  }
  switch (step) {
    case Step::kMakeMacvtap:
      outcome = MakeMacvtap(context.channel, link, name);
      break;
    case Step::kRemove:
      outcome = RemoveLink(context.channel, link);
      break;
    case Step::kChange:
      outcome = ChangeLink(context.channel, link, has_mac ? &mac : nullptr, has_up ? &up : nullptr);
      break;
  }
}

}  // namespace sriov
