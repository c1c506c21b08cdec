// The table of algorithms: the only native file that names one. A new algorithm is a row.
#include "algorithms.h"

#include <oqs/oqs.h>

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
  return {{pk, sk, ct, ss, 0}, stack, stack, keypair, encapsulate, decapsulate, false, nullptr, nullptr, nullptr};
}

constexpr Algorithm Sig(size_t pk, size_t sk, size_t signature, size_t keypair_stack, size_t stack,
                        decltype(Algorithm::keypair) keypair, bool has_context, decltype(Algorithm::sign) sign,
                        decltype(Algorithm::verify) verify, decltype(Algorithm::matrix) matrix) {
  return {
      {pk, sk, 0, 0, signature}, keypair_stack, stack, keypair, nullptr, nullptr, has_context, sign, verify, matrix};
}

constexpr size_t KiB = 1024;

const Algorithm kAlgorithms[] = {
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
        SignDilithium5, VerifyDilithium5, OQS_SIG_dilithium_5_matrix),
    // 3: ML-DSA-87, FIPS 204
    Sig(OQS_SIG_ml_dsa_87_length_public_key, OQS_SIG_ml_dsa_87_length_secret_key, OQS_SIG_ml_dsa_87_length_signature,
        144 * KiB, 192 * KiB, AsInt<OQS_SIG_ml_dsa_87_keypair>, true, AsInt<OQS_SIG_ml_dsa_87_sign_with_ctx_str>,
        AsInt<OQS_SIG_ml_dsa_87_verify_with_ctx_str>, OQS_SIG_ml_dsa_87_matrix),
};

}  // namespace

const Algorithm* FindAlgorithm(uint32_t id) {
  return id < sizeof(kAlgorithms) / sizeof(kAlgorithms[0]) ? &kAlgorithms[id] : nullptr;
}

}  // namespace pqsock
