// The enumeration as two functions of the addon.
#pragma once

#include <napi.h>

namespace sriov {

// Adds to `exports`:
//   enumeratePci(root: string): Promise<ArrayBuffer>
//   enumeratePciSync(root: string): ArrayBuffer
// Both give the bytes of pci/layout.h and never fail: an error of the enumeration is within them.
void InitPci(Napi::Env env, Napi::Object exports);

}  // namespace sriov
