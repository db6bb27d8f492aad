// Arguments are made by src/agent/os/ alone. Both calls are made on the event loop's thread: one asks what the kernel
// has at hand, the other sends one datagram.
#include "node/process_binding.h"

#include <string>

#include "local/notify.h"
#include "local/peer.h"

namespace sriov {
namespace {

Napi::Value Misuse(Napi::Env env) {
  Napi::TypeError::New(env, "sriov addon: wrong arguments").ThrowAsJavaScriptException();
  return env.Undefined();
}

// (fd) → [errno, pid, uid, gid, groups]
Napi::Value PeerCredentials(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 1 || !info[0].IsNumber()) return Misuse(env);
  Peer peer;
  const int error = ReadPeer(info[0].As<Napi::Number>().Int32Value(), &peer);
  Napi::Array groups = Napi::Array::New(env);
  uint32_t at = 0;
  if (error == 0) {
    for (const gid_t group : peer.groups) groups.Set(at++, group);
  }
  Napi::Array result = Napi::Array::New(env, 5);
  result.Set(0u, error);
  result.Set(1u, peer.pid);
  result.Set(2u, peer.uid);
  result.Set(3u, peer.gid);
  result.Set(4u, groups);
  return result;
}

// (path, text) → errno
Napi::Value NotifySocket(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 2 || !info[0].IsString() || !info[1].IsString()) return Misuse(env);
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  const std::string text = info[1].As<Napi::String>().Utf8Value();
  return Napi::Number::New(env, Notify(path, text));
}

}  // namespace

void InitProcess(Napi::Env env, Napi::Object exports) {
  exports.Set("peerCredentials", Napi::Function::New(env, PeerCredentials));
  exports.Set("notifySocket", Napi::Function::New(env, NotifySocket));
}

}  // namespace sriov
