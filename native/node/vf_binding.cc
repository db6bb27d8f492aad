// Arguments are checked and made by src/ alone (src/vf/native.ts is the twin of this file), so a wrong one
// is a mistake in this package: it gives a TypeError without further words.
//
// Results are arrays with fixed places rather than objects: an object with that many named properties costs
// as much as a hundred VFs.
#include "node/vf_binding.h"

#include <cerrno>

#include "node/environment.h"
#include "rtnl/link.h"
#include "rtnl/programmer.h"

namespace sriov {
namespace {

enum ProgramFlag : uint32_t { kVerify = 1, kAtomic = 2, kStoppable = 4 };

Napi::Value Misuse(Napi::Env env) {
  Napi::TypeError::New(env, "sriov addon: wrong arguments").ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value Text(Napi::Env env, const std::string& text) {
  return text.empty() ? env.Undefined() : Napi::String::New(env, text).As<Napi::Value>();
}

// [vf, setting, kind, errno, extended ack, ...] or undefined if there are none.
Napi::Value Failures(Napi::Env env, const std::vector<Failure>& failures) {
  if (failures.empty()) return env.Undefined();
  Napi::Array list = Napi::Array::New(env, failures.size() * 5);
  uint32_t at = 0;
  for (const Failure& failure : failures) {
    list.Set(at++, failure.vf);
    list.Set(at++, failure.setting);
    list.Set(at++, static_cast<uint32_t>(failure.kind));
    list.Set(at++, failure.error);
    list.Set(at++, Text(env, failure.extended_ack));
  }
  return list;
}

Napi::Value ProgramOutcome(Napi::Env env, const ProgramResult& result, uint32_t coalesced) {
  const uint32_t numbers[] = {static_cast<uint32_t>(result.error),
                              result.requested,
                              result.applied,
                              result.unverified,
                              result.messages,
                              result.reads,
                              result.retries,
                              result.num_vf,
                              result.rolled_back ? 1u : 0u,
                              result.aborted ? 1u : 0u,
                              coalesced};
  constexpr uint32_t kNumbers = sizeof numbers / sizeof *numbers;
  Napi::Array outcome = Napi::Array::New(env, kNumbers + 4);
  for (uint32_t i = 0; i < kNumbers; ++i) outcome.Set(i, numbers[i]);
  outcome.Set(kNumbers, static_cast<double>(result.duration_ns) / 1e6);
  outcome.Set(kNumbers + 1, Text(env, result.extended_ack));
  outcome.Set(kNumbers + 2, Failures(env, result.failures));
  outcome.Set(kNumbers + 3, Failures(env, result.not_restored));
  return outcome;
}

struct ProgramArguments {
  uint32_t ifindex = 0;
  Napi::Uint8Array bytes;
  VfTable table;
  ProgramOptions options;
  bool stoppable = false;
};

// (ifindex, table: Uint8Array, flags, maxHoldNs, retryNs)
bool ReadArguments(const Napi::CallbackInfo& info, ProgramArguments* arguments) {
  if (info.Length() < 5 || !info[1].IsTypedArray()) return false;
  arguments->ifindex = info[0].As<Napi::Number>().Uint32Value();
  arguments->bytes = info[1].As<Napi::Uint8Array>();
  const uint32_t flags = info[2].As<Napi::Number>().Uint32Value();
  arguments->options.verify = (flags & kVerify) != 0;
  arguments->options.atomic = (flags & kAtomic) != 0;
  arguments->stoppable = (flags & kStoppable) != 0;
  arguments->options.max_hold_ns = static_cast<uint64_t>(info[3].As<Napi::Number>().Int64Value());
  arguments->options.retry_ns = static_cast<uint64_t>(info[4].As<Napi::Number>().Int64Value());
  return arguments->table.Attach(arguments->bytes.Data(), arguments->bytes.ByteLength());
}

Napi::Value ProgramSync(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ProgramArguments arguments;
  if (!ReadArguments(info, &arguments)) return Misuse(env);
  Environment* environment = Environment::Of(env);
  int error = 0;
  Channel* channel = environment->SyncChannel(&error);
  ProgramResult result;
  result.error = error;
  if (error == 0) {
    result = Programmer(channel, arguments.ifindex, arguments.table, arguments.options,
                        environment->SyncCost(arguments.ifindex))
                 .Run();
  }
  return ProgramOutcome(env, result, 1);
}

// The same arguments and the number by which Cancel knows it.
Napi::Value Program(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ProgramArguments arguments;
  if (!ReadArguments(info, &arguments)) return Misuse(env);
  std::vector<uint64_t> copy((arguments.bytes.ByteLength() + 7) / 8);
  std::memcpy(copy.data(), arguments.bytes.Data(), arguments.bytes.ByteLength());
  std::unique_ptr<Job> job(
      new ProgramJob(arguments.ifindex, std::move(copy), arguments.options, arguments.stoppable));
  const auto settle = [](Napi::Env settle_env, Napi::Promise::Deferred deferred, Job* done) {
    auto* program = static_cast<ProgramJob*>(done);
    deferred.Resolve(ProgramOutcome(settle_env, program->result, program->coalesced()));
  };
  return Environment::Of(env)->Submit(env, std::move(job), settle, info[5].As<Napi::Number>().Uint32Value());
}

Napi::Value Cancel(const Napi::CallbackInfo& info) {
  Environment::Of(info.Env())->Cancel(info[0].As<Napi::Number>().Uint32Value());
  return info.Env().Undefined();
}

// [errno, extended ack, IFLA_NUM_VF, VFs listed, whether there is a list, table: ArrayBuffer]
Napi::Value ReadOutcome(Napi::Env env, const ReadError& error, const VfListHead& head, Napi::Value table) {
  Napi::Array outcome = Napi::Array::New(env, 6);
  outcome.Set(0u, error.error);
  outcome.Set(1u, Text(env, error.extended_ack));
  outcome.Set(2u, head.num_vf);
  outcome.Set(3u, head.listed);
  outcome.Set(4u, Napi::Boolean::New(env, head.has_list));
  outcome.Set(5u, table);
  return outcome;
}

// (ifindex, stats)
Napi::Value ReadSync(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uint32_t ifindex = info[0].As<Napi::Number>().Uint32Value();
  const bool stats = info[1].As<Napi::Boolean>().Value();
  Environment* environment = Environment::Of(env);
  ReadError error;
  Channel* channel = environment->SyncChannel(&error.error);
  VfListHead head;
  if (channel != nullptr) error = environment->sync_reader().Fetch(channel, ifindex, stats, &head);
  if (error.error != 0) return ReadOutcome(env, error, head, env.Undefined());
  // Decoded where JavaScript will read it.
  const uint32_t capacity = EvenCapacity(head.listed);
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, TableBytes(capacity, stats));
  VfTable table;
  table.Format(static_cast<uint8_t*>(buffer.Data()), capacity, stats);
  if (!DecodeVfList(head, &table)) error.error = EBADMSG;
  return ReadOutcome(env, error, head, buffer);
}

Napi::Value Read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::unique_ptr<Job> job(
      new ReadJob(info[0].As<Napi::Number>().Uint32Value(), info[1].As<Napi::Boolean>().Value()));
  const auto settle = [](Napi::Env settle_env, Napi::Promise::Deferred deferred, Job* done) {
    auto* read = static_cast<ReadJob*>(done);
    Napi::Value table = settle_env.Undefined();
    if (read->error.error == 0) {
      const size_t bytes = read->storage.size() * sizeof(uint64_t);
      Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(settle_env, bytes);
      std::memcpy(buffer.Data(), read->storage.data(), bytes);
      table = buffer;
    }
    deferred.Resolve(ReadOutcome(settle_env, read->error, read->head, table));
  };
  return Environment::Of(env)->Submit(env, std::move(job), settle, 0);
}

// (name) → ifindex, or a negative errno
Napi::Value FindLinkByName(const Napi::CallbackInfo& info) {
  int error = 0;
  Channel* channel = Environment::Of(info.Env())->SyncChannel(&error);
  uint32_t ifindex = 0;
  if (error == 0) error = FindLink(channel, info[0].As<Napi::String>().Utf8Value(), &ifindex);
  return Napi::Number::New(info.Env(), error != 0 ? -error : static_cast<double>(ifindex));
}

// (ifindex) → name, or a negative errno
Napi::Value NameOfLink(const Napi::CallbackInfo& info) {
  std::string name;
  const int error = LinkName(info[0].As<Napi::Number>().Uint32Value(), &name);
  if (error != 0) return Napi::Number::New(info.Env(), -error);
  return Napi::String::New(info.Env(), name);
}

}  // namespace

void InitVf(Napi::Env env, Napi::Object exports) {
  exports.Set("programVfsSync", Napi::Function::New(env, ProgramSync));
  exports.Set("programVfs", Napi::Function::New(env, Program));
  exports.Set("cancelProgram", Napi::Function::New(env, Cancel));
  exports.Set("readVfsSync", Napi::Function::New(env, ReadSync));
  exports.Set("readVfs", Napi::Function::New(env, Read));
  exports.Set("findLink", Napi::Function::New(env, FindLinkByName));
  exports.Set("linkName", Napi::Function::New(env, NameOfLink));
  // The layout of the table, for the test that holds the two descriptions of it together.
  Napi::Object layout = Napi::Object::New(env);
  layout.Set("magic", kTableMagic);
  layout.Set("headerBytes", static_cast<double>(kTableHeaderBytes));
  layout.Set("columns", static_cast<double>(kColumns));
  layout.Set("bytesFor3Rows", static_cast<double>(TableBytes(EvenCapacity(3), false)));
  layout.Set("bytesFor3RowsWithStats", static_cast<double>(TableBytes(EvenCapacity(3), true)));
  exports.Set("vfTableLayout", layout);
}

}  // namespace sriov
