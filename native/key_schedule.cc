#include "key_schedule.h"

#include <oqs/oqs.h>

#include <cstring>

namespace pqsock {
namespace {

constexpr char kLabelStart[] = "pqsock1 ";
constexpr size_t kLabelMax = 10;

// EL(key, label, context, size), with the key as an HMAC has it; `size` is kHashBytes at the most.
void ExpandLabel(const Hmac& key, const char* label, const uint8_t* context, size_t context_size, uint8_t* out,
                 size_t size) {
  constexpr size_t kStartBytes = sizeof(kLabelStart) - 1;
  const size_t label_size = std::strlen(label);
  uint8_t info[2 + 1 + kStartBytes + kLabelMax + 1 + kHashBytes + 1];
  uint8_t* at = info;
  *at++ = 0;
  *at++ = static_cast<uint8_t>(size);
  *at++ = static_cast<uint8_t>(kStartBytes + label_size);
  std::memcpy(at, kLabelStart, kStartBytes);
  std::memcpy(at + kStartBytes, label, label_size);
  at += kStartBytes + label_size;
  *at++ = static_cast<uint8_t>(context_size);
  if (context_size > 0) std::memcpy(at, context, context_size);
  at += context_size;
  *at++ = 1;
  uint8_t digest[kHashBytes];
  key.Digest(info, static_cast<size_t>(at - info), digest);
  std::memcpy(out, digest, size);
  OQS_MEM_cleanse(digest, sizeof(digest));
}

// HMAC under d, which stands in the place of a ticket's secret: a constant that is no secret. Never freed: threads of
// the pool may run until the very end of the process.
const Hmac* DerivedFromNothing() {
  const uint8_t zeros[kHashBytes] = {};
  uint8_t early[kHashBytes], derived[kHashBytes];
  Hmac(zeros, sizeof(zeros)).Digest(zeros, sizeof(zeros), early);
  ExpandLabel(Hmac(early, sizeof(early)), "derived", nullptr, 0, derived, sizeof(derived));
  return new Hmac(derived, sizeof(derived));
}

// The MAC of a side, of the transcript so far; then its Finished is part of the transcript.
void Finish(const Hmac& handshake, const char* label, const uint8_t* up_to_server_kem, FrameType type,
            Sha512* transcript, uint8_t* mac) {
  uint8_t key[kHashBytes], hash[kHashBytes], header[kFrameHeaderBytes];
  ExpandLabel(handshake, label, up_to_server_kem, kHashBytes, key, sizeof(key));
  transcript->Digest(hash);
  Hmac(key, sizeof(key)).Digest(hash, sizeof(hash), mac);
  OQS_MEM_cleanse(key, sizeof(key));
  WriteFrameHeader(header, type, kHashBytes);
  transcript->Add(header, sizeof(header));
  transcript->Add(mac, kHashBytes);
}

}  // namespace

void WriteFrameHeader(uint8_t* header, uint8_t type, size_t length) {
  header[0] = type;
  header[1] = static_cast<uint8_t>(length >> 16);
  header[2] = static_cast<uint8_t>(length >> 8);
  header[3] = static_cast<uint8_t>(length);
}

void DeriveSecrets(const uint8_t* shared_secret, size_t shared_secret_size, const uint8_t* up_to_server_kem,
                   Sha512 transcript, Secrets* secrets) {
  static const Hmac* const derived = DerivedFromNothing();
  uint8_t extracted[kHashBytes], hash[kHashBytes];
  derived->Digest(shared_secret, shared_secret_size, extracted);
  const Hmac handshake(extracted, sizeof(extracted));
  OQS_MEM_cleanse(extracted, sizeof(extracted));
  Finish(handshake, "s finished", up_to_server_kem, kServerFinished, &transcript, secrets->server_mac);
  Finish(handshake, "c finished", up_to_server_kem, kClientFinished, &transcript, secrets->client_mac);
  transcript.Digest(hash);
  ExpandLabel(handshake, "c ap", hash, sizeof(hash), secrets->client, kHashBytes);
  ExpandLabel(handshake, "s ap", hash, sizeof(hash), secrets->server, kHashBytes);
  ExpandLabel(handshake, "master", hash, sizeof(hash), secrets->master, kHashBytes);
  const Hmac client(secrets->client, kHashBytes), server(secrets->server, kHashBytes);
  ExpandLabel(client, "key iv", nullptr, 0, secrets->client_key_and_iv, kKeyAndIvBytes);
  ExpandLabel(server, "key iv", nullptr, 0, secrets->server_key_and_iv, kKeyAndIvBytes);
}

}  // namespace pqsock
