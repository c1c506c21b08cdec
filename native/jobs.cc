#include "jobs.h"

#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <unordered_set>

#include "args.h"
#include "pool.h"
#include "secret_bytes.h"

namespace pqsock {
namespace {

constexpr size_t kMaxCalls = 4;
constexpr size_t kMaxElements = 1 + kMaxCalls * (2 + kMaxArguments);  // of the array of a request

class Job;

// Where finished jobs of one environment wait for its event loop. Jobs outlive the environment: they share this.
struct Mailbox {
  std::mutex mutex;
  bool open = true;         // false once the environment is going away
  Job* finished = nullptr;  // newest first
  napi_threadsafe_function wake = nullptr;
  // The event loop's only: the requests of all jobs whose `done` has not been called. Node does not free references
  // with their environment, and a job on the pool cannot.
  std::unordered_set<napi_ref> requests;
};

class Job : public JointTask {
 public:
  Job(std::shared_ptr<Mailbox> mailbox, const Call* calls, size_t count)
      : mailbox_(std::move(mailbox)), count_(count), memory_(Size(calls, count)) {
    if (memory_.data() != nullptr) CopyCalls(calls);
  }

  bool has_memory() { return memory_.data() != nullptr; }
  void Run() override;
  bool GoesWith(const JointTask& other) const override;
  void Finish(napi_env env);

  napi_ref request = nullptr;  // the mailbox's: only the event loop may look at it
  Job* next_finished = nullptr;

 private:
  static size_t Size(const Call* calls, size_t count);
  void CopyCalls(const Call* calls);
  bool IsWanted();
  Status PerformAll();
  void Post();
  static void RunTogether(Job* first);
  bool CopyOutputs(napi_env env, napi_value values);

