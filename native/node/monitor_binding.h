// The monitor for JavaScript: sources are opened by number and taken from when they have news.
// Owns the conversion of arguments and results; what the news mean is src/events/.
#pragma once

#include <napi.h>

namespace sriov {

void InitMonitor(Napi::Env env, Napi::Object exports);

}  // namespace sriov
