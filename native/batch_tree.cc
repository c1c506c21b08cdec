#include "batch_tree.h"

#include <oqs/oqs.h>
#include <oqs/sha2.h>

#include <cstring>

namespace pqsock {
namespace {

constexpr uint8_t kLeaf = 0;
constexpr uint8_t kNode = 1;

constexpr size_t kSpaces = 64;
constexpr char kLabel[] = "pqsock1 server batch";  // the zero at the end is the protocol's, too

// Puts bytes one behind the other.
class Writer {
 public:
  explicit Writer(uint8_t* at) : at_(at) {}

  Writer& Add(const void* bytes, size_t size) {
    std::memcpy(at_, bytes, size);
    at_ += size;
    return *this;
  }
  Writer& AddU8(size_t value) {
    *at_++ = static_cast<uint8_t>(value);
    return *this;
  }
  Writer& AddU32(size_t value) { return AddU8(value >> 24).AddU8(value >> 16).AddU8(value >> 8).AddU8(value); }

 private:
  uint8_t* at_;
};

}  // namespace

BatchTree::BatchTree(size_t leaves) : leaves_(leaves) { OQS_randombytes(random_[0], (1 + leaves) * kNodeBytes); }

void BatchTree::SetLeaf(size_t place, const uint8_t* input) {
  uint8_t hashed[1 + kNodeBytes + 4 + kNodeBytes + kLeafBytes];
  Writer writer(hashed);
  writer.AddU8(kLeaf)
      .Add(random_[0], kNodeBytes)
      .AddU32(place)
      .Add(random_[1 + place], kNodeBytes)
      .Add(input, kLeafBytes);
  OQS_SHA2_sha256(Node(0, place), hashed, sizeof(hashed));
}

void BatchTree::Grow() {
  for (size_t count = leaves_; count > 1; count = (count + 1) / 2) {
    if (count % 2 == 1) OQS_randombytes(Node(depth_, count), kNodeBytes);  // there is no handshake below it
    ++depth_;
    for (size_t j = 0; 2 * j < count; ++j) {
      uint8_t hashed[1 + kNodeBytes + 1 + 4 + 2 * kNodeBytes];
      Writer writer(hashed);
      writer.AddU8(kNode).Add(random_[0], kNodeBytes).AddU8(depth_).AddU32(j);
      writer.Add(Node(depth_ - 1, 2 * j), kNodeBytes).Add(Node(depth_ - 1, 2 * j + 1), kNodeBytes);
      OQS_SHA2_sha256(Node(depth_, j), hashed, sizeof(hashed));
    }
  }
}

void BatchTree::WriteSigned(uint8_t* message) const {
  std::memset(message, 0x20, kSpaces);
  Writer writer(message + kSpaces);
  writer.Add(kLabel, sizeof(kLabel)).Add(random_[0], kNodeBytes).AddU8(depth_).Add(Node(depth_, 0), kNodeBytes);
  static_assert(kSpaces + sizeof(kLabel) + kNodeBytes + 1 + kNodeBytes == kSignedBytes, "as PROTOCOL.md says");
}

void BatchTree::WriteProof(size_t place, uint8_t* proof) const {
  Writer writer(proof);
  writer.Add(random_[0], kNodeBytes).AddU32(place).Add(random_[1 + place], kNodeBytes).AddU8(depth_);
  for (size_t level = 0; level < depth_; ++level) writer.Add(Node(level, place >> level ^ 1), kNodeBytes);
}

}  // namespace pqsock
