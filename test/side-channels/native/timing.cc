// How long decapsulation takes for valid and for invalid ciphertexts: `timing ALGORITHM MEASUREMENTS [planted]`. The
// method is that of Reparaz, Balasch and Verbauwhede, "dude, is my code constant time?" (DATE 2017): two classes in
// random order, Welch's t-test on all times and on those below a hundred percentiles, and on the squares of what is
// left of the mean. Prints the greatest |t|.
#include <oqs/oqs.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "cpu_features.h"
#include "operations.h"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace pqsock {
namespace {

constexpr size_t kBatch = 1000;
constexpr size_t kPercentiles = 100;
constexpr size_t kTests = kPercentiles + 2;  // all times, those below each percentile, the second order
constexpr double kLeast = 10000;             // measurements of a test before its t means anything

uint64_t Now() {
#if defined(__x86_64__)
  unsigned ignored;
  _mm_lfence();
  const uint64_t now = __rdtscp(&ignored);
  _mm_lfence();
  return now;
#else
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

// Means and variances of two classes, one value at a time (Welford), and Welch's t of them.
class WelchTest {
 public:
  void Add(int group, double value) {
    count_[group] += 1;
    const double difference = value - mean_[group];
    mean_[group] += difference / count_[group];
    squares_[group] += difference * (value - mean_[group]);
  }
  double mean(int group) const { return mean_[group]; }
  double count() const { return count_[0] + count_[1]; }
  double t() const {
    if (count_[0] < 2 || count_[1] < 2) return 0;
    const double variance0 = squares_[0] / (count_[0] - 1), variance1 = squares_[1] / (count_[1] - 1);
    const double error = std::sqrt(variance0 / count_[0] + variance1 / count_[1]);
    return error == 0 ? 0 : std::fabs(mean_[0] - mean_[1]) / error;
  }

 private:
  double count_[2] = {}, mean_[2] = {}, squares_[2] = {};
};

class Experiment {
 public:
  Experiment(const Algorithm& algorithm, bool planted)
      : algorithm_(algorithm),
        planted_(planted),
        public_key_(algorithm.length[0]),
        secret_key_(algorithm.length[1]),
        ciphertext_(algorithm.length[2]),
        shared_secret_(algorithm.length[3]) {
    if (algorithm.keypair(public_key_.data(), secret_key_.data()) != 0) std::abort();
    for (Input& input : inputs_) input.valid.resize(ciphertext_.size());
  }

  void RunBatch() {
    for (Input& input : inputs_) Prepare(input);
    for (Input& input : inputs_) Measure(input);
    if (bounds_.empty()) {
      Bound();  // the first batch is for warming up, and sets the percentiles
      return;
    }
    for (const Input& input : inputs_) Count(input);
  }

  // The greatest of the tests that have seen enough.
  double t() const {
    double greatest = 0;
    for (const WelchTest& test : tests_) {
      if (test.count() >= kLeast) greatest = std::max(greatest, test.t());
    }
    return greatest;
  }
  double count() const { return tests_[0].count(); }

 private:
  struct Input {
    int group;  // 0: valid, 1: one bit is flipped
    size_t flipped;
    std::vector<uint8_t> valid;
    double time;
  };

  // Both groups get a fresh ciphertext; nothing here depends on the group but the value of one bit.
  void Prepare(Input& input) {
    if (algorithm_.encapsulate(input.valid.data(), shared_secret_.data(), public_key_.data()) != 0) std::abort();
    input.group = static_cast<int>(random_() & 1);
    input.flipped = random_() % (8 * input.valid.size());
  }

  void Measure(Input& input) {
    std::memcpy(ciphertext_.data(), input.valid.data(), ciphertext_.size());
    ciphertext_[input.flipped / 8] ^= static_cast<uint8_t>(input.group << (input.flipped % 8));
    const Bytes arguments[] = {{shared_secret_.data(), shared_secret_.size()},
                               {secret_key_.data(), secret_key_.size()},
                               {ciphertext_.data(), ciphertext_.size()}};
    const Operation& decapsulate = *FindOperation(static_cast<uint32_t>(OperationId::kKemDecapsulate));
    const uint64_t start = Now();
    if (!Perform(decapsulate, algorithm_, arguments).ok()) std::abort();
    if (planted_) CompareUntilDifferent(input.valid);
    input.time = static_cast<double>(Now() - start);
  }

  // As a decapsulation would leak that compares the re-encryption with memcmp.
  void CompareUntilDifferent(const std::vector<uint8_t>& again) {
    volatile size_t same = 0;
    while (same < again.size() && again[same] == ciphertext_[same]) same = same + 1;
  }

  // As in the paper's own program: percentiles closer to each other towards the slow end.
  void Bound() {
    std::vector<double> times;
    for (const Input& input : inputs_) times.push_back(input.time);
    std::sort(times.begin(), times.end());
    for (size_t i = 0; i < kPercentiles; ++i) {
      const double part = 1 - std::pow(0.5, 10.0 * static_cast<double>(i + 1) / kPercentiles);
      bounds_.push_back(times[static_cast<size_t>(part * static_cast<double>(times.size() - 1))]);
    }
  }

  void Count(const Input& input) {
    tests_[0].Add(input.group, input.time);
    for (size_t i = 0; i < kPercentiles; ++i) {
      if (input.time < bounds_[i]) tests_[i + 1].Add(input.group, input.time);
    }
    if (tests_[0].count() < kLeast) return;  // the mean is not known yet
    const double rest = input.time - tests_[0].mean(input.group);
    tests_[kTests - 1].Add(input.group, rest * rest);
  }

  const Algorithm& algorithm_;
  const bool planted_;
  std::vector<uint8_t> public_key_, secret_key_, ciphertext_, shared_secret_;
  std::vector<Input> inputs_{kBatch};
  std::vector<double> bounds_;
  WelchTest tests_[kTests];
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace
}  // namespace pqsock

int main(int count, char** words) {
  if (count < 3) return 2;
  OQS_init();
  const pqsock::Algorithm* algorithm = pqsock::FindAlgorithm(static_cast<uint32_t>(words[1][0] - '0'));
  if (algorithm == nullptr || algorithm->decapsulate == nullptr) return 2;
  const double wanted = std::atof(words[2]);
  pqsock::Experiment experiment(*algorithm, count > 3);
  while (experiment.count() < wanted) experiment.RunBatch();
  std::printf("{\"code\":\"%s\",\"t\":%.2f}\n", pqsock::UsesAvx2() ? "AVX2" : "reference", experiment.t());
  return 0;
}
