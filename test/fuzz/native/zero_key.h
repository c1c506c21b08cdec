// The half of verification that is needed to make signatures for a public key whose t1 is zero: there w' = Az whatever
// the challenge is, so that z and the hint can be chosen freely and the challenge computed from them. Written from
// FIPS 204 alone; Dilithium round 3.1 has the same equation, matrix and encodings, and differs in the hashes.
#ifndef PQSOCK_FUZZ_ZERO_KEY_H_
#define PQSOCK_FUZZ_ZERO_KEY_H_

#include <array>

#include "both_codes.h"

namespace pqsock::fuzz {

constexpr int32_t kQ = 8380417;
constexpr size_t kN = 256;
constexpr size_t kRows = 8;     // of A: polynomials of w' and of the hint
constexpr size_t kColumns = 7;  // polynomials of z
constexpr int32_t kGamma1 = 1 << 19;
constexpr int32_t kGamma2 = (kQ - 1) / 32;
constexpr int32_t kBeta = 120;
constexpr size_t kOmega = 75;

using Z = std::array<int32_t, kColumns * kN>;  // -γ1 + 1 … γ1
using W = std::array<int32_t, kRows * kN>;     // 0 … q - 1
using HintBytes = std::array<uint8_t, kOmega + kRows>;
using HintBits = std::array<bool, kRows * kN>;

// A public key with one of two seeds ρ, and t1 = 0.
Buffer ZeroPublicKey(bool other_seed);
W ProductWithMatrix(bool other_seed, const Z& z);

// The low part that UseHint looks at: Algorithm 36 (Decompose).
int32_t LowPart(int32_t w);

// Algorithm 20 (HintBitPack); of more than ω ones the first ω.
HintBytes PackHint(const HintBits& hint);
// Algorithm 21 (HintBitUnpack); false if the encoding is not the only one, and then `hint` is what a lenient decoder
// would read.
bool UnpackHint(const HintBytes& bytes, HintBits* hint);

// The signature whose challenge is right for z and the hint.
Buffer SignWithZeroKey(Row row, const Buffer& public_key, const Buffer& message, const Buffer& context, const Z& z,
                       const W& w, const HintBytes& hint_bytes);

}  // namespace pqsock::fuzz

#endif  // PQSOCK_FUZZ_ZERO_KEY_H_
