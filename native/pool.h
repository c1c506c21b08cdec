// The threads that do the asynchronous work: one pool a process, shared by all its Node environments. It knows
// nothing of JavaScript, and is never destroyed, so that a process may exit while its threads work.
#ifndef PQSOCK_POOL_H_
#define PQSOCK_POOL_H_

#include <cstddef>
#include <cstdint>

namespace pqsock {

class Task {
 public:
  virtual ~Task() = default;
  // On a thread of the pool. The task decides itself what becomes of it; the pool never touches it again.
  virtual void Run() = 0;
  Task* next = nullptr;  // the pool's, while the task waits
};

// Work that costs less together with other work of its kind.
class JointTask : public Task {
 public:
  virtual bool GoesWith(const JointTask& other) const = 0;
  // When it is run: those that are to be done together with it, in a list.
  JointTask* together = nullptr;
  uint64_t since = 0;  // the pool's, while it waits
};

constexpr size_t kMostTogether = 64;
// Tasks that are begun before what was put off is done, at the latest.
constexpr uint64_t kMostPatience = 32;

// How many threads work, and how many tasks may wait for them. Threads that have been started stay.
void ConfigurePool(size_t threads, size_t waiting);

enum class Submitted { kYes, kFull, kNoThread };

// First come, first served. The task is the pool's only if the answer is kYes.
Submitted SubmitTask(Task* task);

// Puts the rest of a task off until nothing else waits, or kMostPatience is used up. On a thread of the pool, as the
// last that a task does: the thread goes on with other tasks, and then does it, if no other thread has.
void PutOff(JointTask* task);

}  // namespace pqsock

#endif  // PQSOCK_POOL_H_
