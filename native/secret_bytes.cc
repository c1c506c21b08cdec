#include "secret_bytes.h"

#include <oqs/oqs.h>

#include <cstdlib>
#if defined(_MSC_VER) || defined(_WIN32)
#include <malloc.h>
#else
#include <alloca.h>
#endif

#if defined(_MSC_VER)
#define PQSOCK_NOINLINE __declspec(noinline)
#else
#define PQSOCK_NOINLINE __attribute__((noinline))
#endif

namespace pqsock {

// One byte more than asked for: malloc(0) may return nullptr, which here means "no memory".
SecretBytes::SecretBytes(size_t size) : data_(static_cast<uint8_t*>(std::malloc(size + 1))), size_(size) {}

SecretBytes::~SecretBytes() {
  if (data_ != nullptr) OQS_MEM_cleanse(data_, size_);
  std::free(data_);
}

PQSOCK_NOINLINE void ClearStack(size_t size) { OQS_MEM_cleanse(alloca(size), size); }

}  // namespace pqsock
