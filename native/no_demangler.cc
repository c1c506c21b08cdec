// The C++ runtime would bring 110 kB that take symbols apart, to print the type of an exception that nobody catches
// before it ends the process. Nothing here throws any; the runtime prints the symbol as it is.
#if !defined(_MSC_VER)

#include <cstddef>

extern "C" char* __cxa_demangle(const char*, char*, size_t*, int* status) {
  if (status != nullptr) *status = -2;  // not a name that can be taken apart
  return nullptr;
}

#endif
