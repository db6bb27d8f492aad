// Every call gives a promise of [errno, extended ack or undefined, ifindex]; or of an errno alone if there was
// no thread to do it.
#include "node/link_binding.h"

#include "node/environment.h"
#include "worker/link_job.h"

namespace sriov {
namespace {

Napi::Value Misuse(Napi::Env env) {
  Napi::TypeError::New(env, "sriov addon: wrong arguments").ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value Outcome(Napi::Env env, Job* done) {
  const LinkOutcome& outcome = static_cast<LinkJob*>(done)->outcome;
  Napi::Array result = Napi::Array::New(env, 3);
  if (result.IsEmpty()) return {};
  result.Set(0u, outcome.error);
  if (!outcome.extended_ack.empty()) result.Set(1u, outcome.extended_ack);
  result.Set(2u, outcome.ifindex);
  return result;
}

Napi::Value Submit(Napi::Env env, std::unique_ptr<LinkJob> job) {
  return Environment::Of(env)->Submit(env, std::move(job), Outcome, 0);
}

// (ifindex of the link below, name)
Napi::Value Macvtap(const Napi::CallbackInfo& info) {
  if (info.Length() != 2 || !info[0].IsNumber() || !info[1].IsString()) return Misuse(info.Env());
  std::unique_ptr<LinkJob> job(new LinkJob);
  job->step = LinkJob::Step::kMakeMacvtap;
  job->link = info[0].As<Napi::Number>().Uint32Value();
  job->name = info[1].As<Napi::String>().Utf8Value();
  return Submit(info.Env(), std::move(job));
}

// (ifindex)
Napi::Value Remove(const Napi::CallbackInfo& info) {
  if (info.Length() != 1 || !info[0].IsNumber()) return Misuse(info.Env());
  std::unique_ptr<LinkJob> job(new LinkJob);
  job->step = LinkJob::Step::kRemove;
  job->link = info[0].As<Napi::Number>().Uint32Value();
  return Submit(info.Env(), std::move(job));
}

// (ifindex, MAC: 6 bytes or undefined, up: boolean or undefined)
Napi::Value Change(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 3 || !info[0].IsNumber()) return Misuse(env);
  std::unique_ptr<LinkJob> job(new LinkJob);
  job->step = LinkJob::Step::kChange;
  job->link = info[0].As<Napi::Number>().Uint32Value();
  if (info[1].IsTypedArray()) {
    const Napi::Uint8Array bytes = info[1].As<Napi::Uint8Array>();
    if (bytes.ByteLength() != job->mac.size()) return Misuse(env);
    job->has_mac = true;
    std::memcpy(job->mac.data(), bytes.Data(), job->mac.size());
  }
  if (info[2].IsBoolean()) {
    job->has_up = true;
    job->up = info[2].As<Napi::Boolean>().Value();
  }
  return Submit(env, std::move(job));
}

}  // namespace

void InitLinks(Napi::Env env, Napi::Object exports) {
  exports.Set("makeMacvtap", Napi::Function::New(env, Macvtap));
  exports.Set("removeLink", Napi::Function::New(env, Remove));
  exports.Set("changeLink", Napi::Function::New(env, Change));
}

}  // namespace sriov
