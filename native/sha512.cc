#include "sha512.h"

#include <oqs/oqs.h>
#include <oqs/sha2.h>

#include <cstring>

namespace pqsock {
namespace {

void WriteU64(uint8_t* at, uint64_t value) {
  for (size_t i = 0; i < 8; ++i) at[i] = static_cast<uint8_t>(value >> (56 - 8 * i));
}

constexpr uint64_t kStart[] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                               0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

}  // namespace

Sha512::Sha512() : state_{}, block_{} {
  for (size_t i = 0; i < 8; ++i) WriteU64(state_ + 8 * i, kStart[i]);
}

Sha512::~Sha512() {
  OQS_MEM_cleanse(state_, sizeof(state_));
  OQS_MEM_cleanse(block_, sizeof(block_));
}

void Sha512::Add(const uint8_t* data, size_t size) {
  const size_t filled = size_ % kBlockBytes;
  size_ += size;
  if (filled > 0) {
    const size_t missing = kBlockBytes - filled;
    std::memcpy(block_ + filled, data, size < missing ? size : missing);
    if (size < missing) return;
    Compress(block_, 1);
    data += missing;
    size -= missing;
  }
  Compress(data, size / kBlockBytes);
  std::memcpy(block_, data + size / kBlockBytes * kBlockBytes, size % kBlockBytes);
}

// FIPS 180-4 §5.1.2: the bit 1, zeros, and the length in bits as a number of 16 bytes.
void Sha512::Digest(uint8_t* digest) const {
  static constexpr uint8_t kPadding[kBlockBytes] = {0x80};
  constexpr size_t kLengthBytes = 16;
  Sha512 last(*this);
  const size_t filled = (size_ + kLengthBytes) % kBlockBytes;
  last.Add(kPadding, kBlockBytes - filled);
  uint8_t length[kLengthBytes] = {};
  WriteU64(length + 8, size_ * 8);
  last.Add(length, kLengthBytes);
  std::memcpy(digest, last.state_, kHashBytes);
}

// liboqs's own states are on the heap, and not wiped: it is given ours.
void Sha512::Compress(const uint8_t* blocks, size_t count) {
  if (count == 0) return;
  OQS_SHA2_sha512_ctx context;
  context.ctx = state_;
  OQS_SHA2_sha512_inc_blocks(&context, blocks, count);
}

Hmac::Hmac(const uint8_t* key, size_t size) {
  uint8_t padded[128] = {};
  std::memcpy(padded, key, size);
  for (uint8_t& byte : padded) byte ^= 0x36;
  inner_.Add(padded, sizeof(padded));
  for (uint8_t& byte : padded) byte ^= 0x36 ^ 0x5c;
  outer_.Add(padded, sizeof(padded));
  OQS_MEM_cleanse(padded, sizeof(padded));
}

void Hmac::Digest(const uint8_t* message, size_t size, uint8_t* digest) const {
  Sha512 inner(inner_), outer(outer_);
  inner.Add(message, size);
  inner.Digest(digest);
  outer.Add(digest, kHashBytes);
  outer.Digest(digest);
}

}  // namespace pqsock
