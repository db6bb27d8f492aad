// Packet sockets for JavaScript; src/conformance/frame-native.ts is the twin of this file.
#pragma once

#include <napi.h>

namespace sriov {

void InitFrames(Napi::Env env, Napi::Object exports);

}  // namespace sriov
