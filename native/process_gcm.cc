#include "process_gcm.h"

#if defined(_WIN32)
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace pqsock {
namespace {

// OpenSSL's interface, which BoringSSL has as well, declared by hand: these have been the same since OpenSSL 1.1.
struct Libcrypto {
  void* (*context_new)();
  void (*context_free)(void*);
  int (*context_ctrl)(void*, int, int, void*);
  const void* (*aes_256_gcm)();
  int (*init)(void*, const void*, void*, const uint8_t*, const uint8_t*, int);
  int (*update)(void*, uint8_t*, int*, const uint8_t*, int);
  int (*final)(void*, uint8_t*, int*);
  void (*clear_error)();
  const void* cipher;
};
constexpr int kCtrlGetTag = 0x10;
constexpr int kCtrlSetTag = 0x11;

#if defined(_WIN32)
void* Find(const char* name) { return reinterpret_cast<void*>(GetProcAddress(GetModuleHandleA(nullptr), name)); }
#else
void* Find(const char* name) { return dlsym(RTLD_DEFAULT, name); }
#endif

template <typename Function>
bool Get(const char* name, Function* function) {
  *function = reinterpret_cast<Function>(Find(name));
  return *function != nullptr;
}

bool FindAll(Libcrypto* found) {
  return Get("EVP_CIPHER_CTX_new", &found->context_new) && Get("EVP_CIPHER_CTX_free", &found->context_free) &&
         Get("EVP_CIPHER_CTX_ctrl", &found->context_ctrl) && Get("EVP_aes_256_gcm", &found->aes_256_gcm) &&
         Get("EVP_CipherInit_ex", &found->init) && Get("EVP_CipherUpdate", &found->update) &&
         Get("EVP_CipherFinal_ex", &found->final) && Get("ERR_clear_error", &found->clear_error);
}

// OpenSSL 3 looks for an implementation of aes_256_gcm() at every use, unless it was fetched.
const void* FetchCipher(const Libcrypto& found) {
  const void* (*fetch)(void*, const char*, const char*) = nullptr;
  const void* const fetched = Get("EVP_CIPHER_fetch", &fetch) ? fetch(nullptr, "AES-256-GCM", nullptr) : nullptr;
  return fetched != nullptr ? fetched : found.aes_256_gcm();
}

// nullptr if the process has none.
const Libcrypto* libcrypto() {
  static Libcrypto found;
  static const bool complete = FindAll(&found) && (found.cipher = FetchCipher(found)) != nullptr;
  return complete ? &found : nullptr;
}

}  // namespace

bool ProcessGcm::IsThere() { return libcrypto() != nullptr; }

ProcessGcm::ProcessGcm(Direction direction, const uint8_t* key)
    : direction_(direction), context_(libcrypto()->context_new()) {
  if (context_ == nullptr) return;
  if (libcrypto()->init(context_, libcrypto()->cipher, nullptr, key, nullptr, static_cast<int>(direction)) == 1) return;
  libcrypto()->context_free(context_);
  context_ = nullptr;
}

ProcessGcm::~ProcessGcm() { libcrypto()->context_free(context_); }

bool ProcessGcm::Begin(const uint8_t* nonce, const uint8_t* associated, size_t associated_size) {
  int length = 0;
  return context_ != nullptr &&
         libcrypto()->init(context_, nullptr, nullptr, nullptr, nonce, static_cast<int>(direction_)) == 1 &&
         libcrypto()->update(context_, nullptr, &length, associated, static_cast<int>(associated_size)) == 1;
}

bool ProcessGcm::Update(uint8_t* output, const uint8_t* input, size_t size) {
  int length = 0;
  return size == 0 || (libcrypto()->update(context_, output, &length, input, static_cast<int>(size)) == 1 &&
                       static_cast<size_t>(length) == size);
}

bool ProcessGcm::Seal(uint8_t* tag) {
  int length = 0;
  return libcrypto()->final(context_, nullptr, &length) == 1 &&
         libcrypto()->context_ctrl(context_, kCtrlGetTag, kGcmTag, tag) == 1;
}

bool ProcessGcm::Open(const uint8_t* tag) {
  int length = 0;
  // OpenSSL only reads the tag here.
  if (libcrypto()->context_ctrl(context_, kCtrlSetTag, kGcmTag, const_cast<uint8_t*>(tag)) == 1 &&
      libcrypto()->final(context_, nullptr, &length) == 1) {
    return true;
  }
  libcrypto()->clear_error();  // else the next who asks libcrypto for an error on this thread would find ours
  return false;
}

}  // namespace pqsock
