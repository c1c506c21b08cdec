#include "spoiled_matrix.h"

#include <oqs/oqs.h>

#include "args.h"
#include "matrices.h"

namespace pqsock {

void SpoilMatrix(const Napi::CallbackInfo& info) {
  Bytes key;
  const Algorithm* algorithm = ReadAlgorithm(info.Env(), info[0]);
  if (algorithm == nullptr || ReadBytes(info.Env(), info[1], &key) != Code::kOk) return;
  const Matrix matrix = PinMatrix(*algorithm, key.data);
  static_cast<uint8_t*>(matrix->matrix)[0] ^= 1;
  UnpinMatrix(matrix);
}

Napi::Value VerifyOffering(const Napi::CallbackInfo& info) {
  void* matrix = nullptr;
  Bytes key, message, signature;
  const Algorithm* algorithm = ReadAlgorithm(info.Env(), info[1]);
  if (algorithm == nullptr || napi_unwrap(info.Env(), info[0], &matrix) != napi_ok ||
      ReadBytes(info.Env(), info[2], &key) != Code::kOk || ReadBytes(info.Env(), info[3], &message) != Code::kOk ||
      ReadBytes(info.Env(), info[4], &signature) != Code::kOk) {
    return info.Env().Undefined();
  }
  OQS_SIG_use_prepared(static_cast<Matrix*>(matrix)->get());
  const int result =
      algorithm->verify(message.data, message.size, signature.data, signature.size, nullptr, 0, key.data);
  OQS_SIG_use_prepared(nullptr);
  return Napi::Boolean::New(info.Env(), result == 0);
}

}  // namespace pqsock
