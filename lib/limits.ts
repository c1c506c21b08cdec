/** The limits of a connection, each with its reason; all times in milliseconds, all sizes in bytes. */

/** From the moment of connecting or accepting to the end of the handshake. */
export const HANDSHAKE_TIMEOUT = 10_000;

/** Between two messages of a handshake: a peer that is silent for longer is gone. */
export const FRAME_TIMEOUT = 5_000;

/**
 * Plaintext that one record of the seed profile may carry. A receiver holds one record before it can check it, so
 * this, 28 bytes of nonce and tag and one read of the transport are what a connection may buffer.
 */
export const SEED_RECORD_MAX = 2 ** 20;

/**
 * Records that one side of the seed profile may send. The counter in a nonce has 64 bits, GCM with 96-bit nonces
 * allows 2^32 invocations under one key (NIST SP 800-38D §8.3); the direction is in the nonce.
 */
export const SEED_RECORDS_MAX = 2 ** 32;

/** Records of this size are made from what the application writes: big enough that its cost vanishes in AES. */
export const SEED_RECORD_SIZE = 64 * 1024;
