// Turns JavaScript values into byte ranges, and refuses every value that could change or vanish while it is read.
#ifndef PQSOCK_ARGS_H_
#define PQSOCK_ARGS_H_

#include <napi.h>

#include "operations.h"

namespace pqsock {

// Memory of an ArrayBuffer stays where it is while no JavaScript runs: between this and the last use of the bytes
// nothing may call into JavaScript, not even to get an element of an array. Shared memory is the exception (another
// thread may write), and a detached one has none.
inline Code ReadBytes(napi_env env, napi_value value, Bytes* bytes) {
  static uint8_t nothing;  // liboqs hands pointers to memcpy even where the length is 0: they must not be null
  napi_typedarray_type type;
  void* data = nullptr;
  napi_value buffer;
  if (napi_get_typedarray_info(env, value, &type, &bytes->size, &data, &buffer, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    return Code::kWrongType;
  }
  bool is_unshared = false;
  if (napi_is_arraybuffer(env, buffer, &is_unshared) != napi_ok || !is_unshared) return Code::kShared;
  bytes->data = static_cast<uint8_t*>(data);
  if (bytes->size == 0) {
    bool detached = false;
    if (napi_is_detached_arraybuffer(env, buffer, &detached) != napi_ok || detached) return Code::kDetached;
    bytes->data = &nothing;
  }
  return Code::kOk;
}

// An operation, its algorithm and its arguments, as they stand in the values [operation, algorithm, arguments…].
struct Call {
  const Operation* operation = nullptr;
  const Algorithm* algorithm = nullptr;
  Bytes arguments[kMaxArguments];
};

// A row of a table: a whole number, without the conversions and the wrap-around that JavaScript would do.
inline bool ReadRow(napi_env env, napi_value value, uint32_t* row) {
  double number = 0;
  if (napi_get_value_double(env, value, &number) != napi_ok || !(number >= 0 && number < 256)) return false;
  *row = static_cast<uint32_t>(number);
  return *row == number;
}

inline const Algorithm* ReadAlgorithm(napi_env env, napi_value value) {
  uint32_t row = 0;
  return ReadRow(env, value, &row) ? FindAlgorithm(row) : nullptr;
}

inline const Operation* ReadOperation(napi_env env, napi_value value) {
  uint32_t row = 0;
  return ReadRow(env, value, &row) ? FindOperation(row) : nullptr;
}

// Reads one call; `at(i)` gives its i-th argument. Types, lengths and algorithm are right if the status is ok.
template <typename ArgumentAt>
Status ReadCall(napi_env env, const Operation* operation, const Algorithm* algorithm, ArgumentAt at, Call* call) {
  Status status;
  if (operation == nullptr || algorithm == nullptr || !Applies(*operation, *algorithm)) {
    status.code = Code::kUnknownAlgorithm;
    return status;
  }
  call->operation = operation;
  call->algorithm = algorithm;
  for (size_t i = 0; i < operation->arguments; ++i) {
    status.code = ReadBytes(env, at(i), &call->arguments[i]);
    status.argument = i;
    if (!status.ok()) return status;
  }
  return CheckLengths(*operation, *algorithm, call->arguments);
}

}  // namespace pqsock

#endif  // PQSOCK_ARGS_H_
