// What a server signs for several handshakes at once, and what it sends to each of them. PROTOCOL.md, "Batches".
#ifndef PQSOCK_BATCH_TREE_H_
#define PQSOCK_BATCH_TREE_H_

#include <cstddef>
#include <cstdint>

namespace pqsock {

class BatchTree {
 public:
  static constexpr size_t kMostLeaves = 64;
  static constexpr size_t kLeafBytes = 148;
  static constexpr size_t kSignedBytes = 150;
  // With the depth 6.
  static constexpr size_t kMostProofBytes = 69 + 6 * 32;

  // Draws all random bytes; `leaves` is 2 to kMostLeaves. What is to be signed must be fixed by now.
  explicit BatchTree(size_t leaves);

  // Takes kLeafBytes: what would be signed for a handshake alone.
  void SetLeaf(size_t place, const uint8_t* input);
  // Once all leaves are set, and before what follows.
  void Grow();
  // Writes kSignedBytes.
  void WriteSigned(uint8_t* message) const;
  // Writes what stands between the first byte of ServerAuth and the signature.
  void WriteProof(size_t place, uint8_t* proof) const;
  size_t proof_bytes() const { return kFixedProofBytes + kNodeBytes * depth_; }

 private:
  static constexpr size_t kNodeBytes = 32;
  static constexpr size_t kFixedProofBytes = 69;

  uint8_t* Node(size_t level, size_t place) { return nodes_[2 * kMostLeaves - (2 * kMostLeaves >> level) + place]; }
  const uint8_t* Node(size_t level, size_t place) const { return const_cast<BatchTree*>(this)->Node(level, place); }

  const size_t leaves_;
  size_t depth_ = 0;
  uint8_t random_[1 + kMostLeaves][kNodeBytes];     // id, and r of each leaf
  uint8_t nodes_[2 * kMostLeaves - 1][kNodeBytes];  // level by level, the leaves first
};

}  // namespace pqsock

#endif  // PQSOCK_BATCH_TREE_H_
