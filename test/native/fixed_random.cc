#include "fixed_random.h"

#include <oqs/oqs.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace pqsock {
namespace {

thread_local std::vector<uint8_t> fixed;
thread_local size_t taken = 0;

void TakeFixed(uint8_t* out, size_t size) {
  if (taken + size > fixed.size()) {
    std::fprintf(stderr, "the operation wants %zu random bytes, %zu are left\n", size, fixed.size() - taken);
    std::abort();
  }
  std::memcpy(out, fixed.data() + taken, size);
  taken += size;
}

}  // namespace

Napi::Value WithRandomBytes(const Napi::CallbackInfo& info) {
  const auto bytes = info[0].As<Napi::Uint8Array>();
  fixed.assign(bytes.Data(), bytes.Data() + bytes.ByteLength());
  taken = 0;
  OQS_randombytes_custom_algorithm(TakeFixed);
  info[1].As<Napi::Function>().Call({});
  OQS_randombytes_switch_algorithm(OQS_RAND_alg_system);
  return Napi::Number::New(info.Env(), static_cast<double>(fixed.size() - taken));
}

}  // namespace pqsock
