// Arguments are made by src/events/ alone (src/events/native.ts is the twin of this file), as in vf_binding.cc.
//
// News are flat arrays with fixed places: what is taken at once is bounded by the number of links, and most often
// it is one.
#include "node/monitor_binding.h"

#include <atomic>
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "monitor/link_source.h"
#include "monitor/monitor.h"
#include "monitor/uevent_source.h"

namespace sriov {
namespace {

enum Kind : uint32_t { kLinks = 0, kUevents = 1 };
enum ChangeFlag : uint32_t { kPresent = 1, kRecreated = 2, kTouched = 4 };

// All of it is used on the environment's thread, but for Report. One monitor at a time has sources; one whose last
// source was closed ends on its own time, so that closing never waits for the kernel.
class MonitorBinding {
 public:
  explicit MonitorBinding(napi_env env) : env_(env) {}

  // A number for the source, or a negative errno.
  int32_t Open(Kind kind, Napi::Function on_news);
  void Close(uint32_t id);
  void KeepAlive(bool keep);

  LinkSource* Links(uint32_t id);
  UeventSource* Uevents(uint32_t id);
  void WakeFor(uint32_t id);

  // The environment's last clean-up: no JavaScript runs any more.
  static void Delete(void* self) { delete static_cast<MonitorBinding*>(self); }

 private:
  struct Handle {
    uint32_t id;
    Kind kind;
    Source* source;  // owned by monitor
    Monitor* monitor;
    Napi::FunctionReference on_news;
  };

  int Begin(Monitor** monitor);
  Handle* Find(uint32_t id, Kind kind);
  static void Report(void* self);
  static void OnReport(napi_env env, napi_value callback, void* self, void* data);
  void Deliver(Napi::Env env);
  static void StopAll(void* self);

