// Runs one operation under Valgrind's memcheck, with what is secret in it marked as undefined: each branch and each
// address that depends on it is then reported. `constant-time OPERATION ALGORITHM`, or `constant-time planted HOW` for
// a leak that must be found. The operations are the addon's own (native/operations.cc), without Node.
#include <oqs/oqs.h>
#include <valgrind/memcheck.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "cpu_features.h"
#include "matrices.h"
#include "operations.h"

namespace pqsock {
namespace {

using Buffer = std::vector<uint8_t>;

void Hide(Buffer& bytes, size_t from, size_t to) { VALGRIND_MAKE_MEM_UNDEFINED(bytes.data() + from, to - from); }
void Show(Buffer& bytes) { VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size()); }

// All randomness of liboqs is secret; what follows from it and is public, its suppressions say.
void HiddenRandom(uint8_t* out, size_t size) {
  OQS_randombytes_switch_algorithm(OQS_RAND_alg_system);
  OQS_randombytes(out, size);
  OQS_randombytes_custom_algorithm(HiddenRandom);
  VALGRIND_MAKE_MEM_UNDEFINED(out, size);
}

Status Run(OperationId id, const Algorithm& algorithm, std::vector<Buffer*> arguments) {
  Bytes bytes[kMaxArguments];
  for (size_t i = 0; i < arguments.size(); ++i) bytes[i] = {arguments[i]->data(), arguments[i]->size()};
  return Perform(*FindOperation(static_cast<uint32_t>(id)), algorithm, bytes);
}

struct Material {
  explicit Material(const Algorithm& algorithm)
      : public_key(algorithm.length[0]),
        secret_key(algorithm.length[1]),
        ciphertext(algorithm.length[2]),
        shared_secret(algorithm.length[3]),
        signature(algorithm.length[4]),
        message{'m', 'e', 's', 's', 'a', 'g', 'e'} {}
  Buffer public_key, secret_key, ciphertext, shared_secret, signature, message, context;
};

// A KEM's secret key is s, the public key, its hash, and z (FIPS 203 Algorithm 16): the two in the middle are public.
void HideKemSecretKey(Material& m) {
  const size_t size = m.secret_key.size();
  Hide(m.secret_key, 0, size - m.public_key.size() - 64);
  Hide(m.secret_key, size - 32, size);
}

// A signature secret key is ρ, K, tr, s1, s2, t0 (FIPS 204 Algorithm 24), with a tr of 32 bytes in round 3: ρ is part
// of the public key, and tr its hash.
void HideSigSecretKey(Material& m, const Algorithm& algorithm) {
  const size_t tr = algorithm.has_context ? 64 : 32;
  Hide(m.secret_key, 32, 64);
  Hide(m.secret_key, 64 + tr, m.secret_key.size());
}

Status Keypair(const Algorithm& algorithm, Material& m) {
  const bool is_kem = algorithm.encapsulate != nullptr;
  return Run(is_kem ? OperationId::kKemKeypair : OperationId::kSigKeypair, algorithm, {&m.public_key, &m.secret_key});
}

Status Encapsulate(const Algorithm& algorithm, Material& m) {
  return Run(OperationId::kKemEncapsulate, algorithm, {&m.ciphertext, &m.shared_secret, &m.public_key});
}

Status Decapsulate(const Algorithm& algorithm, Material& m) {
  return Run(OperationId::kKemDecapsulate, algorithm, {&m.shared_secret, &m.secret_key, &m.ciphertext});
}

Status Sign(const Algorithm& algorithm, Material& m) {
  return Run(OperationId::kSigSign, algorithm, {&m.signature, &m.secret_key, &m.message, &m.context});
}

constexpr int kSignatures = 3;  // each takes another way through the rejections

// The keys and the ciphertext are made with public randomness, so that nothing but the operation itself is looked at.
Status Check(const char* operation, const Algorithm& algorithm) {
  Material m(algorithm);
  Status status = Keypair(algorithm, m);
  const bool is_kem = algorithm.encapsulate != nullptr;
  if (is_kem && status.ok()) status = Encapsulate(algorithm, m);
  if (!status.ok()) return status;
  if (std::strcmp(operation, "decapsulate-invalid") == 0) m.ciphertext[7] ^= 1;
  if (is_kem) {
    HideKemSecretKey(m);
  } else {
    HideSigSecretKey(m, algorithm);
  }
  OQS_randombytes_custom_algorithm(HiddenRandom);
  if (std::strcmp(operation, "keypair") == 0) return Keypair(algorithm, m);
  if (is_kem && std::strcmp(operation, "encapsulate") == 0) return Encapsulate(algorithm, m);
  if (is_kem && std::strncmp(operation, "decapsulate", 11) == 0) return Decapsulate(algorithm, m);
  if (is_kem || std::strcmp(operation, "sign") != 0) status.code = Code::kUnknownAlgorithm;
  for (int i = 0; i < 2 * kSignatures && status.ok(); ++i) {
    if (i == kSignatures) PinMatrix(algorithm, m.public_key.data());  // the others with a key that is prepared
    status = Sign(algorithm, m);
    Show(m.signature);
  }
  return status;
}

// Leaks such as an implementation could have: a comparison that ends at the first difference, a table's index.
int Planted(const char* how) {
  const Algorithm& algorithm = *FindAlgorithm(1);
  Material m(algorithm);
  if (!Keypair(algorithm, m).ok() || !Encapsulate(algorithm, m).ok()) return 1;
  Buffer expected = m.shared_secret;
  HideKemSecretKey(m);
  if (!Decapsulate(algorithm, m).ok()) return 1;
  volatile uint8_t seen = 0;
  if (std::strcmp(how, "branch") == 0) {
    for (size_t i = 0; i < expected.size() && m.shared_secret[i] == expected[i]; ++i) seen = seen + 1;
  } else {
    seen = m.public_key[m.shared_secret[0]];
  }
  return 0;
}

}  // namespace
}  // namespace pqsock

int main(int count, char** words) {
  if (count != 3) return 2;
  OQS_init();
  if (std::strcmp(words[1], "planted") == 0) return pqsock::Planted(words[2]);
  const pqsock::Algorithm* algorithm = pqsock::FindAlgorithm(static_cast<uint32_t>(words[2][0] - '0'));
  if (algorithm == nullptr || !pqsock::Check(words[1], *algorithm).ok()) {
    std::fprintf(stderr, "constant-time: %s of algorithm %s does not work\n", words[1], words[2]);
    return 1;
  }
  std::puts(pqsock::UsesAvx2() ? "AVX2" : "reference");  // whether it was the code that is meant, the caller must see
  return 0;
}
