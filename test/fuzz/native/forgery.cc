// Fuzz target: verification of signatures that no honest signer makes, whose challenge is right all the same, so that
// only the bound of z and the encoding of the hint decide. Random changes of honest signatures never come here: their
// challenge is wrong. Both codes must judge as FIPS 204 and Dilithium round 3.1 do.
#include <algorithm>
#include <numeric>

#include "edits.h"
#include "zero_key.h"

namespace pqsock::fuzz {
namespace {

constexpr int32_t kBound = kGamma1 - kBeta;
constexpr size_t kMostValues = 24;
constexpr size_t kMostHints = 80;  // a few more than ω

// All coefficients below a bound, then a few of their own.
Z ChooseZ(FuzzedDataProvider& from) {
  Z z{};
  const int32_t spread = from.PickValueInArray({1, 2, kBound, kBound, kGamma1});
  uint32_t state = from.ConsumeIntegral<uint8_t>();
  for (int32_t& value : z) {
    state = state * 1664525 + 1013904223;
    value = static_cast<int32_t>(state >> 9) % spread;
    if ((state & 0x100) != 0) value = -value;
  }
  for (size_t values = from.ConsumeIntegralInRange<size_t>(0, kMostValues); values > 0; --values) {
    const size_t at = from.ConsumeIntegralInRange<size_t>(0, z.size() - 1);
    const int32_t near[] = {0, 1 - kBound, -kBound, kBound - 1, kBound, kGamma1, 1 - kGamma1};
    z[at] = from.ConsumeBool() ? from.PickValueInArray(near) : from.ConsumeIntegralInRange(1 - kGamma1, kGamma1);
  }
  return z;
}

// Ones at coefficients of w' whose low part is near 0, where UseHint turns, or anywhere.
HintBits ChooseHint(FuzzedDataProvider& from, const W& w) {
  std::array<size_t, kRows * kN> by_low_part;
  std::iota(by_low_part.begin(), by_low_part.end(), 0);
  const auto is_nearer = [&w](size_t a, size_t b) { return std::abs(LowPart(w[a])) < std::abs(LowPart(w[b])); };
  std::partial_sort(by_low_part.begin(), by_low_part.begin() + kMostHints, by_low_part.end(), is_nearer);
  HintBits hint{};
  const size_t nearest = from.ConsumeIntegralInRange<size_t>(0, kMostHints);
  for (size_t i = 0; i < nearest; ++i) hint[by_low_part[i]] = true;
  for (size_t others = from.ConsumeIntegralInRange<size_t>(0, kMostHints); others > 0; --others) {
    hint[from.ConsumeIntegralInRange<size_t>(0, hint.size() - 1)] = true;
  }
  return hint;
}

void Spoil(FuzzedDataProvider& from, HintBytes& hint) {
  for (size_t changes = from.ConsumeIntegralInRange<size_t>(0, 3); changes > 0; --changes) {
    const size_t at = from.ConsumeIntegralInRange<size_t>(0, hint.size() - 2);
    if (from.ConsumeBool())
      std::swap(hint[at], hint[at + 1]);
    else
      hint[at + 1] = from.ConsumeBool() ? hint[at] : from.ConsumeIntegral<uint8_t>();
  }
}

}  // namespace
}  // namespace pqsock::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pqsock::fuzz;
  FuzzedDataProvider from(data, size);
  Run run{};
  run.operation = pqsock::OperationId::kSigVerify;
  run.row = from.ConsumeBool() ? kMlDsa87 : kDilithium5;
  run.on_pool = from.ConsumeBool();
  const bool other_seed = from.ConsumeBool();
  const Z z = ChooseZ(from);
  const W w = ProductWithMatrix(other_seed, z);
  HintBytes hint_bytes = PackHint(ChooseHint(from, w));
  Spoil(from, hint_bytes);
  Buffer context, message, public_key = ZeroPublicKey(other_seed);
  if (run.row == kMlDsa87) context = from.ConsumeBytes<uint8_t>(from.ConsumeIntegralInRange<size_t>(0, 255));
  message = from.ConsumeRemainingBytes<uint8_t>();

  Buffer signature = SignWithZeroKey(run.row, public_key, message, context, z, w, hint_bytes);
  const auto [least, greatest] = std::minmax_element(z.begin(), z.end());
  HintBits hint{};
  const bool is_valid = UnpackHint(hint_bytes, &hint) && *greatest < kBound && *least > -kBound;
  const pqsock::Status status = PerformBoth(run, {&public_key, &message, &signature, &context});
  Require(status.ok() || !is_valid, "a valid signature was refused");
  Require(!status.ok() || is_valid, "a signature whose z or hint is wrong was accepted");
  return 0;
}
