// What JavaScript sees: a function for each operation that runs inline, `submit` for those that run off the event
// loop, the counters and the pool's bounds. lib/native/addon.ts has their types.
#include "addon.h"

#include <oqs/oqs.h>

#include "args.h"
#include "jobs.h"
#include "pool.h"

namespace pqsock {
namespace {

// (algorithm, outputs…, inputs…) → status
template <OperationId id>
Napi::Value Inline(const Napi::CallbackInfo& info) {
  Call call;
  const auto argument = [&info](size_t i) -> napi_value { return info[i + 1]; };
  Status status = ReadCall(info.Env(), FindOperation(static_cast<uint32_t>(id)), ReadAlgorithm(info.Env(), info[0]),
                           argument, &call);
  if (status.ok()) status = Perform(*call.operation, *call.algorithm, call.arguments);
  return Napi::Number::New(info.Env(), status.Pack());
}

// (request) → status
Napi::Value SubmitRequest(const Napi::CallbackInfo& info) {
  Status status;
  status.code = Code::kWrongType;
  if (info[0].IsArray()) status = Submit(info.Env(), info[0].As<Napi::Array>());
  return Napi::Number::New(info.Env(), status.Pack());
}

// (Float64Array(5)): keypair, sign, verify, encapsulate, decapsulate
void ReadOperationCounts(const Napi::CallbackInfo& info) {
  napi_typedarray_type type;
  size_t length = 0;
  void* target = nullptr;
  if (napi_get_typedarray_info(info.Env(), info[0], &type, &length, &target, nullptr, nullptr) != napi_ok ||
      type != napi_float64_array) {
    return;
  }
  for (size_t i = 0; i < kCounters && i < length; ++i) {
    static_cast<double*>(target)[i] = static_cast<double>(OperationCount(static_cast<Counter>(i)));
  }
}

// (threads, waiting): numbers, or nothing is done
void SetPoolBounds(const Napi::CallbackInfo& info) {
  uint32_t threads = 0, waiting = 0;
  if (napi_get_value_uint32(info.Env(), info[0], &threads) != napi_ok ||
      napi_get_value_uint32(info.Env(), info[1], &waiting) != napi_ok) {
    return;
  }
  ConfigurePool(threads, waiting);
}

template <OperationId id>
void Register(Napi::Env env, Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<Inline<id>>(env, name));
}

}  // namespace

Napi::Object RegisterAddon(Napi::Env env, Napi::Object exports) {
  OQS_init();
  InitJobs(env);
  Register<OperationId::kKemKeypair>(env, exports, "kemKeypair");
  Register<OperationId::kKemEncapsulate>(env, exports, "kemEncapsulate");
  Register<OperationId::kKemDecapsulate>(env, exports, "kemDecapsulate");
  Register<OperationId::kKemCheckPublicKey>(env, exports, "kemCheckPublicKey");
  Register<OperationId::kSigKeypair>(env, exports, "sigKeypair");
  Register<OperationId::kSigSign>(env, exports, "sigSign");
  Register<OperationId::kSigVerify>(env, exports, "sigVerify");
  exports.Set("submit", Napi::Function::New<SubmitRequest>(env, "submit"));
  exports.Set("operationCounts", Napi::Function::New<ReadOperationCounts>(env, "operationCounts"));
  exports.Set("configurePool", Napi::Function::New<SetPoolBounds>(env, "configurePool"));
  return exports;
}

}  // namespace pqsock
