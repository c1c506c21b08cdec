// The addon of the tests: the one that ships, and what only tests may do. It is built apart and never packed.
#include "addon.h"
#include "cpu_features.h"
#include "fixed_random.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  pqsock::RegisterAddon(env, exports);
  exports.Set("withRandomBytes", Napi::Function::New<pqsock::WithRandomBytes>(env, "withRandomBytes"));
  exports.Set("hideCpuFeatures", Napi::Function::New<pqsock::HideCpuFeatures>(env, "hideCpuFeatures"));
  return exports;
}

NODE_API_MODULE(pqsock_test, Init)
