// The addon of the tests: the one that ships, and what only tests may do. It is built apart and never packed.
#include "addon.h"
#include "cpu_features.h"
#include "fixed_random.h"
#include "freed_memory.h"
#include "spoiled_matrix.h"
#include "stack_depth.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  pqsock::RegisterAddon(env, exports);
  exports.Set("withRandomBytes", Napi::Function::New<pqsock::WithRandomBytes>(env, "withRandomBytes"));
  exports.Set("hideCpuFeatures", Napi::Function::New<pqsock::HideCpuFeatures>(env, "hideCpuFeatures"));
  exports.Set("stackAfterRun", Napi::Function::New<pqsock::StackAfterRun>(env, "stackAfterRun"));
  exports.Set("stackAfterPerform", Napi::Function::New<pqsock::StackAfterPerform>(env, "stackAfterPerform"));
  exports.Set("watchFreedMemory", Napi::Function::New<pqsock::WatchFreedMemory>(env, "watchFreedMemory"));
  exports.Set("freedMemory", Napi::Function::New<pqsock::FreedMemory>(env, "freedMemory"));
  exports.Set("spoilMatrix", Napi::Function::New<pqsock::SpoilMatrix>(env, "spoilMatrix"));
  exports.Set("verifyOffering", Napi::Function::New<pqsock::VerifyOffering>(env, "verifyOffering"));
  return exports;
}

NODE_API_MODULE(pqsock_test, Init)
