// The operations of a key encapsulation mechanism.
#ifndef PQSOCK_KEM_H_
#define PQSOCK_KEM_H_

#include "operations.h"

namespace pqsock {

extern const Operation kKemKeypair;         // (pk, sk) ←
extern const Operation kKemEncapsulate;     // (ct, ss) ← pk
extern const Operation kKemDecapsulate;     // (ss) ← sk, ct
extern const Operation kKemCheckPublicKey;  // () ← pk

}  // namespace pqsock

#endif  // PQSOCK_KEM_H_
