/** `pqsock/oqs`: the four algorithms as they are, without a protocol. */
export { type Encapsulation, Kem, type KemKeyPair } from './crypto/kem.js';
export type { BytesLike } from './crypto/operation.js';
export { type OperationCounts, operationCounts } from './crypto/operation-counts.js';
export type { PreparedKey } from './crypto/prepared-key.js';
export { Secret } from './crypto/secret.js';
export { type KeypairOptions, Sig, type SigKeyPair, type SignatureOptions } from './crypto/sig.js';
export type { KemName, SigName } from './crypto/suites.js';
export { type ErrorCode, LocalError, MisuseError, PqError } from './errors.js';
