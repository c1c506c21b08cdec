// Hides the CPU's features from liboqs, so that the reference code of the very same build runs.
#ifndef PQSOCK_TEST_CPU_FEATURES_H_
#define PQSOCK_TEST_CPU_FEATURES_H_

#include <napi.h>

namespace pqsock {

// (hidden: boolean) → whether liboqs would use AVX2 now
Napi::Value HideCpuFeatures(const Napi::CallbackInfo& info);

}  // namespace pqsock

#endif  // PQSOCK_TEST_CPU_FEATURES_H_
