// What can be done with an algorithm, as data: the arguments of each operation and the function that does it.
#ifndef PQSOCK_OPERATIONS_H_
#define PQSOCK_OPERATIONS_H_

#include <cstdint>

#include "algorithms.h"
#include "status.h"

namespace pqsock {

struct Bytes {
  uint8_t* data = nullptr;
  size_t size = 0;
};

// The numbers are part of the boundary: lib/native/addon.ts has the same list.
enum class OperationId : uint8_t {
  kKemKeypair,
  kKemEncapsulate,
  kKemDecapsulate,
  kKemCheckPublicKey,
  kSigKeypair,
  kSigSign,
  kSigVerify,
  kSigVerifyPeer,
  kHandshakeAnswer,
  kHandshakeOffer,
  kHandshakeAccept,
  kSigKeypairFrom,
  kSigPublicKey,
  kHandshakeAnswerJointly,
};
constexpr size_t kMaxArguments = 5;

enum class Counter : uint8_t { kKeypair, kSign, kVerify, kEncapsulate, kDecapsulate, kNone };
constexpr size_t kCounters = static_cast<size_t>(Counter::kNone);

// What is left of an operation that was begun.
class Remainder {
 public:
  virtual ~Remainder() = default;
};

// An operation in two parts, of which the second costs less for several at once.
struct Halves {
  // The arguments stay where they are until the end; nullptr if the status isn't ok.
  Remainder* (*begin)(const Algorithm&, const Bytes*, Status*);
  bool (*go_together)(const Remainder&, const Remainder&);
  // At most kMostTogether (native/pool.h), which go together.
  void (*finish)(Remainder* const* remainders, size_t count, Status* statuses);
};
struct Operation {
  Family family;
  Counter counter;
  size_t Algorithm::* stack;  // how much of it may hold secrets afterwards; nullptr if it holds none
  size_t outputs;             // the first arguments are written, the rest read
  size_t arguments;
  Kind kinds[kMaxArguments];
  // Values that must be right before the work; the code, and the argument at fault.
  Status (*check)(const Algorithm&, const Bytes*);
  Status (*run)(const Algorithm&, const Bytes*);
  const Halves* halves = nullptr;  // off the event loop it is done in these
};

// For the tables in kem.cc and sig.cc: the check of an operation that has none, and the run of both kinds of key pair.
Status CheckNothing(const Algorithm& algorithm, const Bytes* arguments);
Status RunKeypair(const Algorithm& algorithm, const Bytes* arguments);

const Operation* FindOperation(uint32_t id);

// Whether the algorithm is of the family that the operation is for.
bool Applies(const Operation& operation, const Algorithm& algorithm);

// Lengths, by the table. Looks at no byte.
Status CheckLengths(const Operation& operation, const Algorithm& algorithm, const Bytes* arguments);

// Checks values, does the work, clears the stack, counts. The lengths must have been checked.
Status Perform(const Operation& operation, const Algorithm& algorithm, const Bytes* arguments);

// The same in two halves, for an operation that has them: what is left goes with others' into FinishTogether.
Remainder* Begin(const Operation& operation, const Algorithm& algorithm, const Bytes* arguments, Status* status);
void FinishTogether(const Operation& operation, const Algorithm& algorithm, Remainder* const* remainders, size_t count,
                    Status* statuses);

// How many operations this process has done so far, over all threads.
uint64_t OperationCount(Counter counter);

}  // namespace pqsock

#endif  // PQSOCK_OPERATIONS_H_
