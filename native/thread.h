// Starts a thread with a stack of a stated size. std::thread can't: musl gives it 128 KiB, less than a signature needs.
#ifndef PQSOCK_THREAD_H_
#define PQSOCK_THREAD_H_

#include <cstddef>

namespace pqsock {

// Runs `entry` on a new, detached thread; false if there is none to be had. Signals are left to the other threads.
bool StartThread(void (*entry)(), size_t stack_bytes);

// Keeps this library in memory until the process ends, so that its threads survive the end of the Node worker that
// loaded it. Without this, Node unloads an addon with the last environment that uses it.
void PinLibrary();

}  // namespace pqsock

#endif  // PQSOCK_THREAD_H_
