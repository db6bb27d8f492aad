// What the addon keeps for one JavaScript environment (the main thread or one worker thread).
// Owns the pool, the socket of the synchronous calls, and the promises that are not settled yet.
//
// Everything here is called on the environment's own thread, except Report. At the environment's end the
// clean-up hook stops the pool first, so that no thread calls into a dead environment.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "netlink/socket.h"
#include "worker/dispatcher.h"

namespace sriov {

// A worker is ended from another thread, which can come between any two calls of Node-API: from then on every
// call that may run JavaScript fails (napi_pending_exception), and what node-addon-api returns for it is empty,
// with no memory behind it and no environment to throw in. Code that may run then must look before it touches.
class Environment {
 public:
  // What came of `job`, which is done, for JavaScript. Empty if it could not be made (see below).
  using Settle = Napi::Value (*)(Napi::Env env, Job* job);

  static Environment* Create(Napi::Env env);
  static Environment* Of(Napi::Env env);
  ~Environment();

  // Hands the job to the pool. The promise is resolved with what `settle` makes. `id` is what Cancel knows it by.
  Napi::Value Submit(Napi::Env env, std::unique_ptr<Job> job, Settle settle, uint32_t id);
  void Cancel(uint32_t id);

  // Numbers that the addon and JavaScript hand to each other without a call.
  void KeepExchange(Napi::Float64Array exchange);
  double* exchange() const { return exchange_; }

  // The socket of the synchronous calls, opened when first needed. nullptr and an errno if it cannot be.
  Channel* SyncChannel(int* error);
  CostModel* SyncCost(uint32_t ifindex);
  VfReader& sync_reader() { return sync_reader_; }

 private:
  struct Pending {
    uint32_t id;
    Job* job;
    Settle settle;
    napi_deferred deferred;
  };
  struct KnownCost {
    uint32_t ifindex;
    CostModel cost;
  };

  explicit Environment(Napi::Env env);
  static void Report(void* self, std::unique_ptr<Job> job);
  static void OnReport(napi_env env, napi_value callback, void* self, void* job);
  void SettleJob(Napi::Env env, Job* job);
  static void CleanUp(void* self);

  napi_env env_;
  napi_threadsafe_function report_ = nullptr;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::vector<Pending> pending_;
  Napi::Reference<Napi::Float64Array> exchange_owner_;
  double* exchange_ = nullptr;  // does not move while it is referred to
  NetlinkSocket sync_socket_;
  VfReader sync_reader_;
  std::vector<KnownCost> sync_costs_;
};

}  // namespace sriov