  const std::shared_ptr<Mailbox> mailbox_;
  Call calls_[kMaxCalls];  // the arguments point into memory_
  const size_t count_;
  SecretBytes memory_;
  std::unique_ptr<Remainder> remainder_;  // of a call that is done in halves
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

// On the pool.
void Job::Run() {
  if (remainder_ != nullptr) return RunTogether(this);
  if (!IsWanted()) return delete this;
  if (count_ == 1 && calls_[0].operation->halves != nullptr) {
    remainder_.reset(Begin(*calls_[0].operation, *calls_[0].algorithm, calls_[0].arguments, &status_));
    if (remainder_ != nullptr) return PutOff(this);
  } else {
    status_ = PerformAll();
  }
  Post();
}

// Those that were put off with it are done with it, but for what nobody wants any more.
void Job::RunTogether(Job* first) {
  Job* jobs[kMostTogether];
  Remainder* remainders[kMostTogether];
  Status statuses[kMostTogether];
  size_t count = 0;
  for (JointTask* task = first; task != nullptr;) {
    Job* const job = static_cast<Job*>(task);
    task = task->together;
    if (job->IsWanted()) {
      remainders[count] = job->remainder_.get();
      jobs[count++] = job;
    } else {
      delete job;
    }
  }
  if (count == 0) return;
  const Call& call = jobs[0]->calls_[0];
  FinishTogether(*call.operation, *call.algorithm, remainders, count, statuses);
  for (size_t i = 0; i < count; ++i) {
    jobs[i]->status_ = statuses[i];
    jobs[i]->Post();
  }
}

bool Job::GoesWith(const JointTask& other) const {
  return calls_[0].operation->halves->go_together(*remainder_, *static_cast<const Job&>(other).remainder_);
}

// After the mailbox is closed nobody waits for the result, and the environment must not be touched.
bool Job::IsWanted() {
  std::lock_guard<std::mutex> lock(mailbox_->mutex);
  return mailbox_->open;
}

Status Job::PerformAll() {
  Status status;
  for (size_t c = 0; c < count_ && status.ok(); ++c) {
    status = Perform(*calls_[c].operation, *calls_[c].algorithm, calls_[c].arguments);
    status.call = c;
  }
  return status;
}

void Job::Post() {
  const std::shared_ptr<Mailbox> mailbox = mailbox_;
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

// What JavaScript threw is uncaught, as in any callback; left pending, it would keep all later jobs from their `done`.
void ReportException(napi_env env) {
  bool threw = false;
  napi_value error;
  if (napi_is_exception_pending(env, &threw) == napi_ok && threw &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok) {
    napi_fatal_exception(env, error);
  }
}

// On the event loop.
void Job::Finish(napi_env env) {
  napi_value values, done, receiver, status;
  if (napi_get_reference_value(env, request, &values) == napi_ok &&
      napi_get_element(env, values, 0, &done) == napi_ok) {
    if (status_.ok() && !CopyOutputs(env, values)) status_.code = Code::kDetached;
    ReportException(env);  // of an output that has become a getter
    napi_create_int32(env, status_.Pack(), &status);
    napi_get_undefined(env, &receiver);
    napi_call_function(env, receiver, done, 1, &status, nullptr);
  }
  ReportException(env);
  napi_delete_reference(env, request);
}

// What an environment keeps.
struct Environment {
  explicit Environment(napi_env its_env) : env(its_env) {}

  const napi_env env;
  const std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
};

// The loop is held while requests are under way.
void AddRequest(napi_env env, Mailbox& mailbox, napi_ref request) {
  if (mailbox.requests.empty()) napi_ref_threadsafe_function(env, mailbox.wake);
  mailbox.requests.insert(request);
}

void RemoveRequest(napi_env env, Mailbox& mailbox, napi_ref request) {
  mailbox.requests.erase(request);
  if (mailbox.requests.empty()) napi_unref_threadsafe_function(env, mailbox.wake);
}

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
    RemoveRequest(env, mailbox, owned->request);
    napi_handle_scope scope;
    napi_open_handle_scope(env, &scope);
    owned->Finish(env);
    napi_close_handle_scope(env, scope);
  }
}

// The environment goes away, possibly with jobs under way: what is finished is wiped now, the rest by the pool.
void CloseMailbox(void* data) {
  const Environment& environment = *static_cast<Environment*>(data);
  Mailbox& mailbox = *environment.mailbox;
  {
    std::lock_guard<std::mutex> lock(mailbox.mutex);
    mailbox.open = false;
  }
  for (Job* job = TakeFinished(mailbox); job != nullptr;) {
    const std::unique_ptr<Job> owned(job);
    job = job->next_finished;
  }
  for (const napi_ref request : mailbox.requests) napi_delete_reference(environment.env, request);
  mailbox.requests.clear();
}

Submitted Start(Napi::Env env, Job* job, Mailbox& mailbox, napi_value values) {
  napi_create_reference(env, values, 1, &job->request);
  AddRequest(env, mailbox, job->request);
  const Submitted submitted = SubmitTask(job);
  if (submitted == Submitted::kYes) return submitted;
  RemoveRequest(env, mailbox, job->request);
  napi_delete_reference(env, job->request);
  delete job;
  return submitted;
}

// What stands in the array of a request.
struct Elements {
  napi_value at[kMaxElements] = {};  // nullptr after the last: no value of any type
  uint32_t count = 0;
};

// All elements are taken out before anything is made of them: an element may be a getter, which could detach the
// buffer of another. What one throws is left pending.
bool TakeElements(napi_env env, napi_value request, Elements* elements) {
  if (napi_get_array_length(env, request, &elements->count) != napi_ok || elements->count > kMaxElements) return false;
  for (uint32_t i = 0; i < elements->count; ++i) {
    if (napi_get_element(env, request, i, &elements->at[i]) != napi_ok) return false;
  }
  napi_valuetype done;
  return elements->count > 1 && napi_typeof(env, elements->at[0], &done) == napi_ok && done == napi_function;
}

// Reads the calls of a request; `count` is how many there are.
Status ReadCalls(napi_env env, napi_value request, Call* calls, size_t* count) {
  Status status;
  Elements elements;
  if (!TakeElements(env, request, &elements)) {
    status.code = Code::kWrongType;
    return status;
  }
  size_t at = 1;
  for (*count = 0; at < elements.count && *count < kMaxCalls && status.ok(); ++*count) {
    const Operation* operation = ReadOperation(env, elements.at[at]);
    const Algorithm* algorithm = at + 1 < elements.count ? ReadAlgorithm(env, elements.at[at + 1]) : nullptr;
    const auto argument = [&](size_t i) { return at + 2 + i < elements.count ? elements.at[at + 2 + i] : nullptr; };
    status = ReadCall(env, operation, algorithm, argument, &calls[*count]);
    status.call = *count;
    if (operation != nullptr) at += 2 + operation->arguments;
  }
  if (status.ok() && at < elements.count) status.code = Code::kWrongType;  // more calls than there may be
  return status;
}

}  // namespace

void InitJobs(Napi::Env env) {
  auto* environment = new Environment(env);
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
