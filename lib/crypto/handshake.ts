/** All that one side of a handshake computes in a turn, as one operation. native/handshake.h */
import { HEADER_LENGTH } from '../wire/frame-decoder.js';
import { GCM_KEY_LENGTH, GCM_NONCE_LENGTH } from './aead.js';
import { HASH_LENGTH } from './hkdf.js';
import { input, lateInput, Operation, output } from './operation.js';
import { Secret } from './secret.js';
import type { KemAlgorithm, SigAlgorithm } from './suites.js';

/** What both sides derive. The whole that they are parts of is wiped with the last of them. */
export interface HandshakeSecrets {
  /** 64 bytes each. */
  readonly serverMac: Secret;
  readonly clientMac: Secret;
  /** c_0 with its key and iv, and s_0 with its own: 108 bytes each. */
  readonly client: Secret;
  readonly server: Secret;
  /** 64 bytes. */
  readonly master: Secret;
}

/**
 * Keys are signature keys, and secret but for the peer's. A transcript is all of its bytes so far, as PROTOCOL.md has
 * it, and asked for when the operation begins; frames are whole and in one piece.
 */
export interface HandshakeOperations {
  /**
   * Server: ServerKem, ServerAuth and ServerFinished. Undefined if the client's signature is wrong.
   *
   * @param transcript up to ClientAuth
   * @param together whether the signature may be one for several handshakes that wait for it at the same time
   */
  answer(
    secretKey: Secret,
    peerKey: Uint8Array,
    transcript: () => Uint8Array,
    together?: boolean,
  ): Operation<{ readonly frames: Buffer; readonly secrets: HandshakeSecrets } | undefined>;
  /**
   * Client: ClientKem and ClientAuth.
   *
   * @param transcript up to ClientHello
   */
  offer(
    secretKey: Secret,
    transcript: () => Uint8Array,
  ): Operation<{ readonly frames: Buffer; readonly kemSecretKey: Secret }>;
  /**
   * Client. Undefined if the server's signature, which stands alone, is wrong.
   *
   * @param transcript up to ServerAuth
   */
  accept(
    peerKey: Uint8Array,
    kemSecretKey: Secret,
    transcript: () => Uint8Array,
  ): Operation<HandshakeSecrets | undefined>;
}

/** A signature for several is longer by so much at the most. */
const BATCH_LENGTH = 69 + 6 * 32;
const TRAFFIC_LENGTH = HASH_LENGTH + GCM_KEY_LENGTH + GCM_NONCE_LENGTH;
const PART_LENGTHS = [HASH_LENGTH, HASH_LENGTH, TRAFFIC_LENGTH, TRAFFIC_LENGTH, HASH_LENGTH] as const;
const SECRETS_LENGTH = PART_LENGTHS.reduce((sum, length) => sum + length, 0);

/** @param row of the suite in native/algorithms.cc */
export function handshakeOperations(row: number, kem: KemAlgorithm, sig: SigAlgorithm): HandshakeOperations {
  const algorithm = { name: `${kem.name} with ${sig.name}`, number: row };
  const clientFrames = 2 * HEADER_LENGTH + kem.publicKeyLength + sig.signatureLength;
  const serverFrames = 3 * HEADER_LENGTH + kem.ciphertextLength + 1 + sig.signatureLength + HASH_LENGTH;
  const authAt = HEADER_LENGTH + kem.ciphertextLength;
  const lengthOf = (frames: Buffer) => authAt + frames.readUIntBE(authAt + 1, 3) + 2 * HEADER_LENGTH + HASH_LENGTH;
  return {
    answer(secretKey, peerKey, transcript, together = false) {
      const frames = Buffer.allocUnsafeSlow(serverFrames + (together ? BATCH_LENGTH : 0));
      const secrets = Secret.allocate(SECRETS_LENGTH);
      const args = [
        output('frames', frames),
        output('secrets', secrets),
        input('secretKey', secretKey),
        input('peerKey', peerKey),
        lateInput('transcript', transcript),
      ];
      const operation = together ? 'handshakeAnswerJointly' : 'handshakeAnswer';
      return new Operation([{ operation, algorithm, arguments: args }], (verified) =>
        verified ? { frames: frames.subarray(0, lengthOf(frames)), secrets: partsOf(secrets) } : undefined,
      );
    },
    offer(secretKey, transcript) {
      const frames = Buffer.allocUnsafeSlow(clientFrames);
      const kemSecretKey = Secret.allocate(kem.secretKeyLength);
      const args = [
        output('frames', frames),
        output('kemSecretKey', kemSecretKey),
        input('secretKey', secretKey),
        lateInput('transcript', transcript),
      ];
      return new Operation([{ operation: 'handshakeOffer', algorithm, arguments: args }], () => ({
        frames,
        kemSecretKey,
      }));
    },
    accept(peerKey, kemSecretKey, transcript) {
      const secrets = Secret.allocate(SECRETS_LENGTH);
      const args = [
        output('secrets', secrets),
        input('peerKey', peerKey),
        input('kemSecretKey', kemSecretKey),
        lateInput('transcript', transcript),
      ];
      return new Operation([{ operation: 'handshakeAccept', algorithm, arguments: args }], (verified) =>
        verified ? partsOf(secrets) : undefined,
      );
    },
  };
}

function partsOf(secrets: Secret): HandshakeSecrets {
  const parts = Secret.divide(secrets, PART_LENGTHS) as [Secret, Secret, Secret, Secret, Secret];
  const [serverMac, clientMac, client, server, master] = parts;
  return { serverMac, clientMac, client, server, master };
}
