#include "records.h"

#include <oqs/oqs.h>

#include <algorithm>
#include <cstring>

#include "key_schedule.h"
#include "process_gcm.h"

namespace pqsock {
namespace {

constexpr uint8_t kFrameType = 0x10;
constexpr size_t kOverhead = kFrameHeaderBytes + kGcmTag;

// iv XOR (0^4 || u64 sequence). It tells the iv, and is wiped.
class Nonces {
 public:
  Nonces(const uint8_t* iv, uint64_t sequence) : iv_(iv), sequence_(sequence) {}
  ~Nonces() { OQS_MEM_cleanse(nonce_, sizeof(nonce_)); }

  const uint8_t* Next() {
    std::memcpy(nonce_, iv_, kGcmNonce);
    for (size_t i = 0; i < 8; ++i) nonce_[kGcmNonce - 1 - i] ^= static_cast<uint8_t>(sequence_ >> (8 * i));
    ++sequence_;
    return nonce_;
  }

 private:
  const uint8_t* iv_;
  uint64_t sequence_;
  uint8_t nonce_[kGcmNonce];
};

size_t Padded(size_t content, size_t padding) {
  return std::min((content + padding) / padding * padding, kPlaintextMax);
}

// Of all records, with headers and tags.
uint64_t SealedBytes(uint64_t content, uint64_t record_size, size_t padding) {
  const uint64_t whole = content == 0 ? 0 : (content - 1) / record_size;
  const size_t last = static_cast<size_t>(content - whole * record_size);
  return whole * (Padded(static_cast<size_t>(record_size), padding) + kOverhead) + Padded(last, padding) + kOverhead;
}

// Where type and padding go they are written first, and encrypted in place.
bool SealOne(ProcessGcm* gcm, const uint8_t* nonce, uint8_t* record, const uint8_t* content, size_t size, size_t padded,
             uint8_t type) {
  uint8_t* const body = record + kFrameHeaderBytes;
  WriteFrameHeader(record, kFrameType, padded + kGcmTag);
  std::memset(body + size, 0, padded - size);
  body[size] = type;
  return gcm->Begin(nonce, record, kFrameHeaderBytes) && gcm->Update(body, content, size) &&
         gcm->Update(body + size, body + size, padded - size) && gcm->Seal(body + padded);
}

// Whether nothing that is written can come to stand where something is still to be read.
bool AreApart(const Bytes& written, const Bytes& read) {
  const auto from = reinterpret_cast<uintptr_t>(written.data), other = reinterpret_cast<uintptr_t>(read.data);
  return from + written.size <= other || other + read.size <= from;
}

// The bytes of plaintext in the record that stands here; 0 if there is no whole one.
size_t PlaintextAt(const uint8_t* record, size_t size) {
  if (size < kOverhead || record[0] != kFrameType) return 0;
  const size_t body = size_t{record[1]} << 16 | size_t{record[2]} << 8 | record[3];
  if (body <= kGcmTag || body > kPlaintextMax + kGcmTag || body > size - kFrameHeaderBytes) return 0;
  return body - kGcmTag;
}

bool OpenOne(ProcessGcm* gcm, const uint8_t* nonce, uint8_t* plaintext, const uint8_t* record, size_t padded) {
  const uint8_t* const sealed = record + kFrameHeaderBytes;
  if (gcm->Begin(nonce, record, kFrameHeaderBytes) && gcm->Update(plaintext, sealed, padded) &&
      gcm->Open(sealed + padded)) {
    return true;
  }
  OQS_MEM_cleanse(plaintext, padded);
  return false;
}

}  // namespace

Code SealRecords(const SealRequest& request) {
  const size_t total = request.content.size;
  if (request.record_size == 0 || request.record_size >= kPlaintextMax || request.padding == 0 ||
      request.padding > kPlaintextMax || request.key_and_iv.size != kGcmKey + kGcmNonce ||
      request.output.size != SealedBytes(total, request.record_size, request.padding)) {
    return Code::kWrongLength;
  }
  if (!AreApart(request.output, request.content) || !AreApart(request.output, request.key_and_iv)) {
    return Code::kOverlapping;
  }
  ProcessGcm gcm(ProcessGcm::Direction::kSeal, request.key_and_iv.data);
  Nonces nonces(request.key_and_iv.data + kGcmKey, request.sequence);
  uint8_t* record = request.output.data;
  size_t at = 0;
  do {
    const size_t size = std::min(request.record_size, total - at);
    const size_t padded = Padded(size, request.padding);
    if (!SealOne(&gcm, nonces.Next(), record, request.content.data + at, size, padded, request.type)) {
      return Code::kOperationFailed;
    }
    at += size;
    record += padded + kOverhead;
  } while (at < total);
  return Code::kOk;
}

Code OpenRecords(const OpenRequest& request, Opened* opened) {
  if (request.key_and_iv.size != kGcmKey + kGcmNonce) return Code::kWrongLength;
  const bool in_place = request.output.data == request.input.data;
  if ((!in_place && !AreApart(request.output, request.input)) || !AreApart(request.output, request.key_and_iv)) {
    return Code::kOverlapping;
  }
  ProcessGcm gcm(ProcessGcm::Direction::kOpen, request.key_and_iv.data);
  Nonces nonces(request.key_and_iv.data + kGcmKey, request.sequence);
  while (opened->records < request.most && opened->other == Opened::kNone) {
    uint8_t* const record = request.input.data + opened->consumed;
    const size_t padded = PlaintextAt(record, request.input.size - opened->consumed);
    if (padded == 0 || request.output.size - opened->produced < padded) break;
    uint8_t* const target = request.output.data + opened->produced;
    uint8_t* const plaintext = in_place ? record + kFrameHeaderBytes : target;
    if (!OpenOne(&gcm, nonces.Next(), plaintext, record, padded)) return Code::kNotVerified;
    size_t end = padded;  // of content and type
    while (end > 0 && plaintext[end - 1] == 0) --end;
    const size_t content = end == 0 ? 0 : end - 1;
    const uint8_t type = end == 0 ? 0 : plaintext[end - 1];
    if (in_place) std::memmove(target, plaintext, content);
    ++opened->records;
    opened->consumed += static_cast<uint32_t>(padded + kOverhead);
    if (type == request.type && content > 0) {
      opened->produced += static_cast<uint32_t>(content);
    } else {
      opened->other = type;
      opened->other_bytes = static_cast<uint32_t>(content);
    }
  }
  return Code::kOk;
}

}  // namespace pqsock
