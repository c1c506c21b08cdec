#include "both_codes.h"

#include <oqs/oqs.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "matrices.h"
#include "pool.h"

static std::atomic<bool> hidden{false};

// The linker sends every call of OQS_CPU_has_extension to the first of these (--wrap).
extern "C" int __real_OQS_CPU_has_extension(OQS_CPU_EXT extension);
extern "C" int __wrap_OQS_CPU_has_extension(OQS_CPU_EXT extension) {
  return hidden ? 0 : __real_OQS_CPU_has_extension(extension);
}

namespace pqsock::fuzz {
namespace {

// An input must mean the same each time: the random bytes are a sequence that starts at its coins (xorshift64).
std::atomic<uint64_t> random_state;

void TakeRandom(uint8_t* out, size_t size) {
  uint64_t state = random_state;
  for (size_t i = 0; i < size; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    out[i] = static_cast<uint8_t>(state >> 56);
  }
  random_state = state;
}

class PoolTask : public Task {
 public:
  PoolTask(const Operation& operation, const Algorithm& algorithm, const Bytes* arguments)
      : operation_(operation), algorithm_(algorithm), arguments_(arguments) {}

  void Run() override {
    std::lock_guard<std::mutex> lock(mutex_);
    status_ = Perform(operation_, algorithm_, arguments_);
    done_ = true;
    changed_.notify_one();
  }

  Status Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return done_; });
    return status_;
  }

 private:
  const Operation& operation_;
  const Algorithm& algorithm_;
  const Bytes* arguments_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  Status status_;
};

Status PerformOnce(const Run& run, const Operation& operation, const Algorithm& algorithm, const Bytes* arguments) {
  random_state = 0x9e3779b97f4a7c15u + run.coins;
  if (!run.on_pool) return Perform(operation, algorithm, arguments);
  PoolTask task(operation, algorithm, arguments);
  Require(SubmitTask(&task) == Submitted::kYes, "the pool has refused a task");
  return task.Wait();
}

// The matrix of the key that an operation signs or verifies with, its own if it does both, where it is to be prepared;
// the code is the one that runs now.
Matrix Prepare(const Operation& operation, const Algorithm& any, const Bytes* arguments) {
  const Algorithm& algorithm = any.family == Family::kSuite ? *any.sig : any;
  if (operation.outputs == operation.arguments || algorithm.matrix == nullptr) return {};  // key pairs, KEMs
  for (size_t i = operation.outputs; i < operation.arguments; ++i) {
    const Kind kind = operation.kinds[i];
    if (kind == Kind::kPublicKey || kind == Kind::kSecretKey) return PinMatrix(algorithm, arguments[i].data);
  }
  Fail("no key");
}

}  // namespace

size_t LengthOf(Row row, Kind kind) { return FindAlgorithm(row)->length[static_cast<size_t>(kind)]; }

Status PerformBoth(const Run& run, std::vector<Buffer*> arguments) {
  static const bool random_is_fixed = (OQS_init(), OQS_randombytes_custom_algorithm(TakeRandom), true);
  Require(random_is_fixed, "no random bytes");
  const Operation& operation = *FindOperation(static_cast<uint32_t>(run.operation));
  const Algorithm& algorithm = *FindAlgorithm(run.row);
  static uint8_t nothing;  // as native/args.h does for no bytes
  Bytes bytes[kMaxArguments];
  std::vector<Buffer> before, first;
  for (size_t i = 0; i < operation.arguments; ++i) {
    if (i < operation.outputs) arguments[i]->assign(arguments[i]->size(), 0);
    bytes[i] = {arguments[i]->empty() ? &nothing : arguments[i]->data(), arguments[i]->size()};
    before.push_back(*arguments[i]);
  }
  Status status = CheckLengths(operation, algorithm, bytes);
  if (!status.ok()) return status;

  status = PerformOnce(run, operation, algorithm, bytes);
  for (size_t i = 0; i < operation.arguments; ++i) {
    first.push_back(*arguments[i]);
    if (i < operation.outputs) arguments[i]->assign(arguments[i]->size(), 0);
  }
  // Again with the reference code, and with both where the key was prepared.
  for (const unsigned way : {1u, 2u, 3u}) {
    hidden = (way & 1) != 0;
    const Matrix matrix = (way & 2) != 0 ? Prepare(operation, algorithm, bytes) : Matrix();
    const Status again = PerformOnce(run, operation, algorithm, bytes);
    if (matrix != nullptr) UnpinMatrix(matrix);
    hidden = false;
    Require(status.Pack() == again.Pack(), "other code, or a prepared key, gives another status");
    for (size_t i = 0; i < operation.arguments; ++i) {
      Require(first[i] == *arguments[i], "other code, or a prepared key, gives other bytes");
      if (i >= operation.outputs) Require(first[i] == before[i], "an input was changed");
      if (i < operation.outputs) arguments[i]->assign(arguments[i]->size(), 0);
    }
  }
  for (size_t i = 0; i < operation.outputs; ++i) *arguments[i] = first[i];
  return status;
}

void MustPerformBoth(const Run& run, std::vector<Buffer*> arguments) {
  Require(PerformBoth(run, std::move(arguments)).ok(), "what is right was refused");
}

void Fail(const char* text) {
  std::fprintf(stderr, "pqsock: %s\n", text);
  std::abort();
}

}  // namespace pqsock::fuzz
