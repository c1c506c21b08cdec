#include "kem.h"

#include <cstring>

namespace pqsock {
namespace {

constexpr uint64_t kQ = 3329;
constexpr size_t kSeedBytes = 32;  // a public key is the packed vector t, then the seed ρ

Status Done(int result, Code failure) {
  Status status;
  if (result != 0) status.code = failure;
  return status;
}

// FIPS 203 §7.2, the modulus check: each 12-bit coefficient is reduced. liboqs does this for ML-KEM only; round-3
// Kyber takes any bytes, and with them a ciphertext in the place of a key.
bool IsReduced(const Bytes& public_key) {
  // Four coefficients at a time: adding 4096 - q carries into bit 12 of a lane if its coefficient is q or more.
  constexpr uint64_t kLanes = 0x000fff000fff;
  constexpr uint64_t kExcess = (4096 - kQ) * 0x000001000001;
  constexpr uint64_t kCarries = 0x001000001000;
  uint64_t out_of_range = 0;
  for (size_t i = 0; i + kSeedBytes < public_key.size; i += 6) {
    uint64_t six;  // and the two bytes after them, which belong to ρ at the latest; little-endian
    std::memcpy(&six, public_key.data + i, sizeof(six));
    out_of_range |= (six & kLanes) + kExcess;
    out_of_range |= (six >> 12 & kLanes) + kExcess;
  }
  return (out_of_range & kCarries) == 0;
}

Status CheckPublicKeyAt(size_t argument, const Bytes& public_key) {
  Status status;
  if (!IsReduced(public_key)) {
    status.code = Code::kBadPublicKey;
    status.argument = argument;
  }
  return status;
}

Status CheckEncapsulate(const Algorithm&, const Bytes* arguments) { return CheckPublicKeyAt(2, arguments[2]); }

Status CheckPublicKey(const Algorithm&, const Bytes* arguments) { return CheckPublicKeyAt(0, arguments[0]); }

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
    Family::kKem, Counter::kKeypair, &Algorithm::keypair_stack_bytes, 2, 2, {Kind::kPublicKey, Kind::kSecretKey},
    CheckNothing, RunKeypair};
const Operation kKemEncapsulate = {Family::kKem,
                                   Counter::kEncapsulate,
                                   &Algorithm::stack_bytes,
                                   2,
                                   3,
                                   {Kind::kCiphertext, Kind::kSharedSecret, Kind::kPublicKey},
                                   CheckEncapsulate,
                                   RunEncapsulate};
const Operation kKemDecapsulate = {Family::kKem,
                                   Counter::kDecapsulate,
                                   &Algorithm::stack_bytes,
                                   1,
                                   3,
                                   {Kind::kSharedSecret, Kind::kSecretKey, Kind::kCiphertext},
                                   CheckNothing,
                                   RunDecapsulate};
const Operation kKemCheckPublicKey = {Family::kKem,       Counter::kNone, nullptr,     0, 1,
                                      {Kind::kPublicKey}, CheckPublicKey, CheckNothing};

}  // namespace pqsock