  napi_env env_;
  napi_threadsafe_function report_ = nullptr;
  std::atomic<bool> reported_{false};  // a report is on its way
  std::vector<std::unique_ptr<Monitor>> monitors_;
  std::vector<Handle> handles_;
  uint32_t last_id_ = 0;
};

// The monitor that is running, or a new one.
int MonitorBinding::Begin(Monitor** monitor) {
  if (report_ == nullptr) {
    const napi_value name = Napi::String::New(env_, "sriov.monitor");
    if (napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, OnReport,
                                        &report_) != napi_ok) {
      return ENOMEM;
    }
    // What keeps the process alive is asked for by KeepAlive.
    napi_unref_threadsafe_function(env_, report_);
    // After the function's own clean-up hook, and so run before it: no thread may call what is gone.
    napi_add_env_cleanup_hook(env_, StopAll, this);
  }
  for (const auto& running : monitors_) {
    if (running->stopping()) continue;
    *monitor = running.get();
    return 0;
  }
  std::unique_ptr<Monitor> started(new Monitor(Report, this));
  if (const int error = started->Start()) return error;
  *monitor = started.get();
  monitors_.push_back(std::move(started));
  return 0;
}

int32_t MonitorBinding::Open(Kind kind, Napi::Function on_news) {
  int error = 0;
  std::unique_ptr<Source> source;
  if (kind == kLinks) {
    source = LinkSource::Open(&error);
  } else {
    source = UeventSource::Open(&error);
  }
  Monitor* monitor = nullptr;
  if (error == 0) error = Begin(&monitor);
  if (error != 0) return -error;
  const uint32_t id = ++last_id_ & 0x7fffffff;
  handles_.push_back({id, kind, source.get(), monitor, Napi::Persistent(on_news)});
  monitor->Add(std::move(source));
  return static_cast<int32_t>(id);
}

void MonitorBinding::Close(uint32_t id) {
  for (size_t i = 0; i < handles_.size(); ++i) {
    if (handles_[i].id != id) continue;
    Monitor* monitor = handles_[i].monitor;
    monitor->Remove(handles_[i].source);
    handles_.erase(handles_.begin() + static_cast<std::ptrdiff_t>(i));
    bool used = false;
    for (const Handle& handle : handles_) used = used || handle.monitor == monitor;
    if (!used) monitor->RequestStop();
    return;
  }
}

void MonitorBinding::KeepAlive(bool keep) {
  if (report_ == nullptr) return;
  if (keep) {
    napi_ref_threadsafe_function(env_, report_);
  } else {
    napi_unref_threadsafe_function(env_, report_);
  }
}

MonitorBinding::Handle* MonitorBinding::Find(uint32_t id, Kind kind) {
  for (Handle& handle : handles_) {
    if (handle.id == id && handle.kind == kind) return &handle;
  }
  return nullptr;
}

LinkSource* MonitorBinding::Links(uint32_t id) {
  const Handle* handle = Find(id, kLinks);
  return handle == nullptr ? nullptr : static_cast<LinkSource*>(handle->source);
}

UeventSource* MonitorBinding::Uevents(uint32_t id) {
  const Handle* handle = Find(id, kUevents);
  return handle == nullptr ? nullptr : static_cast<UeventSource*>(handle->source);
}

void MonitorBinding::WakeFor(uint32_t id) {
  for (const Handle& handle : handles_) {
    if (handle.id == id) handle.monitor->Wake();
  }
}

// On a monitor's thread. One report at a time, however many news: the queue of the function stays at one.
void MonitorBinding::Report(void* data) {
  auto* self = static_cast<MonitorBinding*>(data);
  if (self->reported_.exchange(true)) return;
  // Refused only while the environment ends; nobody waits for news then.
  (void)napi_call_threadsafe_function(self->report_, nullptr, napi_tsfn_nonblocking);
}

void MonitorBinding::OnReport(napi_env env, napi_value, void* self, void*) {
  if (env == nullptr) return;  // the environment is ending
  Napi::HandleScope scope(env);
  static_cast<MonitorBinding*>(self)->Deliver(env);
}

void MonitorBinding::Deliver(Napi::Env env) {
  // Before anything is taken: news that come from here on are reported again.
  reported_.store(false);
  for (size_t i = 0; i < monitors_.size();) {
    if (monitors_[i]->finished()) {
      monitors_.erase(monitors_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  // By number: what is called may open and close.
  std::vector<uint32_t> ids;
  for (const Handle& handle : handles_) ids.push_back(handle.id);
  for (const uint32_t id : ids) {
    for (const Handle& handle : handles_) {
      if (handle.id != id) continue;
      const Napi::Function on_news = handle.on_news.Value();
      on_news.Call(env.Undefined(), {});
      break;
    }
    // The callback never throws; if it did, the others must still be told.
    if (env.IsExceptionPending()) (void)env.GetAndClearPendingException();
  }
}

void MonitorBinding::StopAll(void* data) {
  auto* self = static_cast<MonitorBinding*>(data);
  for (const auto& monitor : self->monitors_) monitor->RequestStop();
  self->handles_.clear();
  self->monitors_.clear();
  napi_release_threadsafe_function(self->report_, napi_tsfn_abort);
}

MonitorBinding* BindingOf(const Napi::CallbackInfo& info) { return static_cast<MonitorBinding*>(info.Data()); }

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
  const int32_t opened = BindingOf(info)->Open(static_cast<Kind>(kind), info[1].As<Napi::Function>());
  return Napi::Number::New(info.Env(), opened);
}

// (number)
Napi::Value CloseMonitor(const Napi::CallbackInfo& info) {
  uint32_t id = 0;
  if (!TakeNumber(info, &id)) return Misuse(info.Env());
  BindingOf(info)->Close(id);
  return info.Env().Undefined();
}

// (keep)
Napi::Value KeepMonitorAlive(const Napi::CallbackInfo& info) {
  if (info.Length() < 1 || !info[0].IsBoolean()) return Misuse(info.Env());
  BindingOf(info)->KeepAlive(info[0].As<Napi::Boolean>().Value());
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
// MTU, address, master, alias]
Napi::Value TakeLinks(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint32_t id = 0;
  if (!TakeNumber(info, &id)) return Misuse(env);
  LinkSource* source = BindingOf(info)->Links(id);
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
  }
  return taken;
}

// (number) → [errno, sync, devices, uevents]; of each device: subsystem, name, path, driver
Napi::Value TakeUevents(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint32_t id = 0;
  if (!TakeNumber(info, &id)) return Misuse(env);
  UeventSource* source = BindingOf(info)->Uevents(id);
  if (source == nullptr) return Misuse(env);
  bool work = false;
  const UeventNews news = source->Take(&work);
  if (work) BindingOf(info)->WakeFor(id);
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
  auto* binding = new MonitorBinding(env);  // owned by the environment from here on
  napi_add_env_cleanup_hook(env, MonitorBinding::Delete, binding);
  exports.Set("openMonitor", Napi::Function::New(env, OpenMonitor, "openMonitor", binding));
  exports.Set("closeMonitor", Napi::Function::New(env, CloseMonitor, "closeMonitor", binding));
  exports.Set("keepMonitorAlive", Napi::Function::New(env, KeepMonitorAlive, "keepMonitorAlive", binding));
  exports.Set("takeLinks", Napi::Function::New(env, TakeLinks, "takeLinks", binding));
  exports.Set("takeUevents", Napi::Function::New(env, TakeUevents, "takeUevents", binding));
}

}  // namespace sriov
