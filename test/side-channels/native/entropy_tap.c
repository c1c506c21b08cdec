// For the core dump check, loaded before the C library: what liboqs takes from the system's randomness is also written
// to file descriptor 4, a pipe, each time as a byte of length and the bytes. No copy stays in the process.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kPipe = 4, kMostBytes = 255 };

// Where Yama lets only a process's ancestors trace it (kernel.yama.ptrace_scope 1), gcore may: it is no ancestor.
__attribute__((constructor)) static void allow_dump(void) { prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0); }

// OpenSSL asks as well: its seeds are none of ours.
static int is_addon(void* caller) {
  Dl_info info;
  return dladdr(caller, &info) != 0 && strstr(info.dli_fname, "pqsock.node") != NULL;
}

__attribute__((visibility("default"))) int getentropy(void* buffer, size_t size) {
  if (syscall(SYS_getrandom, buffer, size, 0) != (long)size) return -1;
  if (!is_addon(__builtin_return_address(0))) return 0;
  unsigned char length = (unsigned char)size;
  const struct iovec parts[] = {{&length, 1}, {buffer, size}};
  // Each fits the pipe's atomic size, so that threads don't mix theirs.
  return size <= kMostBytes && writev(kPipe, parts, 2) == (ssize_t)size + 1 ? 0 : -1;
}
