/** `pqsock`: connections, servers, and who takes part in them. */
export { Agent, type AgentOptions } from './adapters/agent.js';
export type { ClientOptions } from './adapters/client-options.js';
export { type IoredisConnector, ioredisConnector } from './adapters/ioredis-connector.js';
export { type UndiciConnector, undiciConnector } from './adapters/undici-connector.js';
export type {
  ConnectionBeginMessage,
  ConnectionCloseMessage,
  ConnectionErrorMessage,
  ConnectionOpenMessage,
  ConnectionTraffic,
  HandshakeStep,
  HandshakeStepMessage,
} from './channels.js';
export { type OperationCounts, operationCounts } from './crypto/operation-counts.js';
export { Secret } from './crypto/secret.js';
export type { SigName, SuiteName } from './crypto/suites.js';
export {
  AlertError,
  type AlertName,
  type ErrorCode,
  errorCodes,
  IncompatibleError,
  LocalError,
  MalformedError,
  MisbehavedError,
  MisuseError,
  PqError,
  UntrustedError,
} from './errors.js';
export { fingerprintOf, parseFingerprint } from './keys/fingerprint.js';
export { fingerprintWords } from './keys/fingerprint-words.js';
export {
  Identity,
  type IdentityOptions,
  type IdentityParts,
  type IdentitySeed,
  type ReadOptions,
  type WriteOptions,
} from './keys/identity.js';
export { type Jwk, publicKeyFromJwk, publicKeyToJwk } from './keys/jwk.js';
export { type DescribeOptions, describeKey, type KeyDescription, type KeyForm } from './keys/key-description.js';
export {
  describeKeyFile,
  type KeyFileDescription,
  readIdentity,
  readPublicKey,
  writeIdentity,
  writePublicKey,
} from './keys/key-file.js';
export type { Passphrase } from './keys/pbes2.js';
export type { PemLike } from './keys/pem.js';
export type { Profile } from './keys/profile.js';
export { type PublicKey, publicKeyFromPem, publicKeyToPem } from './keys/public-key.js';
export { type AddonInfo, addonInfo, type CpuFeature } from './native/addon-info.js';
export type { OnRead } from './net/buffer-inlet.js';
export type { CipherInfo } from './net/cipher-info.js';
export { type ConnectOptions, connect } from './net/connect.js';
export type { ConnectionLimits, ServerLimits } from './net/limits.js';
export type { HardenedOptions, SecureOptions, SeedOptions, UnauthenticatedSeedOptions } from './net/options.js';
export { type ClientErrorInfo, createServer, type DropInfo, PqServer, type ServerOptions } from './net/pq-server.js';
export { PqSocket } from './net/pq-socket.js';
export { type ProbeOptions, type ProbeTimes, probe, type ServerOffer, type ShownKey } from './net/probe.js';
export type { SeedCipher } from './record/seed-records.js';
export type { AuthorizedKey } from './trust/authorized-key.js';
export {
  type AuthorizedKeysFile,
  type AuthorizedKeysOptions,
  authorizedKeysFile,
} from './trust/authorized-keys-file.js';
export { FirstUse } from './trust/first-use.js';
export { type KnownHostsOptions, knownHosts } from './trust/known-hosts.js';
export {
  type Answer,
  anyOf,
  authorizedKeys,
  type Candidate,
  type Dialled,
  pinned,
  type Trust,
  type TrustPolicy,
} from './trust/policy.js';
