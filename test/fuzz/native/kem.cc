// Fuzz target: every operation of the KEMs on changed public keys, secret keys and ciphertexts. What must come out is
// computed here from the specifications, where that can be done without the algorithm.
#include <oqs/sha3.h>

#include "both_codes.h"
#include "edits.h"

namespace pqsock::fuzz {
namespace {

constexpr size_t kCoefficients = 1024;
constexpr size_t kHashBytes = 32;
constexpr size_t kPublicKeyAt = 1536;  // in a secret key, which is s, the public key, its hash, z
constexpr size_t kKeys = 4;

struct KeyPair {
  Buffer public_key, secret_key;
};

const KeyPair& FindKeys(Row row, uint8_t index) {
  static KeyPair known[2][kKeys];
  KeyPair& keys = known[row][index];
  if (keys.public_key.empty()) {
    keys = {Buffer(LengthOf(row, Kind::kPublicKey)), Buffer(LengthOf(row, Kind::kSecretKey))};
    MustPerformBoth({OperationId::kKemKeypair, row, index}, {&keys.public_key, &keys.secret_key});
  }
  return keys;
}

Buffer Hash(const uint8_t* data, size_t size) {
  Buffer hash(kHashBytes);
  OQS_SHA3_sha3_256(hash.data(), data, size);
  return hash;
}

// FIPS 203 §7.2, a coefficient at a time; native/kem.cc does four at once.
bool IsReduced(const Buffer& public_key) {
  for (size_t i = 0; i < kCoefficients; ++i) {
    if (GetBits(public_key, 0, 12, i) >= 3329) return false;
  }
  return true;
}

// FIPS 203 §7.3, "hash check": of ML-KEM only.
bool HasRightHash(const Buffer& secret_key, size_t public_key_size) {
  const Buffer hash = Hash(secret_key.data() + kPublicKeyAt, public_key_size);
  return std::equal(hash.begin(), hash.end(),
                    secret_key.begin() + static_cast<ptrdiff_t>(kPublicKeyAt + public_key_size));
}

// The secret that a refused ciphertext gives: FIPS 203, Algorithm 18, line 7; Kyber round 3, Algorithm 9, line 10.
Buffer RejectionSecret(Row row, const Buffer& secret_key, const Buffer& ciphertext) {
  Buffer hashed(secret_key.end() - kHashBytes, secret_key.end());
  const Buffer rest = row == kMlKem1024 ? ciphertext : Hash(ciphertext.data(), ciphertext.size());
  hashed.insert(hashed.end(), rest.begin(), rest.end());
  Buffer secret(kHashBytes);
  OQS_SHA3_shake256(secret.data(), secret.size(), hashed.data(), hashed.size());
  return secret;
}

struct Encapsulated {
  Buffer ciphertext, secret;
};

void EncapsulateToEdited(FuzzedDataProvider& from, Run run, const KeyPair& keys) {
  Buffer public_key = keys.public_key;
  Edit(from, public_key);
  Encapsulated made{Buffer(LengthOf(run.row, Kind::kCiphertext)), Buffer(kHashBytes)};
  run.operation = OperationId::kKemCheckPublicKey;
  const bool is_reduced = IsReduced(public_key);
  Require(PerformBoth(run, {&public_key}).ok() == is_reduced, "the modulus check is wrong");
  run.operation = OperationId::kKemEncapsulate;
  const Status status = PerformBoth(run, {&made.ciphertext, &made.secret, &public_key});
  Require(status.ok() == is_reduced, "a wrong public key was used, or a right one refused");
  if (is_reduced) return;
  Require(status.code == Code::kBadPublicKey && status.argument == 2, "a wrong public key has another status");
  Require(made.ciphertext == Buffer(made.ciphertext.size()), "a refused operation wrote a ciphertext");
}

void DecapsulateEdited(FuzzedDataProvider& from, Run run, const KeyPair& keys) {
  Encapsulated made{Buffer(LengthOf(run.row, Kind::kCiphertext)), Buffer(kHashBytes)};
  Buffer public_key = keys.public_key;
  run.operation = OperationId::kKemEncapsulate;
  MustPerformBoth(run, {&made.ciphertext, &made.secret, &public_key});

  Buffer ciphertext = made.ciphertext;
  Edit(from, ciphertext);
  Buffer secret(kHashBytes), secret_key = keys.secret_key;
  run.operation = OperationId::kKemDecapsulate;
  MustPerformBoth(run, {&secret, &secret_key, &ciphertext});
  const bool is_same = ciphertext == made.ciphertext;
  const Buffer expected = is_same ? made.secret : RejectionSecret(run.row, secret_key, ciphertext);
  Require(secret == expected, is_same ? "another secret" : "a changed ciphertext was not rejected as it must be");

  Edit(from, secret_key);
  if (from.ConsumeBool()) {  // a wrong key whose hash is right
    const Buffer hash = Hash(secret_key.data() + kPublicKeyAt, public_key.size());
    std::copy(hash.begin(), hash.end(), secret_key.begin() + static_cast<ptrdiff_t>(kPublicKeyAt + public_key.size()));
  }
  const bool is_good = run.row == kKyber1024 || HasRightHash(secret_key, public_key.size());
  const Status status = PerformBoth(run, {&secret, &secret_key, &ciphertext});
  Require(status.ok() == is_good, "the hash check of the secret key is wrong");
  if (is_good) return;
  Require(status.code == Code::kBadSecretKey && status.argument == 1, "a wrong secret key has another status");
}

}  // namespace
}  // namespace pqsock::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pqsock::fuzz;
  FuzzedDataProvider from(data, size);
  Run run{};
  run.row = from.ConsumeBool() ? kMlKem1024 : kKyber1024;
  run.on_pool = from.ConsumeBool();
  run.coins = from.ConsumeIntegral<uint8_t>();
  const KeyPair& keys = FindKeys(run.row, from.ConsumeIntegralInRange<uint8_t>(0, kKeys - 1));
  if (from.ConsumeBool()) {
    EncapsulateToEdited(from, run, keys);
  } else {
    DecapsulateEdited(from, run, keys);
  }
  return 0;
}
