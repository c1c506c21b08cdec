// The cryptography of a handshake between the messages, as one operation for each time that a side has to compute.
#ifndef PQSOCK_HANDSHAKE_H_
#define PQSOCK_HANDSHAKE_H_

#include "operations.h"

namespace pqsock {

// Keys are the suite's signature keys. A transcript is all bytes from its label and prologue on; secrets are those of
// native/key_schedule.h.

// Server: (ServerKem…ServerFinished, secrets) ← own sk, peer's pk, transcript to ClientAuth. Nothing is made unless the
// coefficients of kem_pk are reduced and the client's signature is right.
extern const Operation kHandshakeAnswer;
// The same; the signature may be one for several, with the same key, so that the frames are longer by 261 bytes at the
// most: what is behind them is left as it is.
extern const Operation kHandshakeAnswerJointly;
// Client: (ClientKem and ClientAuth, kem_sk) ← own sk, transcript to ClientHello
extern const Operation kHandshakeOffer;
// Client: (secrets) ← peer's pk, kem_sk, transcript to ServerAuth. Nothing is made unless the server's signature is
// right.
extern const Operation kHandshakeAccept;

}  // namespace pqsock

#endif  // PQSOCK_HANDSHAKE_H_
