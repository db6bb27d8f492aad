// Entry of the addon: made once for each JavaScript environment that loads it.
#include <napi.h>

#include "node/environment.h"
#include "node/frame_binding.h"
#include "node/link_binding.h"
#include "node/monitor_binding.h"
#include "node/pci_binding.h"
#include "node/process_binding.h"
#include "node/vf_binding.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  sriov::Environment::Create(env);
  sriov::InitVf(env, exports);
  sriov::InitPci(env, exports);
  sriov::InitMonitor(env, exports);
  sriov::InitFrames(env, exports);
  sriov::InitLinks(env, exports);
  sriov::InitProcess(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(sriov, Init)
