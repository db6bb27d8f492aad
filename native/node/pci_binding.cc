#include "node/pci_binding.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pci/pack.h"

namespace sriov {
namespace {

// False when this environment runs no more JavaScript: it is ending. Copied: an external buffer
// costs more than copying this little, and Electron forbids it.
bool ToArrayBuffer(napi_env env, const std::vector<uint8_t>& bytes, napi_value* buffer) {
  void* data = nullptr;
  if (napi_create_arraybuffer(env, bytes.size(), &data, buffer) != napi_ok) return false;
  if (!bytes.empty() && data != nullptr) std::memcpy(data, bytes.data(), bytes.size());
  return true;
}

// One enumeration on libuv's pool. Not the thread that carries netlink requests: those would wait
// for it. The pool may do it because it reads sysfs only, as any fs call would, and because
// src/pci/enumerate.ts has one running at a time, so that waiting for rtnl can hold one thread of
// the pool and never all.
//
// Made and destroyed on the JavaScript thread; Execute() alone runs on the pool, and touches
// nothing but root and bytes. Not a Napi::AsyncWorker: an environment that ends waits for its work and
// completes it when no JavaScript can be run any more, upon which that one aborts the process.
struct EnumerateWork {
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  std::string root;
  std::vector<uint8_t> bytes;
};

void Execute(napi_env, void* data) {
  auto* self = static_cast<EnumerateWork*>(data);
  self->bytes = pci::EnumeratePacked(self->root.c_str());
}

void Complete(napi_env env, napi_status status, void* data) {
  const std::unique_ptr<EnumerateWork> self(static_cast<EnumerateWork*>(data));
  napi_delete_async_work(env, self->work);
  // Cancelled, or without JavaScript: the environment is ending, and nobody waits for the promise.
  napi_value buffer = nullptr;
  if (status == napi_ok && ToArrayBuffer(env, self->bytes, &buffer))
    napi_resolve_deferred(env, self->deferred, buffer);
}

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
  std::unique_ptr<EnumerateWork> self(new EnumerateWork);
  if (!TakeRoot(info, &self->root)) return info.Env().Undefined();
  const Napi::Env env = info.Env();
  const Napi::String name = Napi::String::New(env, "sriov.enumeratePci");
  napi_value promise = nullptr;
  if (napi_create_async_work(env, nullptr, name, Execute, Complete, self.get(), &self->work) !=
          napi_ok ||
      napi_create_promise(env, &self->deferred, &promise) != napi_ok ||
      napi_queue_async_work(env, self->work) != napi_ok) {
    if (self->work != nullptr) napi_delete_async_work(env, self->work);
    Napi::Error::New(env, "the work cannot be queued").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  (void)self.release();  // Complete() takes it back, whatever happens.
  return Napi::Value(env, promise);
}

Napi::Value EnumeratePciSync(const Napi::CallbackInfo& info) {
  std::string root;
  napi_value buffer = nullptr;
  if (!TakeRoot(info, &root)) return info.Env().Undefined();
  if (!ToArrayBuffer(info.Env(), pci::EnumeratePacked(root.c_str()), &buffer))
    return info.Env().Undefined();
  return Napi::Value(info.Env(), buffer);
}

}  // namespace

void InitPci(Napi::Env env, Napi::Object exports) {
  exports.Set("enumeratePci", Napi::Function::New(env, EnumeratePci, "enumeratePci"));
  exports.Set("enumeratePciSync", Napi::Function::New(env, EnumeratePciSync, "enumeratePciSync"));
}

}  // namespace sriov
