/** The limits of a connection, each with its reason; all times in milliseconds, all sizes in bytes. */

/** From the moment of connecting or accepting to the end of the handshake. */
export const HANDSHAKE_TIMEOUT = 10_000;

/** Between two messages of a handshake: a peer that is silent for longer is gone. */
export const FRAME_TIMEOUT = 5_000;

/** For a whole ServerHello, which costs the server nothing to send. */
export const PROBE_TIMEOUT = 5_000;

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

/** The plaintext of a record: 65,536 bytes of data and its type. A receiver holds one record at a time. */
export const RECORD_PLAINTEXT_MAX = 65_537;

/** A record's body: the plaintext, of at least its type, and 16 bytes of tag. */
export const RECORD_BODY_LEAST = 17;
export const RECORD_BODY_MAX = RECORD_PLAINTEXT_MAX + 16;

/** Data that one record can hold. */
export const RECORD_SIZE_MAX = 65_536;

/**
 * Data in one record of ours, unless said otherwise: so much that its cost vanishes in AES, and so little that most
 * records come whole in one read of the receiver's, who must otherwise copy their parts together.
 */
export const RECORD_SIZE = 16_384;

/**
 * Records and bytes under one key, whatever the options say. With at most 2^30 AES blocks under a key and 2^50 under
 * all of them, an attacker's advantage against AES-256-GCM is below 2^-47 (draft-irtf-cfrg-aead-limits, multi-key).
 */
export const KEY_RECORDS_MAX = 2 ** 24;
export const KEY_BYTES_MAX = 2 ** 34;

/** When a key is renewed by default: what SSH does (RFC 4253 §9). */
export const KEY_BYTES = 2 ** 30;
export const KEY_AGE = 3_600_000;

/** How often a client asks for a REKEY, and how soon after one a server answers the next. */
export const REKEY_INTERVAL = 3_600_000;
export const REKEY_LEAST = 10_000;

/** Empty records of data in a row, and KEY_UPDATEs within a minute without data: an honest peer has no use for more. */
export const EMPTY_RECORDS = 32;
export const KEY_UPDATES = 16;

/** Tickets that a server may send; a later version will use them. In bytes: u32, a nonce of 32, 1 to 512 of ticket. */
export const TICKETS = 4;
export const TICKET_LEAST = 37;
export const TICKET_MAX = 548;

/** What HKDF gives of SHA-512 (255 blocks), and what fits into a label beside "pqsock1 exp ". */
export const EXPORT_LENGTH_MAX = 16_320;
export const EXPORT_LABEL_MAX = 243;

/**
 * Handshakes under way, of which new ones are dropped at random from half of it on; and those of one address that has
 * not proven yet that it holds a trusted key.
 */
export const PENDING_HANDSHAKES = 1024;
export const EARLY_DROP = 512;
export const PENDING_PER_ADDRESS = 256;

/** Signatures that wait to be verified, and handshakes that wait to be signed. */
export const VERIFY_QUEUE = 512;
export const SIGN_QUEUE = 512;

/**
 * Keys of peers that are kept prepared, 57 KB each: 3.7 MB. A client shows one or two, a server those of the clients
 * that come back most. To each belong 16 peers that were seen once, so that it takes many new ones to forget one that
 * is about to come back.
 */
export const PREPARED_PEERS = 64;
export const PEERS_SEEN = 16;

/** Failed handshakes of an address within a minute, beyond which it waits behind all others. */
export const FAULTS_PER_MINUTE = 10;

/** How long the rest of a peer's flight is discarded after an alert: a reset would destroy the alert on its way. */
export const LINGER = 1_000;

/** Data that waits for the application before the peer is held back, by default and at the most. */
export const UNREAD = 65_536;
export const UNREAD_MAX = 2 ** 20;

/**
 * What a peer may have sent of a handshake before we have come to it: more than any flight has, so that only who sends
 * what can't be right yet goes over it. The transport holds one read besides, 64 KiB at the most.
 */
export const HANDSHAKE_BUFFER = 32 * 1024;

/** Silence after which TCP asks whether the peer is still there. */
export const KEEP_ALIVE_DELAY = 60_000;

/** A file of trusted keys: ten thousand lines of the usual length. To parse so many takes some 50 ms, once a change. */
export const TRUST_FILE_MAX = 2 ** 20;
export const TRUST_LINES_MAX = 10_000;
export const TRUST_LINE_MAX = 1_024;

/** Until a lock on such a file counts as left behind, and how long to wait for one: holding it takes milliseconds. */
export const LOCK_STALE = 5_000;
export const LOCK_WAIT = 15_000;
