// Runs an operation with the CPU's features and with the reference code, those that sign or verify with the key
// prepared as well, and ends the process if they differ.
#ifndef PQSOCK_FUZZ_BOTH_CODES_H_
#define PQSOCK_FUZZ_BOTH_CODES_H_

#include <cstdint>
#include <vector>

#include "operations.h"

namespace pqsock::fuzz {

using Buffer = std::vector<uint8_t>;

// The algorithms by their rows in native/algorithms.cc.
enum Row : uint32_t { kKyber1024, kMlKem1024, kDilithium5, kMlDsa87, kKyber1024Dilithium5, kMlKem1024MlDsa87 };

size_t LengthOf(Row row, Kind kind);

struct Run {
  OperationId operation;
  Row row;
  uint8_t coins = 0;     // what the random bytes are made from
  bool on_pool = false;  // on a thread of the pool, with its stack
};

// The buffers are the operation's arguments, each a block of its own, so that the address sanitizer sees a byte too
// far. Lengths are checked as the addon does. Outputs are zeroed first; they, the status and the untouched inputs must
// be the same in all runs.
Status PerformBoth(const Run& run, std::vector<Buffer*> arguments);

// The same, where nothing but success is right.
void MustPerformBoth(const Run& run, std::vector<Buffer*> arguments);

// Ends the process with this text: libFuzzer keeps the input.
[[noreturn]] void Fail(const char* text);
inline void Require(bool is_true, const char* text) {
  if (!is_true) Fail(text);
}

}  // namespace pqsock::fuzz

#endif  // PQSOCK_FUZZ_BOTH_CODES_H_
