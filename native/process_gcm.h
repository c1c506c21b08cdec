// AES-256-GCM of the libcrypto that runs in this process already: Node's. Nothing is linked and no header is needed; a
// process that has none, or another one, is told from the answers.
#ifndef PQSOCK_PROCESS_GCM_H_
#define PQSOCK_PROCESS_GCM_H_

#include <cstddef>
#include <cstdint>

namespace pqsock {

constexpr size_t kGcmKey = 32;
constexpr size_t kGcmNonce = 12;
constexpr size_t kGcmTag = 16;

// One direction of one key, for as many records as it lives. The key's schedule is wiped with it, by libcrypto.
class ProcessGcm {
 public:
  enum class Direction : int { kOpen = 0, kSeal = 1 };

  // Whether the process has what is needed. The first call looks for it.
  static bool IsThere();

  ProcessGcm(Direction direction, const uint8_t* key);
  ~ProcessGcm();
  ProcessGcm(const ProcessGcm&) = delete;
  ProcessGcm& operator=(const ProcessGcm&) = delete;

  // Each is false if libcrypto failed. A record is Begin, any number of Update, and the end of its direction.
  bool Begin(const uint8_t* nonce, const uint8_t* associated, size_t associated_size);
  bool Update(uint8_t* output, const uint8_t* input, size_t size);
  bool Seal(uint8_t* tag);
  bool Open(const uint8_t* tag);  // false if the tag is wrong, too

 private:
  Direction direction_;
  void* context_;
};

}  // namespace pqsock

#endif  // PQSOCK_PROCESS_GCM_H_
