#include "pool.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "thread.h"

namespace pqsock {
namespace {

constexpr size_t kStackBytes = 1024 * 1024;  // five times what the deepest operation uses
constexpr size_t kDefaultWaiting = 16384;    // about 200 MiB of copied arguments at the most

size_t DefaultThreads() {
  const size_t cores = std::thread::hardware_concurrency();
  return cores == 0 ? 2 : cores;
}

struct Pool {
  std::mutex mutex;
  std::condition_variable work;
  Task* first = nullptr;
  Task* last = nullptr;
  size_t waiting = 0;
  JointTask* put_off = nullptr;  // the oldest first
  JointTask** put_off_end = &put_off;
  uint64_t begun = 0;
  size_t max_waiting = kDefaultWaiting;
  size_t threads = 0;
  size_t idle = 0;
  size_t max_threads = DefaultThreads();
};

// Never freed: threads of the pool may run until the very end of the process.
Pool& ThePool() {
  static Pool* pool = new Pool;
  return *pool;
}

bool IsTimeForPutOff(const Pool& pool) {
  return pool.put_off != nullptr && (pool.first == nullptr || pool.begun - pool.put_off->since >= kMostPatience);
}

// The oldest, and those that go with it.
JointTask* TakePutOff(Pool& pool) {
  JointTask* const oldest = pool.put_off;
  JointTask** taken_end = &oldest->together;
  JointTask** at = &pool.put_off;
  *at = oldest->together;
  for (size_t count = 1; *at != nullptr && count < kMostTogether;) {
    JointTask* task = *at;
    if (!task->GoesWith(*oldest)) {
      at = &task->together;
      continue;
    }
    *at = task->together;
    *taken_end = task;
    taken_end = &task->together;
    ++count;
  }
  while (*at != nullptr) at = &(*at)->together;
  pool.put_off_end = at;
  *taken_end = nullptr;
  return oldest;
}

Task* TakeTask(Pool& pool) {
  std::unique_lock<std::mutex> lock(pool.mutex);
  ++pool.idle;
  pool.work.wait(lock, [&pool] { return pool.first != nullptr || pool.put_off != nullptr; });
  --pool.idle;
  if (IsTimeForPutOff(pool)) return TakePutOff(pool);
  ++pool.begun;
  Task* task = pool.first;
  pool.first = task->next;
  if (pool.first == nullptr) pool.last = nullptr;
  --pool.waiting;
  return task;
}

void Work() {
  Pool& pool = ThePool();
  for (;;) TakeTask(pool)->Run();
}

}  // namespace

void ConfigurePool(size_t threads, size_t waiting) {
  Pool& pool = ThePool();
  std::lock_guard<std::mutex> lock(pool.mutex);
  pool.max_threads = threads == 0 ? 1 : threads;  // with none, what is submitted would wait forever
  pool.max_waiting = waiting;
}

Submitted SubmitTask(Task* task) {
  Pool& pool = ThePool();
  {
    std::lock_guard<std::mutex> lock(pool.mutex);
    if (pool.waiting >= pool.max_waiting) return Submitted::kFull;
    if (pool.idle <= pool.waiting && pool.threads < pool.max_threads) {
      if (pool.threads == 0) PinLibrary();
      if (StartThread(Work, kStackBytes)) ++pool.threads;
      if (pool.threads == 0) return Submitted::kNoThread;
    }
    task->next = nullptr;
    (pool.last == nullptr ? pool.first : pool.last->next) = task;
    pool.last = task;
    ++pool.waiting;
  }
  pool.work.notify_one();
  return Submitted::kYes;
}

void PutOff(JointTask* task) {
  Pool& pool = ThePool();
  std::lock_guard<std::mutex> lock(pool.mutex);
  task->since = pool.begun;
  task->together = nullptr;
  *pool.put_off_end = task;
  pool.put_off_end = &task->together;
}

}  // namespace pqsock
