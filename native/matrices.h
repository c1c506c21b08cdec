// The public matrices of signature keys, expanded once instead of in every signature: those that somebody has asked
// for, and those of peers that come back. One store a process, for all its threads and environments. A matrix follows
// from ρ, the first 32 bytes of a public key and of its secret key; nothing in here is secret.
#ifndef PQSOCK_MATRICES_H_
#define PQSOCK_MATRICES_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "algorithms.h"

struct OQS_SIG_PREPARED;

namespace pqsock {

// Stays as long as somebody holds it.
using Matrix = std::shared_ptr<const OQS_SIG_PREPARED>;

// Keeps the matrix of a key until it is unpinned as often as it was pinned. Empty if there is no memory. It is the
// matrix of the code that runs on this CPU, and of no use to other code.
Matrix PinMatrix(const Algorithm& algorithm, const uint8_t* rho);
void UnpinMatrix(const Matrix& matrix);

// How many matrices of peers are kept, and how many peers are remembered that have been seen once. Those that were not
// seen for longest make room.
void ConfigurePeers(size_t places, size_t seen);

struct MatrixCounts {
  size_t pinned;  // keys, however often
  size_t peers;
  size_t places;
  size_t seen;
};
MatrixCounts CountMatrices();

// While it lives this thread's signatures with the key use its matrix, if there is one.
class WithMatrix {
 public:
  enum class Of { kAnyKey, kPeer };

  // A peer's matrix is expanded if the peer was seen before: the work is that of the verification without a matrix.
  WithMatrix(const Algorithm& algorithm, const uint8_t* rho, Of whose);
  ~WithMatrix();
  WithMatrix(const WithMatrix&) = delete;
  WithMatrix& operator=(const WithMatrix&) = delete;

  // The peer's signature was right: it counts as seen, and its matrix, if there is one, is kept.
  void Keep();

 private:
  const Algorithm& algorithm_;
  const uint8_t* const rho_;
  Matrix matrix_;
  bool is_new_ = false;
};

}  // namespace pqsock

#endif  // PQSOCK_MATRICES_H_
