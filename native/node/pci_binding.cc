#include "node/pci_binding.h"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "pci/pack.h"

namespace sriov {
namespace {

Napi::Value ToArrayBuffer(Napi::Env env, const std::vector<uint8_t>& bytes) {
  // Copied: an external buffer costs more than copying this little, and Electron forbids it.
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, bytes.size());
  if (!bytes.empty() && buffer.Data() != nullptr)
    std::memcpy(buffer.Data(), bytes.data(), bytes.size());
  return buffer;
}

// One enumeration on libuv's pool. Not the thread that carries netlink requests: those would wait
// for it. The pool may do it because it reads sysfs only, as any fs call would, and because
// src/pci/enumerate.ts has one running at a time, so that waiting for rtnl can hold one thread of
// the pool and never all.
//
// Made and destroyed on the JavaScript thread by Node-API, which owns it once it is queued;
// Execute() alone runs on the pool, and touches nothing but its own members.
class EnumerateWork final : public Napi::AsyncWorker {
 public:
  EnumerateWork(Napi::Env env, std::string root)
      : Napi::AsyncWorker(env, "sriov.enumeratePci"),
        deferred_(Napi::Promise::Deferred::New(env)),
        root_(std::move(root)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override { bytes_ = pci::EnumeratePacked(root_.c_str()); }
  void OnOK() override { deferred_.Resolve(ToArrayBuffer(Env(), bytes_)); }

 private:
  Napi::Promise::Deferred deferred_;
  const std::string root_;
  std::vector<uint8_t> bytes_;
};

// The one argument; empty with a pending TypeError when it is something else.
bool TakeRoot(const Napi::CallbackInfo& info, std::string* root) {
  if (info.Length() == 1 && info[0].IsString()) {
    *root = info[0].As<Napi::String>().Utf8Value();
    return true;
  }
  Napi::TypeError::New(info.Env(), "expected the root of sysfs as text")
      .ThrowAsJavaScriptException();
  return false;
}

Napi::Value EnumeratePci(const Napi::CallbackInfo& info) {
  std::string root;
  if (!TakeRoot(info, &root)) return info.Env().Undefined();
  EnumerateWork* work =
      new EnumerateWork(info.Env(), std::move(root));  // Deletes itself when done.
  const Napi::Promise promise = work->promise();
  work->Queue();
  return promise;
}

Napi::Value EnumeratePciSync(const Napi::CallbackInfo& info) {
  std::string root;
  if (!TakeRoot(info, &root)) return info.Env().Undefined();
  return ToArrayBuffer(info.Env(), pci::EnumeratePacked(root.c_str()));
}

}  // namespace

void InitPci(Napi::Env env, Napi::Object exports) {
  exports.Set("enumeratePci", Napi::Function::New(env, EnumeratePci, "enumeratePci"));
  exports.Set("enumeratePciSync", Napi::Function::New(env, EnumeratePciSync, "enumeratePciSync"));
}

}  // namespace sriov
