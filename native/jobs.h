// Asynchronous requests: calls that run one after the other on the pool, off the event loop, on copies of their
// inputs, so that nothing that JavaScript does meanwhile can change their result.
#ifndef PQSOCK_JOBS_H_
#define PQSOCK_JOBS_H_

#include <napi.h>

#include "status.h"

namespace pqsock {

// Prepares this environment (the main thread or a worker) for Submit. Once, before it.
void InitJobs(Napi::Env env);

// `request` is the array [done, operation, algorithm, arguments…, operation, algorithm, arguments…]. All calls are
// read and checked here; if the status isn't ok, or an element was a getter that threw, nothing was started. Otherwise
// the outputs are written and done(status) is called later. The calls run in order and stop at the first that isn't ok;
// an input that is the output of an earlier call of the same request is that call's result. JavaScript must leave the
// array alone.
Status Submit(Napi::Env env, Napi::Array request);

}  // namespace pqsock

#endif  // PQSOCK_JOBS_H_
