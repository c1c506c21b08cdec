#include "matrices.h"

#include <oqs/oqs.h>

#include <array>
#include <cstring>
#include <list>
#include <map>
#include <mutex>
#include <new>
#include <utility>

namespace pqsock {
namespace {

constexpr size_t kAlignment = 64;

// The implementation, then ρ. Ordered, not hashed: peers choose their ρ, and could choose them to collide.
using Key = std::pair<uintptr_t, std::array<uint8_t, sizeof(OQS_SIG_PREPARED::rho)>>;

Key KeyOf(const OQS_SIG_MATRIX* made_by, const uint8_t* rho) {
  Key key;
  key.first = reinterpret_cast<uintptr_t>(made_by);
  std::memcpy(key.second.data(), rho, key.second.size());
  return key;
}

void Free(const OQS_SIG_PREPARED* prepared) {
  OQS_MEM_aligned_free(prepared->matrix);
  delete prepared;
}

Matrix Expand(const OQS_SIG_MATRIX* made_by, const uint8_t* rho) {
  auto* prepared = new (std::nothrow) OQS_SIG_PREPARED;
  if (prepared == nullptr) return {};
  prepared->made_by = made_by;
  prepared->matrix = OQS_MEM_aligned_alloc(kAlignment, made_by->size);
  Matrix matrix(prepared, Free);
  if (prepared->matrix == nullptr) return {};
  std::memcpy(prepared->rho, rho, sizeof prepared->rho);
  made_by->expand(prepared->matrix, rho);
  return matrix;
}

// Values by their keys; beyond a number of them the one that was not used for longest is dropped.
template <typename Value>
class Recent {
 public:
  // nullptr if there is none. Looking is not using.
  const Value* Find(const Key& key) const {
    const auto found = places_.find(key);
    return found == places_.end() ? nullptr : &found->second->second;
  }

  // Whether there is one to use.
  bool Use(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return false;
    order_.splice(order_.begin(), order_, found->second);
    return true;
  }

  void Add(const Key& key, Value value) {
    if (Use(key)) return;
    order_.emplace_front(key, std::move(value));
    places_.emplace(key, order_.begin());
    Limit(most_);
  }

  void Remove(const Key& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return;
    order_.erase(found->second);
    places_.erase(found);
  }

  void Limit(size_t most) {
    most_ = most;
    while (order_.size() > most_) {
      places_.erase(order_.back().first);
      order_.pop_back();
    }
  }

  size_t size() const { return order_.size(); }
  size_t most() const { return most_; }

 private:
  using Order = std::list<std::pair<Key, Value>>;
  Order order_;  // the last used first
  std::map<Key, typename Order::iterator> places_;
  size_t most_ = 0;
};

struct Pinned {
  Matrix matrix;
  size_t times = 0;
};

struct Nothing {};

struct Store {
  std::mutex mutex;  // held for look-ups only, never while a matrix is expanded
  std::map<Key, Pinned> pinned;
  Recent<Matrix> peers;
  Recent<Nothing> seen;

  Matrix Find(const Key& key) const {
    const auto found = pinned.find(key);
    if (found != pinned.end()) return found->second.matrix;
    const Matrix* peer = peers.Find(key);
    return peer == nullptr ? Matrix() : *peer;
  }
};

// Never freed: threads of the pool may run until the very end of the process.
Store& TheStore() {
  static Store* store = new Store;
  return *store;
}

}  // namespace

Matrix PinMatrix(const Algorithm& algorithm, const uint8_t* rho) {
  Store& store = TheStore();
  const OQS_SIG_MATRIX* made_by = algorithm.matrix();
  const Key key = KeyOf(made_by, rho);
  Matrix matrix;
  {
    std::lock_guard<std::mutex> lock(store.mutex);
    matrix = store.Find(key);
  }
  if (matrix == nullptr) matrix = Expand(made_by, rho);
  if (matrix == nullptr) return matrix;
  std::lock_guard<std::mutex> lock(store.mutex);
  Pinned& pinned = store.pinned[key];
  if (pinned.times++ == 0) pinned.matrix = std::move(matrix);
  return pinned.matrix;
}

void UnpinMatrix(const Matrix& matrix) {
  Store& store = TheStore();
  std::lock_guard<std::mutex> lock(store.mutex);
  const auto found = store.pinned.find(KeyOf(matrix->made_by, matrix->rho));
  if (found != store.pinned.end() && --found->second.times == 0) store.pinned.erase(found);
}

void ConfigurePeers(size_t places, size_t seen) {
  Store& store = TheStore();
  std::lock_guard<std::mutex> lock(store.mutex);
  store.peers.Limit(places);
  store.seen.Limit(seen);
}

MatrixCounts CountMatrices() {
  Store& store = TheStore();
  std::lock_guard<std::mutex> lock(store.mutex);
  return {store.pinned.size(), store.peers.size(), store.peers.most(), store.seen.size()};
}

WithMatrix::WithMatrix(const Algorithm& algorithm, const uint8_t* rho, Of whose) : algorithm_(algorithm), rho_(rho) {
  Store& store = TheStore();
  const OQS_SIG_MATRIX* made_by = algorithm.matrix();
  const Key key = KeyOf(made_by, rho);
  {
    std::lock_guard<std::mutex> lock(store.mutex);
    matrix_ = store.Find(key);
    is_new_ = matrix_ == nullptr && whose == Of::kPeer && store.seen.Find(key) != nullptr;
  }
  if (is_new_) matrix_ = Expand(made_by, rho);
  OQS_SIG_use_prepared(matrix_.get());
}

WithMatrix::~WithMatrix() { OQS_SIG_use_prepared(nullptr); }

void WithMatrix::Keep() {
  Store& store = TheStore();
  const Key key = KeyOf(matrix_ == nullptr ? algorithm_.matrix() : matrix_->made_by, rho_);
  std::lock_guard<std::mutex> lock(store.mutex);
  if (matrix_ == nullptr) {
    store.seen.Add(key, {});
  } else if (is_new_) {
    store.peers.Add(key, matrix_);
    store.seen.Remove(key);
  } else {
    store.peers.Use(key);
  }
}

}  // namespace pqsock
