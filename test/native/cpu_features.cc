#include "cpu_features.h"

#include <oqs/oqs.h>

#include <atomic>

static std::atomic<bool> hidden{false};

// The linker sends every call of OQS_CPU_has_extension to the first of these (--wrap).
extern "C" int __real_OQS_CPU_has_extension(OQS_CPU_EXT extension);
extern "C" int __wrap_OQS_CPU_has_extension(OQS_CPU_EXT extension) {
  return hidden ? 0 : __real_OQS_CPU_has_extension(extension);
}

namespace pqsock {

Napi::Value HideCpuFeatures(const Napi::CallbackInfo& info) {
  hidden = info[0].ToBoolean().Value();
  return Napi::Boolean::New(info.Env(), OQS_CPU_has_extension(OQS_CPU_EXT_AVX2) != 0);
}

}  // namespace pqsock
