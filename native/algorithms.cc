// The table of algorithms: the only native file that names one. A new algorithm is a row.
#include "algorithms.h"

#include <oqs/oqs.h>

#include "batch_tree.h"
#include "key_schedule.h"

namespace pqsock {
namespace {

// Dilithium of round 3 has no context: the boundary refuses one before these run.
int SignDilithium5(uint8_t* signature, size_t* signature_length, const uint8_t* message, size_t message_length,
                   const uint8_t*, size_t, const uint8_t* secret_key) {
  return OQS_SIG_dilithium_5_sign(signature, signature_length, message, message_length, secret_key);
}

int VerifyDilithium5(const uint8_t* message, size_t message_length, const uint8_t* signature, size_t signature_length,
                     const uint8_t*, size_t, const uint8_t* public_key) {
  return OQS_SIG_dilithium_5_verify(message, message_length, signature, signature_length, public_key);
}

// liboqs returns an enum; one cast here keeps the table free of it.
template <auto function, typename... Arguments>
int AsInt(Arguments... arguments) {
  return static_cast<int>(function(arguments...));
}

constexpr Algorithm Kem(size_t pk, size_t sk, size_t ct, size_t ss, size_t stack, decltype(Algorithm::keypair) keypair,
                        decltype(Algorithm::encapsulate) encapsulate, decltype(Algorithm::decapsulate) decapsulate) {
  return {Family::kKem, {pk, sk, ct, ss}, stack,   stack,   keypair, encapsulate, decapsulate,
          false,        nullptr,          nullptr, nullptr, nullptr, nullptr,     nullptr};
}

constexpr Algorithm Sig(size_t pk, size_t sk, size_t signature, size_t keypair_stack, size_t stack,
                        decltype(Algorithm::keypair) keypair, bool has_context, decltype(Algorithm::sign) sign,
                        decltype(Algorithm::verify) verify, decltype(Algorithm::matrix) matrix,
                        decltype(Algorithm::public_key) public_key) {
  return {Family::kSig,  {pk, sk, 0, 0, signature, OQS_RAND_SEED_BYTES},
          keypair_stack, stack,
          keypair,       nullptr,
          nullptr,       has_context,
          sign,          verify,
          matrix,        public_key,
          nullptr,       nullptr};
}

// Of the handshake itself; the operations that it is made of clear what they use.
constexpr Algorithm Suite(const Algorithm& kem, const Algorithm& sig, size_t stack) {
  const auto of = [](const Algorithm& algorithm, Kind kind) { return algorithm.length[static_cast<size_t>(kind)]; };
  const size_t client = 2 * kFrameHeaderBytes + of(kem, Kind::kPublicKey) + of(sig, Kind::kSignature);
  const size_t server = 3 * kFrameHeaderBytes + of(kem, Kind::kCiphertext) + 1 + of(sig, Kind::kSignature) + kHashBytes;
  return {Family::kSuite,
          {of(sig, Kind::kPublicKey), of(sig, Kind::kSecretKey), 0, 0, 0, 0, of(kem, Kind::kSecretKey), client, server,
           server + BatchTree::kMostProofBytes, kSecretsBytes},
          stack,
          stack,
          nullptr,
          nullptr,
          nullptr,
          false,
          nullptr,
          nullptr,
          nullptr,
          nullptr,
          &kem,
          &sig};
}

constexpr size_t KiB = 1024;

constexpr Algorithm kAlgorithms[] = {
    // 0: Kyber1024, round 3
    Kem(OQS_KEM_kyber_1024_length_public_key, OQS_KEM_kyber_1024_length_secret_key,
        OQS_KEM_kyber_1024_length_ciphertext, OQS_KEM_kyber_1024_length_shared_secret, 40 * KiB,
        AsInt<OQS_KEM_kyber_1024_keypair>, AsInt<OQS_KEM_kyber_1024_encaps>, AsInt<OQS_KEM_kyber_1024_decaps>),
    // 1: ML-KEM-1024, FIPS 203
    Kem(OQS_KEM_ml_kem_1024_length_public_key, OQS_KEM_ml_kem_1024_length_secret_key,
        OQS_KEM_ml_kem_1024_length_ciphertext, OQS_KEM_ml_kem_1024_length_shared_secret, 40 * KiB,
        AsInt<OQS_KEM_ml_kem_1024_keypair>, AsInt<OQS_KEM_ml_kem_1024_encaps>, AsInt<OQS_KEM_ml_kem_1024_decaps>),
    // 2: Dilithium5, round 3.1
    Sig(OQS_SIG_dilithium_5_length_public_key, OQS_SIG_dilithium_5_length_secret_key,
        OQS_SIG_dilithium_5_length_signature, 144 * KiB, 192 * KiB, AsInt<OQS_SIG_dilithium_5_keypair>, false,
        SignDilithium5, VerifyDilithium5, OQS_SIG_dilithium_5_matrix, AsInt<OQS_SIG_dilithium_5_public_key>),
    // 3: ML-DSA-87, FIPS 204
    Sig(OQS_SIG_ml_dsa_87_length_public_key, OQS_SIG_ml_dsa_87_length_secret_key, OQS_SIG_ml_dsa_87_length_signature,
        144 * KiB, 192 * KiB, AsInt<OQS_SIG_ml_dsa_87_keypair>, true, AsInt<OQS_SIG_ml_dsa_87_sign_with_ctx_str>,
        AsInt<OQS_SIG_ml_dsa_87_verify_with_ctx_str>, OQS_SIG_ml_dsa_87_matrix, AsInt<OQS_SIG_ml_dsa_87_public_key>),
};

// The numbers go on behind those of the algorithms.
const Algorithm kSuites[] = {
    Suite(kAlgorithms[0], kAlgorithms[2], 8 * KiB),  // 4: kyber1024-dilithium5
    Suite(kAlgorithms[1], kAlgorithms[3], 8 * KiB),  // 5: mlkem1024-mldsa87
};

constexpr size_t kAlgorithmCount = sizeof(kAlgorithms) / sizeof(kAlgorithms[0]);
constexpr size_t kSuiteCount = sizeof(kSuites) / sizeof(kSuites[0]);

}  // namespace

const Algorithm* FindAlgorithm(uint32_t id) {
  if (id < kAlgorithmCount) return &kAlgorithms[id];
  return id < kAlgorithmCount + kSuiteCount ? &kSuites[id - kAlgorithmCount] : nullptr;
}

uint32_t CpuFeatures() {
  uint32_t features = 0;
#if defined(OQS_ENABLE_SIG_ml_dsa_87_avx2)
  if (OQS_CPU_has_extension(OQS_CPU_EXT_AVX2) != 0) features |= 1;
  if (OQS_CPU_has_extension(OQS_CPU_EXT_BMI2) != 0) features |= 2;
  if (OQS_CPU_has_extension(OQS_CPU_EXT_POPCNT) != 0) features |= 4;
#elif defined(OQS_ENABLE_KEM_ml_kem_1024_aarch64)
  if (OQS_CPU_has_extension(OQS_CPU_EXT_ARM_NEON) != 0) features |= 8;
#endif
  return features;
}

}  // namespace pqsock
