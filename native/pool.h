// The threads that do the asynchronous work: one pool a process, shared by all its Node environments. It knows
// nothing of JavaScript, and is never destroyed, so that a process may exit while its threads work.
#ifndef PQSOCK_POOL_H_
#define PQSOCK_POOL_H_

#include <cstddef>

namespace pqsock {

class Task {
 public:
  virtual ~Task() = default;
  // On a thread of the pool. The task decides itself what becomes of it; the pool never touches it again.
  virtual void Run() = 0;
  Task* next = nullptr;  // the pool's, while the task waits
};

// How many threads work, and how many tasks may wait for them. Threads that have been started stay.
void ConfigurePool(size_t threads, size_t waiting);

enum class Submitted { kYes, kFull, kNoThread };

// First come, first served. The task is the pool's only if the answer is kYes.
Submitted SubmitTask(Task* task);

}  // namespace pqsock

#endif  // PQSOCK_POOL_H_
