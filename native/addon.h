// Puts the addon's functions on an object.
#ifndef PQSOCK_ADDON_H_
#define PQSOCK_ADDON_H_

#include <napi.h>

namespace pqsock {

Napi::Object RegisterAddon(Napi::Env env, Napi::Object exports);

}  // namespace pqsock

#endif  // PQSOCK_ADDON_H_
