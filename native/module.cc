// The entry point of the addon that ships. The tests build another, with more functions: test/native/.
#include "addon.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return pqsock::RegisterAddon(env, exports); }

NODE_API_MODULE(pqsock, Init)
