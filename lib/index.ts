/** `pqsock`: connections, servers, and who takes part in them. */
export type { HandshakeStep, HandshakeStepMessage } from './channels.js';
export { type OperationCounts, operationCounts } from './crypto/operation-counts.js';
export { Secret } from './crypto/secret.js';
export type { SigName } from './crypto/suites.js';
export {
  type ErrorCode,
  errorCodes,
  LocalError,
  MalformedError,
  MisbehavedError,
  MisuseError,
  PqError,
  UntrustedError,
} from './errors.js';
export { fingerprintOf, parseFingerprint } from './keys/fingerprint.js';
export { Identity, type IdentityParts, type Profile } from './keys/identity.js';
export { type ConnectOptions, connect } from './net/connect.js';
export type { SecureOptions } from './net/options.js';
export { type ClientErrorInfo, createServer, PqServer, type ServerOptions } from './net/pq-server.js';
export { PqSocket } from './net/pq-socket.js';
export type { SeedCipher } from './record/seed-records.js';
export type { Candidate, Trust, TrustCallback } from './trust/policy.js';
