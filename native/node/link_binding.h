// Macvtap and network devices for JavaScript; src/lifecycle/link-native.ts is the twin of this file.
#pragma once

#include <napi.h>

namespace sriov {

void InitLinks(Napi::Env env, Napi::Object exports);

}  // namespace sriov
