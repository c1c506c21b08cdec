#include "zero_key.h"

#include <oqs/sha3.h>

#include <algorithm>

#include "edits.h"

namespace pqsock::fuzz {
namespace {

constexpr int64_t kRoot = 1753;
constexpr size_t kSeedBytes = 32;
constexpr int32_t kHighParts = 16;

using Polynomial = std::array<int32_t, kN>;  // 0 … q - 1

int32_t ModQ(int64_t value) {
  const auto rest = static_cast<int32_t>(value % kQ);
  return rest < 0 ? rest + kQ : rest;
}

int32_t Power(int64_t base, uint32_t exponent) {
  int64_t result = 1;
  for (; exponent > 0; exponent >>= 1, base = base * base % kQ) {
    if ((exponent & 1) != 0) result = result * base % kQ;
  }
  return static_cast<int32_t>(result);
}

// ζ^BitRev8(k), Appendix B.
const Polynomial& Zetas() {
  static const Polynomial zetas = [] {
    Polynomial made{};
    for (size_t k = 0; k < kN; ++k) {
      uint32_t reversed = 0;
      for (size_t bit = 0; bit < 8; ++bit) reversed |= (k >> bit & 1u) << (7 - bit);
      made[k] = Power(kRoot, reversed);
    }
    return made;
  }();
  return zetas;
}

// Algorithm 41.
void Ntt(Polynomial& w) {
  size_t m = 0;
  for (size_t length = 128; length >= 1; length /= 2) {
    for (size_t start = 0; start < kN; start += 2 * length) {
      const int64_t zeta = Zetas()[++m];
      for (size_t j = start; j < start + length; ++j) {
        const int32_t t = ModQ(zeta * w[j + length]);
        w[j + length] = ModQ(w[j] - t);
        w[j] = ModQ(w[j] + t);
      }
    }
  }
}

// Algorithm 42.
void InverseNtt(Polynomial& w) {
  size_t m = kN;
  for (size_t length = 1; length < kN; length *= 2) {
    for (size_t start = 0; start < kN; start += 2 * length) {
      const int64_t zeta = kQ - Zetas()[--m];
      for (size_t j = start; j < start + length; ++j) {
        const int32_t t = w[j];
        w[j] = ModQ(t + w[j + length]);
        w[j + length] = ModQ(zeta * (t - w[j + length]));
      }
    }
  }
  const int64_t factor = Power(kN, kQ - 2);
  for (int32_t& coefficient : w) coefficient = ModQ(factor * coefficient);
}

// Algorithm 30 (RejNTTPoly) for one polynomial of Algorithm 32 (ExpandA).
Polynomial SampleUniform(const Buffer& public_key, size_t row, size_t column) {
  Buffer seed(public_key.begin(), public_key.begin() + kSeedBytes);
  seed.push_back(static_cast<uint8_t>(column));
  seed.push_back(static_cast<uint8_t>(row));
  Buffer bytes(1344);  // enough but for chances of 2^-100, and these keys are fixed
  OQS_SHA3_shake128(bytes.data(), bytes.size(), seed.data(), seed.size());
  Polynomial made{};
  for (size_t at = 0, i = 0; i < kN; at += 3) {
    const int32_t candidate = bytes.at(at) | bytes.at(at + 1) << 8 | (bytes.at(at + 2) & 0x7f) << 16;
    if (candidate < kQ) made[i++] = candidate;
  }
  return made;
}

const std::vector<Polynomial>& Matrix(bool other_seed) {
  static std::vector<Polynomial> known[2];
  std::vector<Polynomial>& matrix = known[other_seed ? 1 : 0];
  for (size_t i = matrix.size(); i < kRows * kColumns; ++i) {
    matrix.push_back(SampleUniform(ZeroPublicKey(other_seed), i / kColumns, i % kColumns));
  }
  return matrix;
}

struct Parts {
  int32_t high, low;
};

// Algorithm 36.
Parts Decompose(int32_t w) {
  int32_t low = w % (2 * kGamma2);
  if (low > kGamma2) low -= 2 * kGamma2;
  if (w - low == kQ - 1) return {0, low - 1};
  return {(w - low) / (2 * kGamma2), low};
}

// Algorithm 40.
int32_t UseHint(bool hint, int32_t w) {
  const Parts parts = Decompose(w);
  if (!hint) return parts.high;
  return (parts.high + (parts.low > 0 ? 1 : kHighParts - 1)) % kHighParts;
}

Buffer Shake256(size_t length, std::initializer_list<Buffer> parts) {
  Buffer all, out(length);
  for (const Buffer& part : parts) all.insert(all.end(), part.begin(), part.end());
  OQS_SHA3_shake256(out.data(), out.size(), all.data(), all.size());
  return out;
}

// μ of Algorithm 7, lines 6 and 7 of Algorithm 8; Dilithium round 3.1 hashes the key to 32 bytes and knows no context.
Buffer MessageHash(Row row, const Buffer& public_key, const Buffer& message, const Buffer& context) {
  if (row == kDilithium5) return Shake256(64, {Shake256(32, {public_key}), message});
  const Buffer prefix{0, static_cast<uint8_t>(context.size())};
  return Shake256(64, {Shake256(64, {public_key}), prefix, context, message});
}

}  // namespace

Buffer ZeroPublicKey(bool other_seed) {
  Buffer key(LengthOf(kMlDsa87, Kind::kPublicKey));
  if (other_seed) std::fill_n(key.begin(), kSeedBytes, 0x5a);
  return key;
}

W ProductWithMatrix(bool other_seed, const Z& z) {
  std::array<Polynomial, kColumns> transformed{};
  for (size_t i = 0; i < z.size(); ++i) transformed[i / kN][i % kN] = ModQ(z[i]);
  for (Polynomial& polynomial : transformed) Ntt(polynomial);
  W w{};
  for (size_t row = 0; row < kRows; ++row) {
    Polynomial sum{};
    for (size_t column = 0; column < kColumns; ++column) {
      const Polynomial& a = Matrix(other_seed)[row * kColumns + column];
      for (size_t i = 0; i < kN; ++i) sum[i] = ModQ(sum[i] + int64_t{a[i]} * transformed[column][i]);
    }
    InverseNtt(sum);
    std::copy(sum.begin(), sum.end(), w.begin() + row * kN);
  }
  return w;
}

int32_t LowPart(int32_t w) { return Decompose(w).low; }

HintBytes PackHint(const HintBits& hint) {
  HintBytes bytes{};
  size_t ones = 0;
  for (size_t i = 0; i < hint.size(); ++i) {
    if (hint[i] && ones < kOmega) bytes[ones++] = static_cast<uint8_t>(i % kN);
    bytes[kOmega + i / kN] = static_cast<uint8_t>(ones);
  }
  return bytes;
}

bool UnpackHint(const HintBytes& bytes, HintBits* hint) {
  bool is_right = true;
  size_t at = 0;
  hint->fill(false);
  for (size_t row = 0; row < kRows; ++row) {
    const size_t end = bytes[kOmega + row], first = at;
    if (end < at || end > kOmega) is_right = false;
    for (; at < end && at < kOmega; ++at) {
      if (at > first && bytes[at] <= bytes[at - 1]) is_right = false;
      (*hint)[row * kN + bytes[at]] = true;
    }
  }
  for (; at < kOmega; ++at) is_right = is_right && bytes[at] == 0;
  return is_right;
}

Buffer SignWithZeroKey(Row row, const Buffer& public_key, const Buffer& message, const Buffer& context, const Z& z,
                       const W& w, const HintBytes& hint_bytes) {
  HintBits hint{};
  UnpackHint(hint_bytes, &hint);
  Buffer high(w.size() / 2);
  for (size_t i = 0; i < w.size(); ++i) SetBits(high, 0, 4, i, static_cast<uint32_t>(UseHint(hint[i], w[i])));
  const Buffer hash = MessageHash(row, public_key, message, context);
  Buffer signature = Shake256(row == kDilithium5 ? 32 : 64, {hash, high});
  const size_t z_at = signature.size();
  signature.resize(z_at + z.size() * 20 / 8);
  for (size_t i = 0; i < z.size(); ++i) SetBits(signature, z_at, 20, i, static_cast<uint32_t>(kGamma1 - z[i]));
  signature.insert(signature.end(), hint_bytes.begin(), hint_bytes.end());
  return signature;
}

}  // namespace pqsock::fuzz
