#include "node/environment.h"

#include <linux/netlink.h>

#include <cerrno>

namespace sriov {

Environment* Environment::Create(Napi::Env env) {
  auto* self = new Environment(env);  // owned by the environment from here on
  env.SetInstanceData<Environment>(self);
  return self;
}

Environment* Environment::Of(Napi::Env env) { return env.GetInstanceData<Environment>(); }

Environment::Environment(Napi::Env env) : env_(env) {
  const napi_value name = Napi::String::New(env, "sriov");
  // Its own clean-up hook is added first and so runs last: threads are joined while it still stands.
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, OnReport, &report_);
  // An idle handle must not keep the process alive; a request that is under way does.
  napi_unref_threadsafe_function(env, report_);
  dispatcher_.reset(new Dispatcher(Report, this));
  napi_add_env_cleanup_hook(env, CleanUp, this);
}

Environment::~Environment() = default;

void Environment::CleanUp(void* data) {
  auto* self = static_cast<Environment*>(data);
  self->dispatcher_->Stop();
  napi_release_threadsafe_function(self->report_, napi_tsfn_abort);
}

Napi::Value Environment::Submit(Napi::Env env, std::unique_ptr<Job> job, Settle settle, uint32_t id) {
  napi_deferred deferred = nullptr;
  napi_value promise = nullptr;
  if (napi_create_promise(env, &deferred, &promise) != napi_ok) return env.Undefined();
  Job* const submitted = job.get();
  const int error = dispatcher_->Submit(std::move(job));
  if (error != 0) {
    (void)napi_resolve_deferred(env, deferred, Napi::Number::New(env, error));
    return {env, promise};
  }
  if (pending_.empty()) napi_ref_threadsafe_function(env_, report_);
  pending_.push_back({id, submitted, settle, deferred});
  return {env, promise};
}

void Environment::Cancel(uint32_t id) {
  for (const Pending& pending : pending_) {
    if (pending.id == id) pending.job->Cancel();
  }
}

void Environment::Report(void* self, std::unique_ptr<Job> job) {
  Job* const done = job.release();
  // Refused only while the environment ends; nobody waits for the job then.
  if (napi_call_threadsafe_function(static_cast<Environment*>(self)->report_, done, napi_tsfn_blocking) != napi_ok) {
    job.reset(done);
  }
}

void Environment::OnReport(napi_env env, napi_value, void* self, void* data) {
  std::unique_ptr<Job> job(static_cast<Job*>(data));
  if (env == nullptr) return;  // the environment is ending
  Napi::HandleScope scope(env);
  auto* environment = static_cast<Environment*>(self);
  environment->SettleJob(env, job.get());
  if (job->is_program()) {
    for (const auto& absorbed : static_cast<ProgramJob*>(job.get())->absorbed()) {
      environment->SettleJob(env, absorbed.get());
    }
  }
}

void Environment::SettleJob(Napi::Env env, Job* job) {
  for (size_t i = 0; i < pending_.size(); ++i) {
    if (pending_[i].job != job) continue;
    const Pending pending = pending_[i];
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
    if (pending_.empty()) napi_unref_threadsafe_function(env_, report_);
    const Napi::Value value = pending.settle(env, job);
    if (!value.IsEmpty()) (void)napi_resolve_deferred(env, pending.deferred, value);
    return;
  }
}

void Environment::KeepExchange(Napi::Float64Array exchange) {
  exchange_owner_ = Napi::Reference<Napi::Float64Array>::New(exchange, 1);
  exchange_ = exchange.Data();
}

Channel* Environment::SyncChannel(int* error) {
  *error = sync_socket_.is_open() ? 0 : sync_socket_.Open(NETLINK_ROUTE);
  return *error == 0 ? &sync_socket_ : nullptr;
}

CostModel* Environment::SyncCost(uint32_t ifindex) {
  for (KnownCost& known : sync_costs_) {
    if (known.ifindex == ifindex) return &known.cost;
  }
  sync_costs_.push_back({ifindex, {}});
  return &sync_costs_.back().cost;
}

}  // namespace sriov
