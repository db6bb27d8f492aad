#include "node/monitor_host.h"

#include <cerrno>
#include <utility>

namespace sriov {

// The monitor that is running, or a new one.
int MonitorHost::Begin(Monitor** monitor) {
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

int32_t MonitorHost::Open(MonitorKind kind, Napi::Function on_news) {
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

void MonitorHost::Close(uint32_t id) {
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

void MonitorHost::KeepAlive(bool keep) {
  if (report_ == nullptr) return;
  if (keep) {
    napi_ref_threadsafe_function(env_, report_);
  } else {
    napi_unref_threadsafe_function(env_, report_);
  }
}

MonitorHost::Handle* MonitorHost::Find(uint32_t id, MonitorKind kind) {
  for (Handle& handle : handles_) {
    if (handle.id == id && handle.kind == kind) return &handle;
  }
  return nullptr;
}

LinkSource* MonitorHost::Links(uint32_t id) {
  const Handle* handle = Find(id, kLinks);
  return handle == nullptr ? nullptr : static_cast<LinkSource*>(handle->source);
}

UeventSource* MonitorHost::Uevents(uint32_t id) {
  const Handle* handle = Find(id, kUevents);
  return handle == nullptr ? nullptr : static_cast<UeventSource*>(handle->source);
}

void MonitorHost::WakeFor(uint32_t id) {
  for (const Handle& handle : handles_) {
    if (handle.id == id) handle.monitor->Wake();
  }
}

// On a monitor's thread. One report at a time, however many news: the queue of the function stays at one.
void MonitorHost::Report(void* data) {
  auto* self = static_cast<MonitorHost*>(data);
  if (self->reported_.exchange(true)) return;
  // Refused only while the environment ends; nobody waits for news then.
  (void)napi_call_threadsafe_function(self->report_, nullptr, napi_tsfn_nonblocking);
}

void MonitorHost::OnReport(napi_env env, napi_value, void* self, void*) {
  if (env == nullptr) return;  // the environment is ending
  Napi::HandleScope scope(env);
  static_cast<MonitorHost*>(self)->Deliver(env);
}

void MonitorHost::Deliver(Napi::Env env) {
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

void MonitorHost::StopAll(void* data) {
  auto* self = static_cast<MonitorHost*>(data);
  for (const auto& monitor : self->monitors_) monitor->RequestStop();
  self->handles_.clear();
  self->monitors_.clear();
  napi_release_threadsafe_function(self->report_, napi_tsfn_abort);
}

}  // namespace sriov
