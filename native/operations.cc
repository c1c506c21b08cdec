#include "operations.h"

#include <atomic>

#include "handshake.h"
#include "kem.h"
#include "secret_bytes.h"
#include "sig.h"

namespace pqsock {
namespace {

std::atomic<uint64_t> counts[kCounters];

// In the order of OperationId.
const Operation* const kOperations[] = {
    &kKemKeypair,      &kKemEncapsulate, &kKemDecapsulate, &kKemCheckPublicKey,      &kSigKeypair,
    &kSigSign,         &kSigVerify,      &kSigVerifyPeer,  &kHandshakeAnswer,        &kHandshakeOffer,
    &kHandshakeAccept, &kSigKeypairFrom, &kSigPublicKey,   &kHandshakeAnswerJointly,
};

constexpr size_t kMaxContext = 255;  // FIPS 204 §5.2

bool LengthIsRight(Kind kind, const Algorithm& algorithm, size_t size) {
  if (kind == Kind::kAnyBytes) return true;
  if (kind == Kind::kContext) return size <= kMaxContext;
  if (kind == Kind::kTranscript) return size >= algorithm.length[static_cast<size_t>(Kind::kServerFrames)];
  return size == algorithm.length[static_cast<size_t>(kind)];
}

}  // namespace

Status CheckNothing(const Algorithm&, const Bytes*) { return {}; }

Status RunKeypair(const Algorithm& algorithm, const Bytes* arguments) {
  Status status;
  if (algorithm.keypair(arguments[0].data, arguments[1].data) != 0) status.code = Code::kOperationFailed;
  return status;
}

const Operation* FindOperation(uint32_t id) {
  return id < sizeof(kOperations) / sizeof(kOperations[0]) ? kOperations[id] : nullptr;
}

bool Applies(const Operation& operation, const Algorithm& algorithm) { return operation.family == algorithm.family; }

Status CheckLengths(const Operation& operation, const Algorithm& algorithm, const Bytes* arguments) {
  Status status;
  for (size_t i = 0; i < operation.arguments; ++i) {
    status.argument = i;
    if (!LengthIsRight(operation.kinds[i], algorithm, arguments[i].size)) {
      status.code = Code::kWrongLength;
      return status;
    }
    if (operation.kinds[i] == Kind::kContext && arguments[i].size > 0 && !algorithm.has_context) {
      status.code = Code::kContextUnsupported;
      return status;
    }
  }
  return {};
}

Status Perform(const Operation& operation, const Algorithm& algorithm, const Bytes* arguments) {
  Status status = operation.check(algorithm, arguments);
  if (!status.ok()) return status;
  status = operation.run(algorithm, arguments);
  if (operation.stack != nullptr) ClearStack(algorithm.*operation.stack);
  // A secret key that liboqs refuses has cost one hash: that is a check as well, and no work.
  if (operation.counter != Counter::kNone && status.code != Code::kBadSecretKey) {
    counts[static_cast<size_t>(operation.counter)].fetch_add(1, std::memory_order_relaxed);
  }
  return status;
}

Remainder* Begin(const Operation& operation, const Algorithm& algorithm, const Bytes* arguments, Status* status) {
  *status = operation.check(algorithm, arguments);
  if (!status->ok()) return nullptr;
  Remainder* const remainder = operation.halves->begin(algorithm, arguments, status);
  ClearStack(algorithm.*operation.stack);
  return remainder;
}

void FinishTogether(const Operation& operation, const Algorithm& algorithm, Remainder* const* remainders, size_t count,
                    Status* statuses) {
  operation.halves->finish(remainders, count, statuses);
  ClearStack(algorithm.*operation.stack);
}

uint64_t OperationCount(Counter counter) {
  return counts[static_cast<size_t>(counter)].load(std::memory_order_relaxed);
}

}  // namespace pqsock
