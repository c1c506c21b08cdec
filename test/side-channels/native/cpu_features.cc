#include "cpu_features.h"

#include <oqs/oqs.h>

#include <cstdlib>
#include <cstring>

// The linker sends every call of OQS_CPU_has_extension to the first of these (--wrap).
extern "C" int __real_OQS_CPU_has_extension(OQS_CPU_EXT extension);
extern "C" int __wrap_OQS_CPU_has_extension(OQS_CPU_EXT extension) {
  const char* reference = std::getenv("PQSOCK_REFERENCE_CODE");
  const bool hidden = reference != nullptr && std::strcmp(reference, "1") == 0;
  return hidden ? 0 : __real_OQS_CPU_has_extension(extension);
}

namespace pqsock {

bool UsesAvx2() {
  return OQS_CPU_has_extension(OQS_CPU_EXT_AVX2) != 0 && OQS_CPU_has_extension(OQS_CPU_EXT_BMI2) != 0 &&
         OQS_CPU_has_extension(OQS_CPU_EXT_POPCNT) != 0;
}

}  // namespace pqsock
