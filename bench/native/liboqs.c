// liboqs itself, for the benchmark: the functions that the addon calls, in the same static library, without Node.
// A line protocol on stdin and stdout, so that it takes turns with the others:
//
//   version                                → 0.13.0
//   use ALGORITHM PUBLICKEY SECRETKEY DATA → ok, and its operations work on these (hex); DATA is a ciphertext, or
//                                            32 bytes and the signature over them
//   time OPERATION ALGORITHM CALLS         → nanoseconds of all calls
//   time clear BYTES CALLS                 → nanoseconds of as many times clearing BYTES of the stack
#include <alloca.h>
#include <oqs/oqs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { kMessage = 32, kLine = 1 << 16, kMaxBytes = 8192 };

struct algorithm {
  const char* name;
  size_t public_key_size, secret_key_size, data_size;
  uint8_t public_key[kMaxBytes], secret_key[kMaxBytes], data[kMaxBytes];
  OQS_STATUS (*keypair)(uint8_t*, uint8_t*);
  OQS_STATUS (*encapsulate)(uint8_t*, uint8_t*, const uint8_t*);
  OQS_STATUS (*decapsulate)(uint8_t*, const uint8_t*, const uint8_t*);
  OQS_STATUS (*sign)(uint8_t*, size_t*, const uint8_t*, size_t, const uint8_t*);
  OQS_STATUS (*verify)(const uint8_t*, size_t, const uint8_t*, size_t, const uint8_t*);
};

static OQS_STATUS sign_ml_dsa_87(uint8_t* signature, size_t* length, const uint8_t* message, size_t message_length,
                                 const uint8_t* secret_key) {
  return OQS_SIG_ml_dsa_87_sign_with_ctx_str(signature, length, message, message_length, NULL, 0, secret_key);
}

static OQS_STATUS verify_ml_dsa_87(const uint8_t* message, size_t message_length, const uint8_t* signature,
                                   size_t length, const uint8_t* public_key) {
  return OQS_SIG_ml_dsa_87_verify_with_ctx_str(message, message_length, signature, length, NULL, 0, public_key);
}

#define KEM(label, id)                                  \
  {.name = label,                                       \
   .public_key_size = OQS_KEM_##id##_length_public_key, \
   .secret_key_size = OQS_KEM_##id##_length_secret_key, \
   .data_size = OQS_KEM_##id##_length_ciphertext,       \
   .keypair = OQS_KEM_##id##_keypair,                   \
   .encapsulate = OQS_KEM_##id##_encaps,                \
   .decapsulate = OQS_KEM_##id##_decaps}
#define SIG(label, id, sign_function, verify_function)      \
  {.name = label,                                           \
   .public_key_size = OQS_SIG_##id##_length_public_key,     \
   .secret_key_size = OQS_SIG_##id##_length_secret_key,     \
   .data_size = kMessage + OQS_SIG_##id##_length_signature, \
   .keypair = OQS_SIG_##id##_keypair,                       \
   .sign = sign_function,                                   \
   .verify = verify_function}

static struct algorithm algorithms[] = {
    KEM("Kyber1024", kyber_1024),
    KEM("ML-KEM-1024", ml_kem_1024),
    SIG("Dilithium5", dilithium_5, OQS_SIG_dilithium_5_sign, OQS_SIG_dilithium_5_verify),
    SIG("ML-DSA-87", ml_dsa_87, sign_ml_dsa_87, verify_ml_dsa_87),
};

static void fail(const char* what) {
  fprintf(stderr, "bench-liboqs: %s\n", what);
  exit(1);
}

static struct algorithm* find(const char* name) {
  for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; ++i) {
    if (strcmp(name, algorithms[i].name) == 0) return &algorithms[i];
  }
  fail("no such algorithm");
  return NULL;
}

// Each call of an operation; the results go to the same place every time.
static OQS_STATUS run(const struct algorithm* a, const char* operation) {
  static uint8_t public_key[kMaxBytes], secret_key[kMaxBytes], output[kMaxBytes], shared_secret[32];
  static uint8_t message[kMessage];
  static uint64_t messages;
  if (strcmp(operation, "keypair") == 0) return a->keypair(public_key, secret_key);
  if (strcmp(operation, "encapsulate") == 0) return a->encapsulate(output, shared_secret, a->public_key);
  if (strcmp(operation, "decapsulate") == 0) return a->decapsulate(shared_secret, a->data, a->secret_key);
  if (strcmp(operation, "sign") == 0) {
    size_t length = kMaxBytes;
    ++messages;
    memcpy(message, &messages, sizeof messages);
    return a->sign(output, &length, message, kMessage, a->secret_key);
  }
  if (strcmp(operation, "verify") == 0) {
    return a->verify(a->data, kMessage, a->data + kMessage, a->data_size - kMessage, a->public_key);
  }
  fail("no such operation");
  return OQS_ERROR;
}

// As the addon's ClearStack.
static __attribute__((noinline)) void clear_stack(size_t size) { OQS_MEM_cleanse(alloca(size), size); }

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long time_operation(const char* operation, const char* subject, long calls) {
  if (strcmp(operation, "clear") == 0) {
    const size_t size = strtoul(subject, NULL, 10);
    const long long start = now();
    for (long i = 0; i < calls; ++i) clear_stack(size);
    return now() - start;
  }
  const struct algorithm* a = find(subject);
  const long long start = now();
  for (long i = 0; i < calls; ++i) {
    if (run(a, operation) != OQS_SUCCESS) fail("an operation failed");
  }
  return now() - start;
}

static void read_hex(const char* hex, uint8_t* bytes, size_t size) {
  if (hex == NULL || strlen(hex) != 2 * size) fail("bytes of the wrong length");
  for (size_t i = 0; i < size; ++i) {
    unsigned byte;
    if (sscanf(hex + 2 * i, "%2x", &byte) != 1) fail("bytes that are not hex");
    bytes[i] = (uint8_t)byte;
  }
}

static void answer(char* line) {
  const char* command = strtok(line, " \n");
  if (command != NULL && strcmp(command, "version") == 0) {
    puts(OQS_VERSION_TEXT);
  } else if (command != NULL && strcmp(command, "use") == 0) {
    const char* name = strtok(NULL, " \n");
    struct algorithm* a = find(name == NULL ? "" : name);
    read_hex(strtok(NULL, " \n"), a->public_key, a->public_key_size);
    read_hex(strtok(NULL, " \n"), a->secret_key, a->secret_key_size);
    read_hex(strtok(NULL, " \n"), a->data, a->data_size);
    puts("ok");
  } else if (command != NULL && strcmp(command, "time") == 0) {
    const char *operation = strtok(NULL, " \n"), *subject = strtok(NULL, " \n"), *calls = strtok(NULL, " \n");
    if (calls == NULL) fail("time OPERATION ALGORITHM CALLS");
    printf("%lld\n", time_operation(operation, subject, strtol(calls, NULL, 10)));
  } else {
    fail("no such command");
  }
  fflush(stdout);
}

int main(void) {
  static char line[kLine];
  OQS_init();
  while (fgets(line, sizeof line, stdin) != NULL) answer(line);
  return 0;
}
