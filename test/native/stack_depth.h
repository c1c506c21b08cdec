// Runs an operation inline and shows what it left on the stack.
#ifndef PQSOCK_TEST_STACK_DEPTH_H_
#define PQSOCK_TEST_STACK_DEPTH_H_

#include <napi.h>

namespace pqsock {

// (operation, algorithm, outputs…, inputs…) → a copy of the stack below the frame from which the operation was
// called, lowest address first, that was 0xa5 all over before; undefined if the operation was refused or failed.
// The first of them only runs the operation; the other clears the stack as what ships does.
Napi::Value StackAfterRun(const Napi::CallbackInfo& info);
Napi::Value StackAfterPerform(const Napi::CallbackInfo& info);

}  // namespace pqsock

#endif  // PQSOCK_TEST_STACK_DEPTH_H_
