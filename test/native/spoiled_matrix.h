// Makes the prepared matrix of a key wrong, so that whoever uses it gives itself away.
#ifndef PQSOCK_TEST_SPOILED_MATRIX_H_
#define PQSOCK_TEST_SPOILED_MATRIX_H_

#include <napi.h>

namespace pqsock {

// (algorithm, key): the same again makes it right
void SpoilMatrix(const Napi::CallbackInfo& info);

// (matrix, algorithm, publicKey, message, signature) → whether it is valid for liboqs, whom the matrix is offered to
// without a look at whose it is
Napi::Value VerifyOffering(const Napi::CallbackInfo& info);

}  // namespace pqsock

#endif  // PQSOCK_TEST_SPOILED_MATRIX_H_
