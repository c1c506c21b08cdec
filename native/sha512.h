// SHA-512 and HMAC-SHA512, over liboqs's compression function. What was hashed may be secret: the states are wiped.
#ifndef PQSOCK_SHA512_H_
#define PQSOCK_SHA512_H_

#include <cstddef>
#include <cstdint>

namespace pqsock {

constexpr size_t kHashBytes = 64;

// A hash of what has been added so far. A copy goes on by itself.
class Sha512 {
 public:
  Sha512();
  Sha512(const Sha512&) = default;
  Sha512& operator=(const Sha512&) = default;
  ~Sha512();

  void Add(const uint8_t* data, size_t size);
  // Writes kHashBytes. More may be added afterwards.
  void Digest(uint8_t* digest) const;

 private:
  static constexpr size_t kBlockBytes = 128;
  static constexpr size_t kStateBytes = 72;  // liboqs's: the chaining value, big-endian, and a count

  void Compress(const uint8_t* blocks, size_t count);

  uint8_t state_[kStateBytes];
  uint8_t block_[kBlockBytes];  // the start of the next one
  uint64_t size_ = 0;
};

// HMAC under one key, for any number of messages.
class Hmac {
 public:
  // `size` is kHashBytes at the most.
  Hmac(const uint8_t* key, size_t size);
  // Writes kHashBytes.
  void Digest(const uint8_t* message, size_t size, uint8_t* digest) const;

 private:
  Sha512 inner_, outer_;
};

}  // namespace pqsock

#endif  // PQSOCK_SHA512_H_
