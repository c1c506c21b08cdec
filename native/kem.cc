#include "kem.h"

namespace pqsock {
namespace {

constexpr uint32_t kQ = 3329;
constexpr size_t kSeedBytes = 32;  // a public key is the packed vector t, then the seed ρ

Status Done(int result, Code failure) {
  Status status;
  if (result != 0) status.code = failure;
  return status;
}

// FIPS 203 §7.2, the modulus check: each 12-bit coefficient is reduced. liboqs does this for ML-KEM only; round-3
// Kyber takes any bytes, and with them a ciphertext in the place of a key. Public data: it may return early.
bool IsReduced(const uint8_t* packed, size_t size) {
  uint32_t out_of_range = 0;
  for (size_t i = 0; i + 3 <= size; i += 3) {
    const uint32_t first = packed[i] | (packed[i + 1] & 0x0fu) << 8;
    const uint32_t second = packed[i + 1] >> 4 | packed[i + 2] << 4;
    out_of_range |= (first >= kQ) | (second >= kQ);
  }
  return out_of_range == 0;
}

Status CheckPublicKeyAt(size_t argument, const Bytes& public_key) {
  Status status;
  if (!IsReduced(public_key.data, public_key.size - kSeedBytes)) {
    status.code = Code::kBadPublicKey;
    status.argument = argument;
  }
  return status;
}

Status CheckNothing(const Algorithm&, const Bytes*) { return {}; }

Status CheckEncapsulate(const Algorithm&, const Bytes* arguments) { return CheckPublicKeyAt(2, arguments[2]); }

Status CheckPublicKey(const Algorithm&, const Bytes* arguments) { return CheckPublicKeyAt(0, arguments[0]); }

Status RunKeypair(const Algorithm& algorithm, const Bytes* arguments) {
  return Done(algorithm.keypair(arguments[0].data, arguments[1].data), Code::kOperationFailed);
}

Status RunEncapsulate(const Algorithm& algorithm, const Bytes* arguments) {
  return Done(algorithm.encapsulate(arguments[0].data, arguments[1].data, arguments[2].data), Code::kOperationFailed);
}

// A wrong ciphertext is no failure (implicit rejection). What liboqs refuses is an ML-KEM secret key whose hash of
// the public key is wrong (FIPS 203 §7.3), and it does so before it touches the ciphertext.
Status RunDecapsulate(const Algorithm& algorithm, const Bytes* arguments) {
  Status status =
      Done(algorithm.decapsulate(arguments[0].data, arguments[2].data, arguments[1].data), Code::kBadSecretKey);
  if (!status.ok()) status.argument = 1;
  return status;
}

}  // namespace

const Operation kKemKeypair = {
    true, Counter::kKeypair, true, 2, 2, {Kind::kPublicKey, Kind::kSecretKey}, CheckNothing, RunKeypair};
const Operation kKemEncapsulate = {
    true, Counter::kEncapsulate, true,          2, 3, {Kind::kCiphertext, Kind::kSharedSecret, Kind::kPublicKey},
    CheckEncapsulate,      RunEncapsulate};
const Operation kKemDecapsulate = {
    true, Counter::kDecapsulate, true,          1, 3, {Kind::kSharedSecret, Kind::kSecretKey, Kind::kCiphertext},
    CheckNothing,          RunDecapsulate};
const Operation kKemCheckPublicKey = {
    true, Counter::kNone, false, 0, 1, {Kind::kPublicKey}, CheckPublicKey, CheckNothing};

}  // namespace pqsock
