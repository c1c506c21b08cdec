// The addon with libFuzzer in it, for targets written in JavaScript: libFuzzer runs on a thread of its own and hands
// each input to the event loop, which may take its time, as the operations off the loop need. What the addon does with
// JavaScript's values is then the real Node-API's doing. run.mjs builds it; in-node.mjs uses it.
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "addon.h"

extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv, int (*callback)(const uint8_t* data, size_t size));

namespace pqsock::fuzz {
namespace {

// libFuzzer's own limit rests on a signal, which may come to any thread.
constexpr std::chrono::seconds kLimit{30};

struct Driver {
  std::mutex mutex;
  std::condition_variable changed;
  std::string input;
  bool is_done = false;
  int exit_code = -1;  // of the whole run, once it has ended
  napi_threadsafe_function hand_over = nullptr;
  std::vector<std::string> arguments;
};

// Never freed: the threads that use it end with the process.
Driver& TheDriver() {
  static Driver* driver = new Driver;
  return *driver;
}

int HandOver(const uint8_t* data, size_t size) {
  Driver& driver = TheDriver();
  std::unique_lock<std::mutex> lock(driver.mutex);
  driver.input.assign(reinterpret_cast<const char*>(data), size);
  driver.is_done = false;
  napi_call_threadsafe_function(driver.hand_over, nullptr, napi_tsfn_blocking);
  if (driver.changed.wait_for(lock, kLimit, [&driver] { return driver.is_done; })) return 0;
  std::fprintf(stderr, "pqsock: an input has not ended after %d seconds\n", static_cast<int>(kLimit.count()));
  std::abort();
}

void RunFuzzer() {
  Driver& driver = TheDriver();
  std::vector<char*> pointers;
  for (std::string& argument : driver.arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  char** arguments = pointers.data();
  std::exit(LLVMFuzzerRunDriver(&count, &arguments, HandOver));
}

// On the event loop: an input for JavaScript, or the exit code if there is no other.
void CallOnInput(napi_env env, napi_value on_input, void*, void*) {
  if (env == nullptr) return;
  const Driver& driver = TheDriver();
  const Napi::Function call(env, on_input);
  if (driver.exit_code < 0) {
    call.Call({Napi::Buffer<char>::Copy(env, driver.input.data(), driver.input.size())});
  } else {
    call.Call({Napi::Number::New(env, driver.exit_code)});
    napi_release_threadsafe_function(driver.hand_over, napi_tsfn_release);
  }
}

// (arguments of libFuzzer, function of an input): returns at once. At the end the function gets an exit code.
void Fuzz(const Napi::CallbackInfo& info) {
  Driver& driver = TheDriver();
  const auto arguments = info[0].As<Napi::Array>();
  for (uint32_t i = 0; i < arguments.Length(); ++i) {
    driver.arguments.push_back(arguments.Get(i).As<Napi::String>().Utf8Value());
  }
  napi_create_threadsafe_function(info.Env(), info[1], nullptr, Napi::String::New(info.Env(), "fuzz"), 0, 1, nullptr,
                                  nullptr, nullptr, CallOnInput, &driver.hand_over);
  std::thread(RunFuzzer).detach();
}

// (): the input that was handed over has been dealt with.
void InputDone(const Napi::CallbackInfo&) {
  Driver& driver = TheDriver();
  std::lock_guard<std::mutex> lock(driver.mutex);
  driver.is_done = true;
  driver.changed.notify_one();
}

// (text): something is not as it must be; libFuzzer keeps the input.
void FailInput(const Napi::CallbackInfo& info) {
  std::fprintf(stderr, "pqsock: %s\n", info[0].ToString().Utf8Value().c_str());
  std::abort();
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  RegisterAddon(env, exports);
  exports.Set("fuzz", Napi::Function::New<Fuzz>(env, "fuzz"));
  exports.Set("inputDone", Napi::Function::New<InputDone>(env, "inputDone"));
  exports.Set("failInput", Napi::Function::New<FailInput>(env, "failInput"));
  return exports;
}

NODE_API_MODULE(pqsock_fuzz, Init)

}  // namespace
}  // namespace pqsock::fuzz

// libFuzzer ends with exit(), which the linker sends here (--wrap). Node must come to its end first: what leaks is
// known only then. The real exit() would not let it: since glibc 2.41 one thread waits there for the other.
extern "C" [[noreturn]] void __wrap_exit(int code) {
  pqsock::fuzz::Driver& driver = pqsock::fuzz::TheDriver();
  std::fflush(nullptr);
  driver.exit_code = code;
  napi_call_threadsafe_function(driver.hand_over, nullptr, napi_tsfn_blocking);
  for (;;) pause();
}
