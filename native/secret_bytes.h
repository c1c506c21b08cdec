// Memory for secrets: wiped before it is given back.
#ifndef PQSOCK_SECRET_BYTES_H_
#define PQSOCK_SECRET_BYTES_H_

#include <cstddef>
#include <cstdint>

namespace pqsock {

// A block on the heap that is wiped when it goes out of scope. data() is nullptr if there was no memory.
class SecretBytes {
 public:
  explicit SecretBytes(size_t size);
  ~SecretBytes();
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  uint8_t* data() { return data_; }

 private:
  uint8_t* data_;
  size_t size_;
};

// Overwrites the part of this thread's stack below the caller's frame, where a function that has just returned kept
// its variables. It must be called from the frame that called that function.
void ClearStack(size_t size);

}  // namespace pqsock

#endif  // PQSOCK_SECRET_BYTES_H_
