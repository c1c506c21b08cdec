#include "jobs.h"

#include <cstring>
#include <memory>
#include <mutex>
#include <new>

#include "args.h"
#include "pool.h"
#include "secret_bytes.h"

namespace pqsock {
namespace {

constexpr size_t kMaxCalls = 4;

class Job;

// Where finished jobs of one environment wait for its event loop. Jobs outlive the environment: they share this.
struct Mailbox {
  std::mutex mutex;
  bool open = true;         // false once the environment is going away
  Job* finished = nullptr;  // newest first
  napi_threadsafe_function wake = nullptr;
  size_t pending = 0;  // the event loop's only: jobs whose `done` has not been called
};

class Job : public Task {
 public:
  Job(std::shared_ptr<Mailbox> mailbox, const Call* calls, size_t count)
      : mailbox_(std::move(mailbox)), count_(count), memory_(Size(calls, count)) {
    if (memory_.data() != nullptr) CopyCalls(calls);
  }

  bool has_memory() { return memory_.data() != nullptr; }
  void Run() override;
  void Finish(napi_env env);

  napi_ref request = nullptr;  // belongs to the environment and is freed with it
  Job* next_finished = nullptr;

 private:
  static size_t Size(const Call* calls, size_t count);
  void CopyCalls(const Call* calls);
  bool CopyOutputs(napi_env env, napi_value values);

