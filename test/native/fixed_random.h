// For vectors that fix randomness: liboqs takes its next random bytes from a list. Never part of what ships.
#ifndef PQSOCK_TEST_FIXED_RANDOM_H_
#define PQSOCK_TEST_FIXED_RANDOM_H_

#include <napi.h>

namespace pqsock {

// (bytes, operation: () => T) → how many of the bytes were left over. An operation that wants more than there are
// ends the process: a test whose recipe is wrong must not pass on random bytes.
Napi::Value WithRandomBytes(const Napi::CallbackInfo& info);

}  // namespace pqsock

#endif  // PQSOCK_TEST_FIXED_RANDOM_H_
