// The algorithms as data: lengths, functions, and how much stack they leave secrets on.
#ifndef PQSOCK_ALGORITHMS_H_
#define PQSOCK_ALGORITHMS_H_

#include <cstddef>
#include <cstdint>

struct OQS_SIG_MATRIX;

namespace pqsock {

// What an operation is for. A suite is a KEM and a signature algorithm, in a handshake.
enum class Family : uint8_t { kKem, kSig, kSuite };

// What an argument of an operation is; its exact length is the algorithm's, except for the last three. A suite's keys
// are those of its signature algorithm.
enum class Kind : uint8_t {
  kPublicKey,
  kSecretKey,
  kCiphertext,
  kSharedSecret,
  kSignature,
  kSeed,  // of a key pair
  kKemSecretKey,
  kClientFrames,       // ClientKem, ClientAuth
  kServerFrames,       // ServerKem, ServerAuth, ServerFinished
  kJointServerFrames,  // the same, with room for a signature for several
  kSecrets,            // as native/key_schedule.h lays them out
  kContext,            // 0…255 bytes, and empty for an algorithm that has no context
  kAnyBytes,           // any length
  kTranscript,         // the length of kServerFrames or more: longer than the frames at its end that are looked for
};
constexpr size_t kFixedKinds = static_cast<size_t>(Kind::kContext);

struct Algorithm {
  Family family;
  size_t length[kFixedKinds];  // bytes, indexed by Kind; 0 where the algorithm has no such thing
  // Bytes of stack that making a key pair, and another operation on secrets, may have written below the caller's
  // frame, with a margin of a half over what `node test/sanitizers/run.mjs --stack` measures; cleared afterwards.
  size_t keypair_stack_bytes;
  size_t stack_bytes;

  int (*keypair)(uint8_t* public_key, uint8_t* secret_key);

  // KEM only.
  int (*encapsulate)(uint8_t* ciphertext, uint8_t* shared_secret, const uint8_t* public_key);
  int (*decapsulate)(uint8_t* shared_secret, const uint8_t* ciphertext, const uint8_t* secret_key);

  // Signatures only.
  bool has_context;
  int (*sign)(uint8_t* signature, size_t* signature_length, const uint8_t* message, size_t message_length,
              const uint8_t* context, size_t context_length, const uint8_t* secret_key);
  int (*verify)(const uint8_t* message, size_t message_length, const uint8_t* signature, size_t signature_length,
                const uint8_t* context, size_t context_length, const uint8_t* public_key);
  // How the code that runs on this CPU expands the public matrix of a key: see matrices.h.
  const OQS_SIG_MATRIX* (*matrix)();
  // Not 0 if key generation could not have made the secret key.
  int (*public_key)(uint8_t* public_key, const uint8_t* secret_key);

  // Suites only.
  const Algorithm* kem;
  const Algorithm* sig;
};

// nullptr if there is no algorithm with this number. The numbers are those of lib/crypto/suites.ts.
const Algorithm* FindAlgorithm(uint32_t id);

// The features that the CPU has, and that faster code of the algorithms, as it was compiled here, asks for when it
// runs: a bit each, in the order of lib/native/addon-info.ts.
uint32_t CpuFeatures();

}  // namespace pqsock

#endif  // PQSOCK_ALGORITHMS_H_
