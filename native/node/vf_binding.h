// The VF calls that JavaScript sees. Owns the conversion of arguments and results; does no work itself.
#pragma once

#include <napi.h>

namespace sriov {

void InitVf(Napi::Env env, Napi::Object exports);

}  // namespace sriov
