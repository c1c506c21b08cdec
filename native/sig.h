// The operations of a signature algorithm.
#ifndef PQSOCK_SIG_H_
#define PQSOCK_SIG_H_

#include "operations.h"

namespace pqsock {

extern const Operation kSigKeypair;      // (pk, sk) ←
extern const Operation kSigKeypairFrom;  // (pk, sk) ← seed
extern const Operation kSigPublicKey;    // (pk) ← sk
extern const Operation kSigSign;         // (signature) ← sk, message, context
extern const Operation kSigVerify;       // () ← pk, message, signature, context
// The same, of a peer that may come back: if the signature is right its matrix may be kept (matrices.h).
extern const Operation kSigVerifyPeer;

}  // namespace pqsock

#endif  // PQSOCK_SIG_H_
