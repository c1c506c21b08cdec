// Changes of valid bytes that an input of the fuzzer asks for.
#ifndef PQSOCK_FUZZ_EDITS_H_
#define PQSOCK_FUZZ_EDITS_H_

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>

#include "both_codes.h"

namespace pqsock::fuzz {

// A value of `bits` bits (at most 20) at the place of the `index`-th such value, as the encodings of the algorithms
// have it: the least bits first.
inline void SetBits(Buffer& bytes, size_t start, size_t bits, size_t index, uint32_t value) {
  for (size_t i = 0; i < bits; ++i) {
    const size_t at = index * bits + i;
    if (start + at / 8 >= bytes.size()) return;
    uint8_t& byte = bytes[start + at / 8];
    byte = static_cast<uint8_t>((byte & ~(1u << at % 8)) | (value >> i & 1) << at % 8);
  }
}

inline uint32_t GetBits(const Buffer& bytes, size_t start, size_t bits, size_t index) {
  uint32_t value = 0;
  for (size_t i = 0; i < bits; ++i) {
    const size_t at = index * bits + i;
    value |= (bytes[start + at / 8] >> at % 8 & 1u) << i;
  }
  return value;
}

// Up to eight changes: a byte, a bit, a coefficient of 12 bits, a run of one value, bytes of the input's own.
inline void Edit(FuzzedDataProvider& from, Buffer& bytes) {
  if (bytes.empty()) return;
  for (size_t edits = from.ConsumeIntegralInRange<size_t>(0, 8); edits > 0; --edits) {
    const size_t at = from.ConsumeIntegralInRange<size_t>(0, bytes.size() - 1);
    const size_t rest = bytes.size() - at;
    switch (from.ConsumeIntegralInRange<int>(0, 4)) {
      case 0:
        bytes[at] = from.ConsumeIntegral<uint8_t>();
        break;
      case 1:
        bytes[at] ^= static_cast<uint8_t>(1u << from.ConsumeIntegralInRange<int>(0, 7));
        break;
      case 2:
        SetBits(bytes, 0, 12, at * 8 / 12, from.PickValueInArray<uint32_t>({0, 1, 1664, 3327, 3328, 3329, 3330, 4095}));
        break;
      case 3: {
        const size_t length = from.ConsumeIntegralInRange<size_t>(1, rest);
        std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(at), length, from.ConsumeIntegral<uint8_t>());
        break;
      }
      default: {
        const std::vector<uint8_t> own = from.ConsumeBytes<uint8_t>(from.ConsumeIntegralInRange<size_t>(0, rest));
        std::copy(own.begin(), own.end(), bytes.begin() + static_cast<ptrdiff_t>(at));
      }
    }
  }
}

}  // namespace pqsock::fuzz

#endif  // PQSOCK_FUZZ_EDITS_H_
