// The only thing native code says: one status a call. TypeScript turns it into an error with a text.
#ifndef PQSOCK_STATUS_H_
#define PQSOCK_STATUS_H_

#include <cstddef>
#include <cstdint>

namespace pqsock {

// The values are part of the boundary: lib/native/status.ts has the same list, and a test compares the two.
enum class Code : uint8_t {
  kOk = 0,
  kNotVerified = 1,  // the signature is wrong: an answer, not a fault
  kWrongType = 2,
  kWrongLength = 3,
  kDetached = 4,
  kShared = 5,
  kContextUnsupported = 6,
  kBadPublicKey = 7,
  kBadSecretKey = 8,
  kQueueFull = 9,
  kOutOfMemory = 10,
  kOperationFailed = 11,
  kUnknownAlgorithm = 12,
  kOverlapping = 13,
};

// A code, and where it applies: the argument (outputs first, then inputs, from 0) of which call in a request.
struct Status {
  Code code = Code::kOk;
  size_t argument = 0;
  size_t call = 0;

  bool ok() const { return code == Code::kOk; }
  int32_t Pack() const {
    if (ok()) return 0;
    return static_cast<int32_t>(static_cast<size_t>(code) | argument << 8 | call << 16);
  }
};

}  // namespace pqsock

#endif  // PQSOCK_STATUS_H_
