#include "stack_depth.h"

#include <alloca.h>

#include <cstring>
#include <vector>

#include "args.h"

namespace pqsock {
namespace {

constexpr size_t kProbed = 512 * 1024;
constexpr int kPaint = 0xa5;

// The compiler must neither drop what is written to memory that nobody reads, nor guess what is in memory that
// nobody wrote.
void Keep(void* memory) { __asm__ volatile("" : : "r"(memory) : "memory"); }

__attribute__((noinline)) void PaintStack() {
  void* stack = alloca(kProbed);
  std::memset(stack, kPaint, kProbed);
  Keep(stack);
}

__attribute__((noinline)) void CopyStack(uint8_t* copy) {
  void* stack = alloca(kProbed);
  Keep(stack);
  std::memcpy(copy, stack, kProbed);
}

using Runner = Status (*)(const Operation&, const Algorithm&, const Bytes*);

Status Run(const Operation& operation, const Algorithm& algorithm, const Bytes* arguments) {
  return operation.run(algorithm, arguments);
}

// All three are called from this one frame, so that they see the same stack below it.
__attribute__((noinline)) Status Probe(Runner runner, const Call& call, uint8_t* copy) {
  PaintStack();
  const Status status = runner(*call.operation, *call.algorithm, call.arguments);
  CopyStack(copy);
  return status;
}

Napi::Value ProbeCall(Runner runner, const Napi::CallbackInfo& info) {
  Call call;
  const auto argument = [&info](size_t i) -> napi_value { return info[i + 2]; };
  const Status read =
      ReadCall(info.Env(), ReadOperation(info.Env(), info[0]), ReadAlgorithm(info.Env(), info[1]), argument, &call);
  if (!read.ok()) return info.Env().Undefined();
  std::vector<uint8_t> copy(kProbed);
  if (!Probe(runner, call, copy.data()).ok()) return info.Env().Undefined();
  return Napi::Buffer<uint8_t>::Copy(info.Env(), copy.data(), copy.size());
}

}  // namespace

Napi::Value StackAfterRun(const Napi::CallbackInfo& info) { return ProbeCall(Run, info); }

Napi::Value StackAfterPerform(const Napi::CallbackInfo& info) { return ProbeCall(Perform, info); }

}  // namespace pqsock
