// From the shared secret to the MACs and keys of a connection: PROTOCOL.md, chapters 6 and 7.
#ifndef PQSOCK_KEY_SCHEDULE_H_
#define PQSOCK_KEY_SCHEDULE_H_

#include "sha512.h"

namespace pqsock {

constexpr size_t kFrameHeaderBytes = 4;

// The secrets of a handshake in the order in which they stand in Kind::kSecrets; lib/crypto/handshake.ts has the same.
constexpr size_t kKeyAndIvBytes = 44;
struct Secrets {
  uint8_t server_mac[kHashBytes];
  uint8_t client_mac[kHashBytes];
  uint8_t client[kHashBytes];  // c_0
  uint8_t client_key_and_iv[kKeyAndIvBytes];
  uint8_t server[kHashBytes];  // s_0
  uint8_t server_key_and_iv[kKeyAndIvBytes];
  uint8_t master[kHashBytes];
};
constexpr size_t kSecretsBytes = sizeof(Secrets);
static_assert(kSecretsBytes == 5 * kHashBytes + 2 * kKeyAndIvBytes, "there is nothing between the members");

// Makes all of them. `up_to_server_kem` is TH_SK; the transcript ends with ServerAuth, and is taken on from there.
void DeriveSecrets(const uint8_t* shared_secret, size_t shared_secret_size, const uint8_t* up_to_server_kem,
                   Sha512 transcript, Secrets* secrets);

// Writes the header of a handshake's frame.
void WriteFrameHeader(uint8_t* header, uint8_t type, size_t length);

enum FrameType : uint8_t {
  kClientKem = 3,
  kClientAuth = 4,
  kServerKem = 5,
  kServerAuth = 6,
  kServerFinished = 7,
  kClientFinished = 8,
};

}  // namespace pqsock

#endif  // PQSOCK_KEY_SCHEDULE_H_
