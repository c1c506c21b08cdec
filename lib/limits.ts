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
 * Records that one side of the seed profile may send. Its nonces are counted and never repeat, so that this is no bound
 * of GCM's; it is where a connection under one key, which the seed never renews, has lasted long enough.
 */
export const SEED_RECORDS_MAX = 2 ** 32;

/** Records of this size are made from what the application writes: big enough that its cost vanishes in AES. */
export const SEED_RECORD_SIZE = 64 * 1024;
