// What JavaScript sees: a function for each operation that runs inline, `submit` for those that run off the event
// loop, the counters, keys prepared, and the bounds of the pool and of what is kept of peers. lib/native/addon.ts has
// their types.
#include "addon.h"

#include <oqs/oqs.h>

#include "args.h"
#include "jobs.h"
#include "matrices.h"
#include "pool.h"
#include "record_calls.h"

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

// Into the Float64Array that is the argument, as many as it has room for.
void WriteNumbers(const Napi::CallbackInfo& info, std::initializer_list<uint64_t> numbers) {
  napi_typedarray_type type;
  size_t length = 0;
  void* target = nullptr;
  if (napi_get_typedarray_info(info.Env(), info[0], &type, &length, &target, nullptr, nullptr) != napi_ok ||
      type != napi_float64_array) {
    return;
  }
  for (size_t i = 0; i < numbers.size() && i < length; ++i) {
    static_cast<double*>(target)[i] = static_cast<double>(numbers.begin()[i]);
  }
}

// (Float64Array(5)): keypair, sign, verify, encapsulate, decapsulate
void ReadOperationCounts(const Napi::CallbackInfo& info) {
  WriteNumbers(info,
               {OperationCount(Counter::kKeypair), OperationCount(Counter::kSign), OperationCount(Counter::kVerify),
                OperationCount(Counter::kEncapsulate), OperationCount(Counter::kDecapsulate)});
}

// () → number
Napi::Value ReadCpuFeatures(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), CpuFeatures()); }

// (threads, waiting): numbers, or nothing is done
void SetPoolBounds(const Napi::CallbackInfo& info) {
  uint32_t threads = 0, waiting = 0;
  if (napi_get_value_uint32(info.Env(), info[0], &threads) != napi_ok ||
      napi_get_value_uint32(info.Env(), info[1], &waiting) != napi_ok) {
    return;
  }
  ConfigurePool(threads, waiting);
}

// How much memory hangs on what JavaScript has: it looks small from there.
void TellCollector(napi_env env, const Matrix& matrix, int64_t times) {
  int64_t total = 0;
  napi_adjust_external_memory(env, times * static_cast<int64_t>(matrix->made_by->size), &total);
}

void Release(napi_env env, Matrix* pinned) {
  if (*pinned == nullptr) return;
  UnpinMatrix(*pinned);
  TellCollector(env, *pinned, -1);
  pinned->reset();
}

// When the object is collected, and at the end of the environment at the latest.
void Forget(napi_env env, void* pinned, void*) {
  Release(env, static_cast<Matrix*>(pinned));
  delete static_cast<Matrix*>(pinned);
}

// Tells the objects that hold a matrix from what other addons make.
constexpr napi_type_tag kMatrixTag = {0x7f6e3c0d51b94a82, 0xa1d0e8c39f274b65};

// (algorithm, key: a public or a secret one) → an object that holds its matrix, or a status
Napi::Value PrepareKey(const Napi::CallbackInfo& info) {
  Status status;
  Bytes key;
  const Algorithm* algorithm = ReadAlgorithm(info.Env(), info[0]);
  if (algorithm == nullptr || algorithm->matrix == nullptr) {
    status.code = Code::kUnknownAlgorithm;
  } else {
    status.code = ReadBytes(info.Env(), info[1], &key);
  }
  if (status.ok() && key.size != algorithm->length[static_cast<size_t>(Kind::kPublicKey)] &&
      key.size != algorithm->length[static_cast<size_t>(Kind::kSecretKey)]) {
    status.code = Code::kWrongLength;
  }
  if (!status.ok()) return Napi::Number::New(info.Env(), status.Pack());
  Matrix matrix = PinMatrix(*algorithm, key.data);
  if (matrix == nullptr) {
    status.code = Code::kOutOfMemory;
    return Napi::Number::New(info.Env(), status.Pack());
  }
  TellCollector(info.Env(), matrix, 1);
  Napi::Object holder = Napi::Object::New(info.Env());
  napi_type_tag_object(info.Env(), holder, &kMatrixTag);
  napi_wrap(info.Env(), holder, new Matrix(std::move(matrix)), Forget, nullptr, nullptr);
  return holder;
}

// (matrix): more than once does nothing more
void ReleaseKey(const Napi::CallbackInfo& info) {
  bool is_matrix = false;
  void* pinned = nullptr;
  if (!info[0].IsObject() || napi_check_object_type_tag(info.Env(), info[0], &kMatrixTag, &is_matrix) != napi_ok ||
      !is_matrix || napi_unwrap(info.Env(), info[0], &pinned) != napi_ok) {
    return;
  }
  Release(info.Env(), static_cast<Matrix*>(pinned));
}

// (places, seen): numbers, or nothing is done
void SetPeersBounds(const Napi::CallbackInfo& info) {
  uint32_t places = 0, seen = 0;
  if (napi_get_value_uint32(info.Env(), info[0], &places) != napi_ok ||
      napi_get_value_uint32(info.Env(), info[1], &seen) != napi_ok) {
    return;
  }
  ConfigurePeers(places, seen);
}

// (Float64Array(4)): keys that are pinned, peers that are kept, places for peers, peers seen once
void ReadMatrixCounts(const Napi::CallbackInfo& info) {
  const MatrixCounts counts = CountMatrices();
  WriteNumbers(info, {counts.pinned, counts.peers, counts.places, counts.seen});
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
  Register<OperationId::kSigVerifyPeer>(env, exports, "sigVerifyPeer");
  Register<OperationId::kHandshakeAnswer>(env, exports, "handshakeAnswer");
  Register<OperationId::kHandshakeAnswerJointly>(env, exports, "handshakeAnswerJointly");
  Register<OperationId::kHandshakeOffer>(env, exports, "handshakeOffer");
  Register<OperationId::kHandshakeAccept>(env, exports, "handshakeAccept");
  Register<OperationId::kSigKeypairFrom>(env, exports, "sigKeypairFrom");
  Register<OperationId::kSigPublicKey>(env, exports, "sigPublicKey");
  exports.Set("submit", Napi::Function::New<SubmitRequest>(env, "submit"));
  exports.Set("operationCounts", Napi::Function::New<ReadOperationCounts>(env, "operationCounts"));
  exports.Set("cpuFeatures", Napi::Function::New<ReadCpuFeatures>(env, "cpuFeatures"));
  exports.Set("configurePool", Napi::Function::New<SetPoolBounds>(env, "configurePool"));
  exports.Set("prepareKey", Napi::Function::New<PrepareKey>(env, "prepareKey"));
  exports.Set("releaseKey", Napi::Function::New<ReleaseKey>(env, "releaseKey"));
  exports.Set("configurePeers", Napi::Function::New<SetPeersBounds>(env, "configurePeers"));
  exports.Set("matrixCounts", Napi::Function::New<ReadMatrixCounts>(env, "matrixCounts"));
  RegisterRecordCalls(env, exports);
  return exports;
}

}  // namespace pqsock
