// Fuzz target: signatures over any message and context, and what becomes of them when something is changed.
#include "both_codes.h"
#include "edits.h"

namespace pqsock::fuzz {
namespace {

constexpr size_t kKeys = 4;
constexpr size_t kLongest = 600;  // of a message: a few blocks of SHAKE256

struct Signed {
  Buffer public_key, message, signature, context;

  bool operator==(const Signed& other) const {
    return public_key == other.public_key && message == other.message && signature == other.signature &&
           context == other.context;
  }
};

struct Keys {
  Buffer secret_key;
  Signed signature;  // one that this key has made
};

Status Verify(Run run, Signed& claim) {
  run.operation = OperationId::kSigVerify;
  return PerformBoth(run, {&claim.public_key, &claim.message, &claim.signature, &claim.context});
}

void Sign(Run run, Buffer secret_key, Signed& made) {
  run.operation = OperationId::kSigSign;
  MustPerformBoth(run, {&made.signature, &secret_key, &made.message, &made.context});
  Require(Verify(run, made).ok(), "what was signed does not verify");
}

const Keys& FindKeys(Row row, uint8_t index) {
  static Keys known[2][kKeys];
  Keys& keys = known[row - kDilithium5][index];
  if (keys.secret_key.empty()) {
    keys.secret_key.resize(LengthOf(row, Kind::kSecretKey));
    Signed& made = keys.signature;
    made = {Buffer(LengthOf(row, Kind::kPublicKey)), Buffer(33), Buffer(LengthOf(row, Kind::kSignature)), {}};
    MustPerformBoth({OperationId::kSigKeypair, row, index}, {&made.public_key, &keys.secret_key});
    Sign({OperationId::kSigSign, row, index}, keys.secret_key, made);
  }
  return keys;
}

// Other bytes, or another length.
void Change(FuzzedDataProvider& from, Buffer& bytes) {
  if (from.ConsumeBool()) Edit(from, bytes);
  if (from.ConsumeProbability<float>() > 0.75f)
    bytes.resize(from.ConsumeIntegralInRange<size_t>(0, bytes.size() + 300));
}

void VerifyChanged(FuzzedDataProvider& from, const Run& run, const Signed& original) {
  Signed changed = original;
  const uint8_t parts = from.ConsumeIntegral<uint8_t>();
  if ((parts & 1) != 0) Edit(from, changed.public_key);
  if ((parts & 2) != 0) Change(from, changed.message);
  if ((parts & 4) != 0) Change(from, changed.signature);
  if ((parts & 8) != 0) Change(from, changed.context);
  const Status status = Verify(run, changed);
  if (changed.context.size() > 255) {
    Require(status.code == Code::kWrongLength && status.argument == 3, "a context of more than 255 bytes");
  } else if (!changed.context.empty() && run.row == kDilithium5) {
    Require(status.code == Code::kContextUnsupported, "Dilithium5 took a context");
  } else {
    Require(status.code == (changed == original ? Code::kOk : Code::kNotVerified), "a changed signature verifies");
  }
}

// A secret key of any bytes: it need not make valid signatures, but both codes must make the same.
void SignWithChangedKey(FuzzedDataProvider& from, Run run, const Buffer& secret_key, Signed& made) {
  Buffer changed = secret_key;
  Edit(from, changed);
  run.operation = OperationId::kSigSign;
  PerformBoth(run, {&made.signature, &changed, &made.message, &made.context});
}

}  // namespace
}  // namespace pqsock::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pqsock::fuzz;
  FuzzedDataProvider from(data, size);
  Run run{};
  run.row = from.ConsumeBool() ? kMlDsa87 : kDilithium5;
  run.on_pool = from.ConsumeBool();
  run.coins = from.ConsumeIntegral<uint8_t>();
  const Keys& keys = FindKeys(run.row, from.ConsumeIntegralInRange<uint8_t>(0, kKeys - 1));
  Signed made{keys.signature.public_key, {}, Buffer(LengthOf(run.row, pqsock::Kind::kSignature)), {}};
  const uint8_t way = from.ConsumeIntegralInRange<uint8_t>(0, 7);
  if (way < 6) {  // most: making a signature takes many times as long as looking at one
    VerifyChanged(from, run, keys.signature);
    return 0;
  }
  made.message = from.ConsumeBytes<uint8_t>(from.ConsumeIntegralInRange<size_t>(0, kLongest));
  if (run.row == kMlDsa87) made.context = from.ConsumeBytes<uint8_t>(from.ConsumeIntegralInRange<size_t>(0, 255));
  if (way == 6) {
    Sign(run, keys.secret_key, made);
    VerifyChanged(from, run, made);
  } else {
    SignWithChangedKey(from, run, keys.secret_key, made);
  }
  return 0;
}
