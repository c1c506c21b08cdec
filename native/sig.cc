#include "sig.h"

#include <oqs/oqs.h>

#include "matrices.h"

namespace pqsock {
namespace {

// Key generation takes its seed as random bytes, once, and nothing else by chance (FIPS 204 Algorithm 1; round 3.1,
// Figure 4). If it did not take this one, its key is another one's.
Status RunKeypairFrom(const Algorithm& algorithm, const Bytes* arguments) {
  OQS_randombytes_give(arguments[2].data);
  Status status = RunKeypair(algorithm, arguments);
  if (OQS_randombytes_give(nullptr) != nullptr) status.code = Code::kOperationFailed;
  return status;
}

Status RunPublicKey(const Algorithm& algorithm, const Bytes* arguments) {
  Status status;
  if (algorithm.public_key(arguments[0].data, arguments[1].data) != 0) {
    status.code = Code::kBadSecretKey;
    status.argument = 1;
  }
  return status;
}

// The signature is of fixed length: a shorter one would leave bytes of the caller's buffer unset.
Status RunSign(const Algorithm& algorithm, const Bytes* arguments) {
  const Bytes &signature = arguments[0], &secret_key = arguments[1], &message = arguments[2], &context = arguments[3];
  size_t length = signature.size;
  const WithMatrix matrix(algorithm, secret_key.data, WithMatrix::Of::kAnyKey);
  const int result =
      algorithm.sign(signature.data, &length, message.data, message.size, context.data, context.size, secret_key.data);
  Status status;
  if (result != 0 || length != signature.size) status.code = Code::kOperationFailed;
  return status;
}

// Any length of signature may be asked about; liboqs looks at the length first.
Status Verify(const Algorithm& algorithm, const Bytes* arguments, WithMatrix::Of whose) {
  const Bytes &public_key = arguments[0], &message = arguments[1], &signature = arguments[2], &context = arguments[3];
  WithMatrix matrix(algorithm, public_key.data, whose);
  const int result = algorithm.verify(message.data, message.size, signature.data, signature.size, context.data,
                                      context.size, public_key.data);
  Status status;
  if (result != 0) {
    status.code = Code::kNotVerified;
  } else if (whose == WithMatrix::Of::kPeer) {
    matrix.Keep();
  }
  return status;
}

Status RunVerify(const Algorithm& algorithm, const Bytes* arguments) {
  return Verify(algorithm, arguments, WithMatrix::Of::kAnyKey);
}

Status RunVerifyPeer(const Algorithm& algorithm, const Bytes* arguments) {
  return Verify(algorithm, arguments, WithMatrix::Of::kPeer);
}

}  // namespace

const Operation kSigKeypair = {
    Family::kSig, Counter::kKeypair, &Algorithm::keypair_stack_bytes, 2, 2, {Kind::kPublicKey, Kind::kSecretKey},
    CheckNothing, RunKeypair};
const Operation kSigKeypairFrom = {Family::kSig,
                                   Counter::kKeypair,
                                   &Algorithm::keypair_stack_bytes,
                                   2,
                                   3,
                                   {Kind::kPublicKey, Kind::kSecretKey, Kind::kSeed},
                                   CheckNothing,
                                   RunKeypairFrom};
const Operation kSigPublicKey = {
    Family::kSig, Counter::kNone, &Algorithm::stack_bytes, 1, 2, {Kind::kPublicKey, Kind::kSecretKey},
    CheckNothing, RunPublicKey};
const Operation kSigSign = {Family::kSig,
                            Counter::kSign,
                            &Algorithm::stack_bytes,
                            1,
                            4,
                            {Kind::kSignature, Kind::kSecretKey, Kind::kAnyBytes, Kind::kContext},
                            CheckNothing,
                            RunSign};
const Operation kSigVerify = {
    Family::kSig, Counter::kVerify, nullptr, 0, 4, {Kind::kPublicKey, Kind::kAnyBytes, Kind::kAnyBytes, Kind::kContext},
    CheckNothing, RunVerify};
const Operation kSigVerifyPeer = {
    Family::kSig, Counter::kVerify, nullptr, 0, 4, {Kind::kPublicKey, Kind::kAnyBytes, Kind::kAnyBytes, Kind::kContext},
    CheckNothing, RunVerifyPeer};

}  // namespace pqsock
