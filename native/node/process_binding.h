// Other processes for JavaScript, by their Unix sockets; src/agent/os/native.ts is the twin of this file.
// Owns the conversion of arguments and results.
#pragma once

#include <napi.h>

namespace sriov {

void InitProcess(Napi::Env env, Napi::Object exports);

}  // namespace sriov
