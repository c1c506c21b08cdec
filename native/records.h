// Many records of the hardened profile at a time. PROTOCOL.md, "Records".
#ifndef PQSOCK_RECORDS_H_
#define PQSOCK_RECORDS_H_

#include <cstddef>
#include <cstdint>

#include "operations.h"

namespace pqsock {

constexpr size_t kPlaintextMax = 65537;

// What is to be sealed, and how. `key_and_iv` has 44 bytes.
struct SealRequest {
  Bytes output;
  Bytes key_and_iv;
  Bytes content;
  uint64_t sequence;
  uint8_t type;
  size_t record_size;
  size_t padding;
};

// Seals the content in records of so many bytes of it, a record of no content if there is none. The output must have
// exactly the bytes that come of it, and share none with the content.
Code SealRecords(const SealRequest& request);

struct OpenRequest {
  Bytes output;
  Bytes key_and_iv;
  Bytes input;
  uint64_t sequence;
  uint8_t type;
  uint32_t most;  // records
};

struct Opened {
  uint32_t records = 0;
  uint32_t consumed = 0;     // bytes of the input
  uint32_t produced = 0;     // bytes of the output: content of records of the type
  uint32_t other = kNone;    // the type of another record that came last; 0 if it was nothing but padding
  uint32_t other_bytes = 0;  // its content, behind the bytes that were produced

  static constexpr uint32_t kNone = 256;
};

// Opens records one after the other and lays their content together: as long as they are whole, authentic, have room,
// and are of the type, and not empty. A record that is something else, but authentic, is the last one. One that is not
// authentic gives kNotVerified, and nothing of it is in the output. The output may begin where the input does; else the
// two must not overlap. What stands in the output behind what was produced is undefined.
Code OpenRecords(const OpenRequest& request, Opened* opened);

}  // namespace pqsock

#endif  // PQSOCK_RECORDS_H_
