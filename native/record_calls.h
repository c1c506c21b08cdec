// The records' part of what JavaScript sees.
#ifndef PQSOCK_RECORD_CALLS_H_
#define PQSOCK_RECORD_CALLS_H_

#include <napi.h>

namespace pqsock {

// Puts `sealRecords` and `openRecords` on the object, unless the process has no AES-GCM for them.
void RegisterRecordCalls(Napi::Env env, Napi::Object exports);

}  // namespace pqsock

#endif  // PQSOCK_RECORD_CALLS_H_
