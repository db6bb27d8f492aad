// The sources that JavaScript has opened, by number, and the monitor whose thread watches them.
//
// Owns both, and how news get to the event loop: by one thread-safe function, whose queue is never longer than one.
// All of it is used on the environment's thread, but for Report. One monitor at a time has sources; one whose last
// source was closed ends on its own time, so that closing never waits for the kernel.
#pragma once

#include <napi.h>

#include <atomic>
#include <memory>
#include <vector>

#include "monitor/link_source.h"
#include "monitor/monitor.h"
#include "monitor/uevent_source.h"

namespace sriov {

enum MonitorKind : uint32_t { kLinks = 0, kUevents = 1 };

class MonitorHost {
 public:
  explicit MonitorHost(napi_env env) : env_(env) {}

  // A number for the source, or a negative errno.
  int32_t Open(MonitorKind kind, Napi::Function on_news);
  void Close(uint32_t id);
  void KeepAlive(bool keep);

  LinkSource* Links(uint32_t id);
  UeventSource* Uevents(uint32_t id);
  void WakeFor(uint32_t id);

  // The environment's last clean-up: no JavaScript runs any more.
  static void Delete(void* self) { delete static_cast<MonitorHost*>(self); }

 private:
  struct Handle {
    uint32_t id;
    MonitorKind kind;
    Source* source;  // owned by monitor
    Monitor* monitor;
    Napi::FunctionReference on_news;
  };

  int Begin(Monitor** monitor);
  Handle* Find(uint32_t id, MonitorKind kind);
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

}  // namespace sriov
