// Looks at the memory that the addon gives back to the heap.
#ifndef PQSOCK_TEST_FREED_MEMORY_H_
#define PQSOCK_TEST_FREED_MEMORY_H_

#include <napi.h>

namespace pqsock {

// (bytes: 16 or more) → from now on every block that the addon or liboqs frees is searched for the first 16 of these.
void WatchFreedMemory(const Napi::CallbackInfo& info);

// () → in how many of the blocks that were freed since then the bytes stood, and how many blocks there were
Napi::Value FreedMemory(const Napi::CallbackInfo& info);

}  // namespace pqsock

#endif  // PQSOCK_TEST_FREED_MEMORY_H_
