// Arguments are made by src/events/ alone (src/events/native.ts is the twin of this file), as in vf_binding.cc.
//
// News are flat arrays with fixed places: what is taken at once is bounded by the number of links, and most often
// it is one.
#include "node/monitor_binding.h"

#include <string>
#include <string_view>

#include "node/monitor_host.h"

namespace sriov {
namespace {

enum ChangeFlag : uint32_t { kPresent = 1, kRecreated = 2, kTouched = 4 };

MonitorHost* HostOf(const Napi::CallbackInfo& info) { return static_cast<MonitorHost*>(info.Data()); }

Napi::Value Misuse(Napi::Env env) {
  Napi::TypeError::New(env, "sriov addon: wrong arguments").ThrowAsJavaScriptException();
  return env.Undefined();
}

bool TakeNumber(const Napi::CallbackInfo& info, uint32_t* number) {
  if (info.Length() < 1 || !info[0].IsNumber()) return false;
  *number = info[0].As<Napi::Number>().Uint32Value();
  return true;
}

// (kind, onNews: () => void) → number of the source, or a negative errno
Napi::Value OpenMonitor(const Napi::CallbackInfo& info) {
  uint32_t kind = 0;
  if (!TakeNumber(info, &kind) || kind > kUevents || info.Length() < 2 || !info[1].IsFunction()) {
    return Misuse(info.Env());
  }
  const int32_t opened = HostOf(info)->Open(static_cast<MonitorKind>(kind), info[1].As<Napi::Function>());
  return Napi::Number::New(info.Env(), opened);
}

// (number)
Napi::Value CloseMonitor(const Napi::CallbackInfo& info) {
  uint32_t id = 0;
  if (!TakeNumber(info, &id)) return Misuse(info.Env());
  HostOf(info)->Close(id);
  return info.Env().Undefined();
}

// (keep)
Napi::Value KeepMonitorAlive(const Napi::CallbackInfo& info) {
  if (info.Length() < 1 || !info[0].IsBoolean()) return Misuse(info.Env());
  HostOf(info)->KeepAlive(info[0].As<Napi::Boolean>().Value());
  return info.Env().Undefined();
}

Napi::Value Text(Napi::Env env, std::string_view text) {
  return Napi::String::New(env, text.data(), text.size());
}

std::string FormatAddress(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    if (!text.empty()) text += ':';
    text += kDigits[static_cast<uint8_t>(byte) >> 4];
    text += kDigits[static_cast<uint8_t>(byte) & 15];
  }
  return text;
}

// (number) → [errno, sync, then for each link: flags, ifindex, name, device, bus, port name, kind, IFF_*, operstate,
// MTU, address, master, alias, announcements]
Napi::Value TakeLinks(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint32_t id = 0;
  if (!TakeNumber(info, &id)) return Misuse(env);
  LinkSource* source = HostOf(info)->Links(id);
  if (source == nullptr) return Misuse(env);
  const LinkNews news = source->Take();
  Napi::Array taken = Napi::Array::New(env);
  uint32_t at = 0;
  taken.Set(at++, news.error);
  taken.Set(at++, static_cast<uint32_t>(news.sync));
  for (const LinkChange& change : news.changes) {
    const Napi::HandleScope scope(env);
    const Link& link = change.link;
    taken.Set(at++, (change.present ? kPresent : 0u) | (change.recreated ? kRecreated : 0u) |
                        (change.touched ? kTouched : 0u));
    taken.Set(at++, link.ifindex);
    taken.Set(at++, Text(env, link.name));
    taken.Set(at++, Text(env, link.device));
    taken.Set(at++, Text(env, link.bus));
    taken.Set(at++, Text(env, link.port_name));
    taken.Set(at++, Text(env, link.kind));
    taken.Set(at++, link.flags);
    taken.Set(at++, static_cast<uint32_t>(link.operstate));
    taken.Set(at++, link.mtu);
    taken.Set(at++, Text(env, FormatAddress(link.address)));
    taken.Set(at++, link.master);
    taken.Set(at++, Text(env, link.alias));
    taken.Set(at++, change.announcements);
  }
  return taken;
}

// (number) → [errno, sync, devices, uevents]; of each device: subsystem, name, path, driver
Napi::Value TakeUevents(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint32_t id = 0;
  if (!TakeNumber(info, &id)) return Misuse(env);
  UeventSource* source = HostOf(info)->Uevents(id);
  if (source == nullptr) return Misuse(env);
  bool work = false;
  const UeventNews news = source->Take(&work);
  if (work) HostOf(info)->WakeFor(id);
  Napi::Array devices = Napi::Array::New(env);
  uint32_t at = 0;
  for (const ScannedDevice& device : news.scan) {
    const Napi::HandleScope scope(env);
    devices.Set(at++, Text(env, device.subsystem));
    devices.Set(at++, Text(env, device.name));
    devices.Set(at++, Text(env, device.path));
    devices.Set(at++, Text(env, device.driver));
  }
  Napi::Array uevents = Napi::Array::New(env);
  at = 0;
  for (const std::string& uevent : news.uevents) {
    const Napi::HandleScope scope(env);
    uevents.Set(at++, Text(env, uevent));
  }
  Napi::Array taken = Napi::Array::New(env, 4);
  taken.Set(0u, news.error);
  taken.Set(1u, static_cast<uint32_t>(news.sync));
  taken.Set(2u, devices);
  taken.Set(3u, uevents);
  return taken;
}

}  // namespace

void InitMonitor(Napi::Env env, Napi::Object exports) {
  auto* host = new MonitorHost(env);  // owned by the environment from here on
  napi_add_env_cleanup_hook(env, MonitorHost::Delete, host);
  exports.Set("openMonitor", Napi::Function::New(env, OpenMonitor, "openMonitor", host));
  exports.Set("closeMonitor", Napi::Function::New(env, CloseMonitor, "closeMonitor", host));
  exports.Set("keepMonitorAlive", Napi::Function::New(env, KeepMonitorAlive, "keepMonitorAlive", host));
  exports.Set("takeLinks", Napi::Function::New(env, TakeLinks, "takeLinks", host));
  exports.Set("takeUevents", Napi::Function::New(env, TakeUevents, "takeUevents", host));
}

}  // namespace sriov