  const std::shared_ptr<Mailbox> mailbox_;
  Call calls_[kMaxCalls];  // the arguments point into memory_
  const size_t count_;
  SecretBytes memory_;
  Status status_;
};

size_t Job::Size(const Call* calls, size_t count) {
  size_t size = 0;
  for (size_t c = 0; c < count; ++c) {
    for (size_t i = 0; i < calls[c].operation->arguments; ++i) size += calls[c].arguments[i].size;
  }
  return size;
}

// Where in the job's memory the result of an earlier call is that `original` will hold; nullptr if it is none.
uint8_t* EarlierOutput(const Call* calls, const Call* copies, size_t earlier, const Bytes& original) {
  for (size_t c = 0; c < earlier; ++c) {
    for (size_t i = 0; i < calls[c].operation->outputs; ++i) {
      const Bytes& output = calls[c].arguments[i];
      if (original.size == output.size && original.data == output.data) return copies[c].arguments[i].data;
    }
  }
  return nullptr;
}

void Job::CopyCalls(const Call* calls) {
  uint8_t* free = memory_.data();
  for (size_t c = 0; c < count_; ++c) {
    calls_[c] = calls[c];
    for (size_t i = 0; i < calls[c].operation->arguments; ++i) {
      const Bytes& original = calls[c].arguments[i];
      const bool is_output = i < calls[c].operation->outputs;
      uint8_t* earlier = is_output ? nullptr : EarlierOutput(calls, calls_, c, original);
      calls_[c].arguments[i].data = earlier != nullptr ? earlier : free;
      if (!is_output && earlier == nullptr) std::memcpy(free, original.data, original.size);
      free += original.size;
    }
  }
}

// On the pool. After the mailbox is closed nobody waits for the result, and the environment must not be touched.
void Job::Run() {
  const std::shared_ptr<Mailbox> mailbox = mailbox_;
  {
    std::lock_guard<std::mutex> lock(mailbox->mutex);
    if (!mailbox->open) return delete this;
  }
  for (size_t c = 0; c < count_ && status_.ok(); ++c) {
    status_ = Perform(*calls_[c].operation, *calls_[c].algorithm, calls_[c].arguments);
    status_.call = c;
  }
  std::lock_guard<std::mutex> lock(mailbox->mutex);
  if (!mailbox->open) return delete this;
  const bool first = mailbox->finished == nullptr;
  next_finished = mailbox->finished;
  mailbox->finished = this;
  if (first) napi_call_threadsafe_function(mailbox->wake, nullptr, napi_tsfn_nonblocking);
}

// The caller's buffers are looked at again: JavaScript has run since, and may have detached them.
bool Job::CopyOutputs(napi_env env, napi_value values) {
  uint32_t at = 1;  // after `done`
  for (size_t c = 0; c < count_; ++c) {
    at += 2;  // operation, algorithm
    for (size_t i = 0; i < calls_[c].operation->arguments; ++i, ++at) {
      if (i >= calls_[c].operation->outputs) continue;
      napi_value value;
      Bytes target;
      if (napi_get_element(env, values, at, &value) != napi_ok) return false;
      if (ReadBytes(env, value, &target) != Code::kOk || target.size != calls_[c].arguments[i].size) return false;
      std::memcpy(target.data, calls_[c].arguments[i].data, target.size);
    }
  }
  return true;
}

// On the event loop.
void Job::Finish(napi_env env) {
  napi_value values, done, receiver, status;
  if (napi_get_reference_value(env, request, &values) == napi_ok && napi_get_element(env, values, 0, &done) == napi_ok) {
    if (status_.ok() && !CopyOutputs(env, values)) status_.code = Code::kDetached;
    napi_create_int32(env, status_.Pack(), &status);
    napi_get_undefined(env, &receiver);
    napi_call_function(env, receiver, done, 1, &status, nullptr);
    bool threw = false;
    napi_is_exception_pending(env, &threw);
    napi_value error;
    if (threw && napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
  }
  napi_delete_reference(env, request);
}

// What an environment keeps: its mailbox, and the loop's hold on it while jobs are under way.
struct Environment {
  std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
};

Job* TakeFinished(Mailbox& mailbox) {
  std::lock_guard<std::mutex> lock(mailbox.mutex);
  Job* newest = mailbox.finished;
  mailbox.finished = nullptr;
  Job* oldest = nullptr;
  while (newest != nullptr) {
    Job* job = newest;
    newest = job->next_finished;
    job->next_finished = oldest;
    oldest = job;
  }
  return oldest;
}

// Called by Node on the event loop after a wake-up; env is nullptr when the environment is being torn down.
void Deliver(napi_env env, napi_value, void* context, void*) {
  Mailbox& mailbox = *static_cast<Mailbox*>(context);
  if (env == nullptr) return;
  for (Job* job = TakeFinished(mailbox); job != nullptr;) {
    const std::unique_ptr<Job> owned(job);
    job = job->next_finished;
    if (--mailbox.pending == 0) napi_unref_threadsafe_function(env, mailbox.wake);
    napi_handle_scope scope;
    napi_open_handle_scope(env, &scope);
    owned->Finish(env);
    napi_close_handle_scope(env, scope);
  }
}

// The environment goes away, possibly with jobs under way: what is finished is wiped now, the rest by the pool.
void CloseMailbox(void* data) {
  Mailbox& mailbox = *static_cast<Environment*>(data)->mailbox;
  {
    std::lock_guard<std::mutex> lock(mailbox.mutex);
    mailbox.open = false;
  }
  for (Job* job = TakeFinished(mailbox); job != nullptr;) {
    const std::unique_ptr<Job> owned(job);
    job = job->next_finished;
  }
}

Submitted Start(Napi::Env env, Job* job, Mailbox& mailbox, napi_value values) {
  napi_create_reference(env, values, 1, &job->request);
  if (mailbox.pending++ == 0) napi_ref_threadsafe_function(env, mailbox.wake);
  const Submitted submitted = SubmitTask(job);
  if (submitted == Submitted::kYes) return submitted;
  napi_delete_reference(env, job->request);
  if (--mailbox.pending == 0) napi_unref_threadsafe_function(env, mailbox.wake);
  delete job;
  return submitted;
}

// Reads the calls of a request; `count` is how many there are.
Status ReadCalls(Napi::Env env, Napi::Array request, Call* calls, size_t* count) {
  Status status;
  uint32_t at = 1;
  const uint32_t end = request.Length();
  for (*count = 0; at < end && *count < kMaxCalls && status.ok(); ++*count) {
    const Operation* operation = FindOperation(Napi::Value(request[at]).ToNumber().Uint32Value());
    const Algorithm* algorithm = ReadAlgorithm(env, Napi::Value(request[at + 1]));
    const auto argument = [&](size_t i) -> napi_value { return request.Get(at + 2 + static_cast<uint32_t>(i)); };
    status = ReadCall(env, operation, algorithm, argument, &calls[*count]);
    status.call = *count;
    if (operation != nullptr) at += 2 + static_cast<uint32_t>(operation->arguments);
  }
  return status;
}

}  // namespace

void InitJobs(Napi::Env env) {
  auto* environment = new Environment;
  env.SetInstanceData(environment);
  Mailbox& mailbox = *environment->mailbox;
  napi_value name;
  napi_create_string_utf8(env, "pqsock", NAPI_AUTO_LENGTH, &name);
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, &mailbox, Deliver,
                                  &mailbox.wake);
  napi_unref_threadsafe_function(env, mailbox.wake);
  // Hooks run in reverse order: this one before the one that ends the thread-safe function.
  napi_add_env_cleanup_hook(env, CloseMailbox, environment);
}

Status Submit(Napi::Env env, Napi::Array request) {
  const std::shared_ptr<Mailbox>& mailbox = env.GetInstanceData<Environment>()->mailbox;
  Call calls[kMaxCalls];
  size_t count = 0;
  Status status = ReadCalls(env, request, calls, &count);
  if (!status.ok()) return status;
  auto* job = new (std::nothrow) Job(mailbox, calls, count);
  if (job == nullptr || !job->has_memory()) {
    delete job;
    status.code = Code::kOutOfMemory;
    return status;
  }
  const Submitted submitted = Start(env, job, *mailbox, request);
  if (submitted == Submitted::kFull) status.code = Code::kQueueFull;
  if (submitted == Submitted::kNoThread) status.code = Code::kOutOfMemory;
  return status;
}

}  // namespace pqsock
