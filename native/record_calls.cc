#include "record_calls.h"

#include <algorithm>

#include "args.h"
#include "process_gcm.h"
#include "records.h"

namespace pqsock {
namespace {

constexpr uint64_t kMostRecords = 1 << 24;      // under one key: PROTOCOL.md, "Records"
constexpr size_t kMostBytes = size_t{1} << 30;  // of an argument: an int and the results' 32 bits hold it

// A whole number, without the conversions and the wrap-around that JavaScript would do.
bool ReadNumber(napi_env env, napi_value value, uint64_t most, uint64_t* number) {
  double given = 0;
  if (napi_get_value_double(env, value, &given) != napi_ok) return false;
  if (!(given >= 0 && given <= static_cast<double>(most))) return false;
  *number = static_cast<uint64_t>(given);
  return static_cast<double>(*number) == given;
}

// The first three arguments are bytes, the next so many as there are bounds are numbers up to these.
template <size_t count>
Status ReadArguments(const Napi::CallbackInfo& info, Bytes (&bytes)[3], const uint64_t (&most)[count],
                     uint64_t (&numbers)[count]) {
  Status status;
  for (size_t i = 0; i < 3; ++i) {
    status.argument = i;
    status.code = ReadBytes(info.Env(), info[i], &bytes[i]);
    if (status.ok() && bytes[i].size > kMostBytes) status.code = Code::kWrongLength;
    if (!status.ok()) return status;
  }
  for (size_t i = 0; i < count; ++i) {
    status.argument = 3 + i;
    if (!ReadNumber(info.Env(), info[3 + i], most[i], &numbers[i])) status.code = Code::kWrongType;
    if (!status.ok()) return status;
  }
  return {};
}

// (output, key and iv, content, sequence, type, record size, padding) → status
Napi::Value Seal(const Napi::CallbackInfo& info) {
  Bytes bytes[3];
  uint64_t numbers[4];
  Status status = ReadArguments(info, bytes, {kMostRecords, 255, kPlaintextMax - 1, kPlaintextMax}, numbers);
  if (status.ok()) {
    const auto [sequence, type, record_size, padding] = numbers;
    status.code = SealRecords(
        {bytes[0], bytes[1], bytes[2], sequence, static_cast<uint8_t>(type), size_t{record_size}, size_t{padding}});
  }
  return Napi::Number::New(info.Env(), status.Pack());
}

bool ReadResults(napi_env env, napi_value value, uint32_t** results) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) return false;
  *results = static_cast<uint32_t*>(data);
  return type == napi_uint32_array && length == 5;
}

// (output, key and iv, input, sequence, type, most, results) → status
Napi::Value Open(const Napi::CallbackInfo& info) {
  Bytes bytes[3];
  uint64_t numbers[3];
  uint32_t* results = nullptr;
  Status status = ReadArguments(info, bytes, {kMostRecords, 255, kMostRecords}, numbers);
  if (status.ok() && !ReadResults(info.Env(), info[6], &results)) {
    status.code = Code::kWrongType;
    status.argument = 6;
  }
  if (status.ok()) {
    const auto [sequence, type, most] = numbers;
    Opened opened;
    status.code = OpenRecords(
        {bytes[0], bytes[1], bytes[2], sequence, static_cast<uint8_t>(type), static_cast<uint32_t>(most)}, &opened);
    const uint32_t values[] = {opened.records, opened.consumed, opened.produced, opened.other, opened.other_bytes};
    std::copy(values, values + 5, results);
  }
  return Napi::Number::New(info.Env(), status.Pack());
}

}  // namespace

void RegisterRecordCalls(Napi::Env env, Napi::Object exports) {
  if (!ProcessGcm::IsThere()) return;
  exports.Set("sealRecords", Napi::Function::New<Seal>(env, "sealRecords"));
  exports.Set("openRecords", Napi::Function::New<Open>(env, "openRecords"));
}

}  // namespace pqsock
