// Arguments are checked and made by src/ alone (src/vf/native.ts is the twin of this file), so a wrong one
// is a mistake in this package: it gives a TypeError without further words.
//
// Each call into Node-API costs as much as the kernel takes for a setting or more. So the numbers of a request
// travel in an array of doubles that both sides see (the exchange), and other results are arrays with fixed
// places: an object with that many named properties costs as much as a hundred VFs.
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

// Places in the exchange (src/vf/native.ts): options of a synchronous call, and numbers of an outcome.
enum Option : size_t { kFlags, kMaxHoldNs, kRetryNs, kOptions };
constexpr size_t kNumbers = 12;

void WriteNumbers(const ProgramResult& result, uint32_t coalesced, double* out) {
  out[0] = result.error;
  out[1] = result.requested;
  out[2] = result.applied;
  out[3] = result.unverified;
  out[4] = result.messages;
  out[5] = result.reads;
  out[6] = result.retries;
  out[7] = result.num_vf;
  out[8] = result.rolled_back;
  out[9] = result.aborted;
  out[10] = coalesced;
  out[11] = static_cast<double>(result.duration_ns) / 1e6;
}

// [extended ack, failures, not restored], or undefined if there is none of them.
Napi::Value Words(Napi::Env env, const ProgramResult& result) {
  if (result.extended_ack.empty() && result.failures.empty() && result.not_restored.empty()) return env.Undefined();
  Napi::Array words = Napi::Array::New(env, 3);
  words.Set(0u, Text(env, result.extended_ack));
  words.Set(1u, Failures(env, result.failures));
  words.Set(2u, Failures(env, result.not_restored));
  return words;
}

ProgramOptions Options(uint32_t flags, double max_hold_ns, double retry_ns) {
  ProgramOptions options;
  options.verify = (flags & kVerify) != 0;
  options.atomic = (flags & kAtomic) != 0;
  options.max_hold_ns = static_cast<uint64_t>(max_hold_ns);
  options.retry_ns = static_cast<uint64_t>(retry_ns);
  return options;
}

bool IsTable(napi_value value, VfTable* table, napi_env env, uint8_t** data, size_t* bytes) {
  napi_typedarray_type type;
  void* start = nullptr;
  if (napi_get_typedarray_info(env, value, &type, bytes, &start, nullptr, nullptr) != napi_ok) return false;
  *data = static_cast<uint8_t*>(start);
  return type == napi_uint8_array && table->Attach(*data, *bytes);
}

// (ifindex, table: Uint8Array): options and numbers go through the exchange. Words, or undefined.
Napi::Value ProgramSync(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint8_t* data = nullptr;
  size_t bytes = 0;
  VfTable table;
  if (info.Length() < 2 || !IsTable(info[1], &table, env, &data, &bytes)) return Misuse(env);
  const uint32_t ifindex = info[0].As<Napi::Number>().Uint32Value();
  Environment* environment = Environment::Of(env);
  double* const exchange = environment->exchange();
  const ProgramOptions options =
      Options(static_cast<uint32_t>(exchange[kFlags]), exchange[kMaxHoldNs], exchange[kRetryNs]);
  ProgramResult result;
  Channel* channel = environment->SyncChannel(&result.error);
  if (result.error == 0) result = Programmer(channel, ifindex, table, options, environment->SyncCost(ifindex)).Run();
  WriteNumbers(result, 1, exchange + kOptions);
  return Words(env, result);
}

// (ifindex, table, flags, maxHoldNs, retryNs, the number by which Cancel knows it) → [numbers, words]
Napi::Value Program(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint8_t* data = nullptr;
  size_t bytes = 0;
  VfTable table;
  if (info.Length() < 6 || !IsTable(info[1], &table, env, &data, &bytes)) return Misuse(env);
  const uint32_t flags = info[2].As<Napi::Number>().Uint32Value();
  const ProgramOptions options =
      Options(flags, info[3].As<Napi::Number>().DoubleValue(), info[4].As<Napi::Number>().DoubleValue());
  // A table is whole u64s at an aligned address (VfTable::Attach).
  const auto* words = reinterpret_cast<const uint64_t*>(data);
  std::vector<uint64_t> copy(words, words + bytes / sizeof(uint64_t));
  std::unique_ptr<Job> job(new ProgramJob(info[0].As<Napi::Number>().Uint32Value(), std::move(copy), options,
                                          (flags & kStoppable) != 0));
  const auto settle = [](Napi::Env settle_env, Job* done) -> Napi::Value {
    auto* program = static_cast<ProgramJob*>(done);
    Napi::Float64Array numbers = Napi::Float64Array::New(settle_env, kNumbers);
    if (numbers.IsEmpty()) return {};
    WriteNumbers(program->result, program->coalesced(), numbers.Data());
    Napi::Array outcome = Napi::Array::New(settle_env, 2);
    outcome.Set(0u, numbers);
    outcome.Set(1u, Words(settle_env, program->result));
    return outcome;
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
  if (buffer.IsEmpty()) return env.Undefined();
  VfTable table;
  table.Format(static_cast<uint8_t*>(buffer.Data()), capacity, stats);
  if (!DecodeVfList(head, &table)) error.error = EBADMSG;
  return ReadOutcome(env, error, head, buffer);
}

Napi::Value Read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::unique_ptr<Job> job(
      new ReadJob(info[0].As<Napi::Number>().Uint32Value(), info[1].As<Napi::Boolean>().Value()));
  const auto settle = [](Napi::Env settle_env, Job* done) -> Napi::Value {
    auto* read = static_cast<ReadJob*>(done);
    Napi::Value table = settle_env.Undefined();
    if (read->error.error == 0) {
      const size_t bytes = read->storage.size() * sizeof(uint64_t);
      Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(settle_env, bytes);
      if (buffer.IsEmpty()) return {};
      std::memcpy(buffer.Data(), read->storage.data(), bytes);
      table = buffer;
    }
    return ReadOutcome(settle_env, read->error, read->head, table);
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
  Napi::Float64Array exchange = Napi::Float64Array::New(env, kOptions + kNumbers);
  if (exchange.IsEmpty()) return;
  Environment::Of(env)->KeepExchange(exchange);
  exports.Set("exchange", exchange);
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
