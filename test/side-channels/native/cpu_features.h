// Hides the CPU's features from liboqs if PQSOCK_REFERENCE_CODE is 1, so that the reference code of the very same build
// runs.
#ifndef PQSOCK_TEST_SIDE_CHANNELS_CPU_FEATURES_H_
#define PQSOCK_TEST_SIDE_CHANNELS_CPU_FEATURES_H_

namespace pqsock {

// Whether liboqs uses the code for AVX2 of all four algorithms.
bool UsesAvx2();

}  // namespace pqsock

#endif  // PQSOCK_TEST_SIDE_CHANNELS_CPU_FEATURES_H_
