#include "thread.h"

#if defined(_WIN32)

#include <process.h>
#include <windows.h>

namespace pqsock {

static unsigned __stdcall Enter(void* entry) {
  reinterpret_cast<void (*)()>(entry)();
  return 0;
}

bool StartThread(void (*entry)(), size_t stack_bytes) {
  const uintptr_t handle = _beginthreadex(nullptr, static_cast<unsigned>(stack_bytes), Enter,
                                          reinterpret_cast<void*>(entry), STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
  if (handle == 0) return false;
  CloseHandle(reinterpret_cast<HANDLE>(handle));
  return true;
}

void PinLibrary() {
  HMODULE self;
  GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                     reinterpret_cast<LPCSTR>(&PinLibrary), &self);
}

}  // namespace pqsock

#else

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

namespace pqsock {

static void* Enter(void* entry) {
  reinterpret_cast<void (*)()>(entry)();
  return nullptr;
}

bool StartThread(void (*entry)(), size_t stack_bytes) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited by the new thread
  pthread_t thread;
  const bool started = pthread_create(&thread, &attributes, Enter, reinterpret_cast<void*>(entry)) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  return started;
}

void PinLibrary() {
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&PinLibrary), &self) != 0) {
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
}

}  // namespace pqsock

#endif
