// Runs one operation under Valgrind's memcheck, with what is secret in it marked as undefined: each branch and each
// address that depends on it is then reported. `constant-time OPERATION ALGORITHM`, or `constant-time planted HOW` for
// a leak that must be found. The operations are the addon's own (native/operations.cc), without Node.
#include <oqs/oqs.h>
#include <valgrind/memcheck.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "cpu_features.h"
#include "matrices.h"
#include "operations.h"

namespace pqsock {
namespace {

using Buffer = std::vector<uint8_t>;

size_t LengthOf(const Algorithm& algorithm, Kind kind) { return algorithm.length[static_cast<size_t>(kind)]; }

void Hide(Buffer& bytes, size_t from, size_t to) { VALGRIND_MAKE_MEM_UNDEFINED(bytes.data() + from, to - from); }
bool IsHidden(const Buffer& bytes) {
  Buffer hidden(bytes.size());
  VALGRIND_GET_VBITS(bytes.data(), hidden.data(), bytes.size());
  return std::all_of(hidden.begin(), hidden.end(), [](uint8_t bits) { return bits == 0xff; });
}
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
void HideKemSecretKey(Buffer& secret_key, const Algorithm& kem) {
  const size_t size = secret_key.size();
  Hide(secret_key, 0, size - LengthOf(kem, Kind::kPublicKey) - 64);
  Hide(secret_key, size - 32, size);
}

// A signature secret key is ρ, K, tr, s1, s2, t0 (FIPS 204 Algorithm 24), with a tr of 32 bytes in round 3: ρ is part
// of the public key, and tr its hash.
void HideSigSecretKey(Buffer& secret_key, const Algorithm& sig) {
  const size_t tr = sig.has_context ? 64 : 32;
  Hide(secret_key, 32, 64);
  Hide(secret_key, 64 + tr, secret_key.size());
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

Status PublicKey(const Algorithm& algorithm, Material& m) {
  return Run(OperationId::kSigPublicKey, algorithm, {&m.public_key, &m.secret_key});
}

Status Sign(const Algorithm& algorithm, Material& m) {
  return Run(OperationId::kSigSign, algorithm, {&m.signature, &m.secret_key, &m.message, &m.context});
}

constexpr int kSignatures = 3;  // each takes another way through the rejections

// The keys and the ciphertext are made with public randomness, so that nothing but the operation itself is looked at.
Status CheckSingle(const char* operation, const Algorithm& algorithm) {
  Material m(algorithm);
  Status status = Keypair(algorithm, m);
  const bool is_kem = algorithm.encapsulate != nullptr;
  if (is_kem && status.ok()) status = Encapsulate(algorithm, m);
  if (!status.ok()) return status;
  if (std::strcmp(operation, "decapsulate-invalid") == 0) m.ciphertext[7] ^= 1;
  if (is_kem) {
    HideKemSecretKey(m.secret_key, algorithm);
  } else {
    HideSigSecretKey(m.secret_key, algorithm);
  }
  OQS_randombytes_custom_algorithm(HiddenRandom);
  if (std::strcmp(operation, "keypair") == 0) return Keypair(algorithm, m);
  if (is_kem && std::strcmp(operation, "encapsulate") == 0) return Encapsulate(algorithm, m);
  if (is_kem && std::strncmp(operation, "decapsulate", 11) == 0) return Decapsulate(algorithm, m);
  if (!is_kem && std::strcmp(operation, "public-key") == 0) return PublicKey(algorithm, m);
  if (is_kem || std::strcmp(operation, "sign") != 0) status.code = Code::kUnknownAlgorithm;
  for (int i = 0; i < 2 * kSignatures && status.ok(); ++i) {
    if (i == kSignatures) PinMatrix(algorithm, m.public_key.data());  // the others with a key that is prepared
    status = Sign(algorithm, m);
    Show(m.signature);
  }
  return status;
}

// A handshake in which both sides have the same key.
class Handshake {
 public:
  explicit Handshake(const Algorithm& suite)
      : suite_(suite),
        public_key_(LengthOf(suite, Kind::kPublicKey)),
        secret_key_(LengthOf(suite, Kind::kSecretKey)),
        kem_secret_key_(LengthOf(suite, Kind::kKemSecretKey)),
        client_frames_(LengthOf(suite, Kind::kClientFrames)),
        server_frames_(LengthOf(suite, Kind::kServerFrames)),
        secrets_(LengthOf(suite, Kind::kSecrets)) {}

  // The keys and the frames of the turns before are made with public randomness.
  Status Check(const char* turn) {
    Status status = Run(OperationId::kSigKeypair, *suite_.sig, {&public_key_, &secret_key_});
    if (status.ok()) status = Offer();
    if (status.ok()) status = Answer();
    if (!status.ok()) return status;
    HideSigSecretKey(secret_key_, *suite_.sig);
    HideKemSecretKey(kem_secret_key_, *suite_.kem);
    OQS_randombytes_custom_algorithm(HiddenRandom);
    if (std::strcmp(turn, "offer") == 0) return Offer();
    if (std::strcmp(turn, "answer") == 0) status = Answer();
    if (std::strcmp(turn, "answer-jointly") == 0) status = AnswerJointly();
    if (std::strcmp(turn, "accept") == 0) status = Accept();
    // Nothing is looked at where nothing is hidden: what a turn derives has to depend on what is.
    if (!IsHidden(secrets_)) status.code = Code::kOperationFailed;
    return status;
  }

 private:
  Status Offer() {
    return Run(OperationId::kHandshakeOffer, suite_, {&client_frames_, &kem_secret_key_, &secret_key_, &start_});
  }

  Status Answer() {
    Buffer transcript = start_;
    transcript.insert(transcript.end(), client_frames_.begin(), client_frames_.end());
    return Run(OperationId::kHandshakeAnswer, suite_,
               {&server_frames_, &secrets_, &secret_key_, &public_key_, &transcript});
  }

  // Two clients with one signature.
  Status AnswerJointly() {
    const Operation& operation = *FindOperation(static_cast<uint32_t>(OperationId::kHandshakeAnswerJointly));
    Buffer transcript = start_;
    transcript.insert(transcript.end(), client_frames_.begin(), client_frames_.end());
    Buffer frames[2], other_secrets = secrets_;
    Buffer* const secrets[] = {&secrets_, &other_secrets};
    Bytes arguments[2][kMaxArguments];
    std::unique_ptr<Remainder> begun[2];
    Status statuses[2];
    for (size_t i = 0; i < 2; ++i) {
      frames[i].resize(LengthOf(suite_, Kind::kJointServerFrames));
      Buffer* const all[] = {&frames[i], secrets[i], &secret_key_, &public_key_, &transcript};
      for (size_t j = 0; j < operation.arguments; ++j) arguments[i][j] = {all[j]->data(), all[j]->size()};
      begun[i].reset(Begin(operation, suite_, arguments[i], &statuses[i]));
      if (begun[i] == nullptr) return statuses[i];
    }
    Remainder* const both[] = {begun[0].get(), begun[1].get()};
    FinishTogether(operation, suite_, both, 2, statuses);
    return statuses[1];
  }

  Status Accept() {
    Buffer transcript = start_;
    transcript.insert(transcript.end(), client_frames_.begin(), client_frames_.end());
    transcript.insert(transcript.end(), server_frames_.begin(), server_frames_.end() - kServerFinishedBytes);
    return Run(OperationId::kHandshakeAccept, suite_, {&secrets_, &public_key_, &kem_secret_key_, &transcript});
  }

  static constexpr ptrdiff_t kServerFinishedBytes = 68;

  const Algorithm& suite_;
  Buffer public_key_, secret_key_, kem_secret_key_, client_frames_, server_frames_, secrets_;
  Buffer start_{'s', 't', 'a', 'r', 't'};
};

// Leaks such as an implementation could have: a comparison that ends at the first difference, a table's index.
int Planted(const char* how) {
  const Algorithm& algorithm = *FindAlgorithm(1);
  Material m(algorithm);
  if (!Keypair(algorithm, m).ok() || !Encapsulate(algorithm, m).ok()) return 1;
  Buffer expected = m.shared_secret;
  HideKemSecretKey(m.secret_key, algorithm);
  if (!Decapsulate(algorithm, m).ok()) return 1;
  volatile uint8_t seen = 0;
  if (std::strcmp(how, "branch") == 0) {
    for (size_t i = 0; i < expected.size() && m.shared_secret[i] == expected[i]; ++i) seen = seen + 1;
  } else {
    seen = m.public_key[m.shared_secret[0]];
  }
  return 0;
}

Status Check(const char* operation, const Algorithm& algorithm) {
  return algorithm.family == Family::kSuite ? Handshake(algorithm).Check(operation) : CheckSingle(operation, algorithm);
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
