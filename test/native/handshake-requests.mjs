// @ts-check
/** Requests to answer a handshake of mlkem1024-mldsa87, and others that keep the pool busy. */
import { createHash, randomBytes } from 'node:crypto';
import { OPERATION_NUMBERS } from '../../dist/native/addon.js';

/**
 * @typedef {import('../../dist/native/addon.js').Addon} Addon
 * @typedef {{ publicKey: Uint8Array, secretKey: Uint8Array }} KeyPair
 * @typedef {{ status: number, frames: Uint8Array, secrets: Uint8Array }} Answered
 */

const SUITE = 5;
const [KEM, SIG] = [1, 3];
const SERVER_FRAMES = 4 + 1568 + 4 + 1 + 4627 + 4 + 64;
const ROOM = 261;
const SECRETS = 5 * 64 + 2 * 44;

export class HandshakeRequests {
  #addon;
  #client;
  #kemPublicKey = new Uint8Array(1568);
  #longMessage = new Uint8Array(2 ** 25);
  kemSecretKey = new Uint8Array(3168);

  /** @param {Addon} addon */
  constructor(addon) {
    this.#addon = addon;
    this.#client = this.sigKeypair();
    addon.kemKeypair(KEM, this.#kemPublicKey, this.kemSecretKey);
  }

  /** @returns {KeyPair} */
  sigKeypair() {
    const pair = { publicKey: new Uint8Array(2592), secretKey: new Uint8Array(4896) };
    this.#addon.sigKeypair(SIG, pair.publicKey, pair.secretKey);
    return pair;
  }

  /** What a client has said up to ClientAuth. @param {boolean} [forged] whether its signature is wrong */
  transcript(forged = false) {
    const start = Buffer.concat([
      Buffer.from('pqsock1 transcript\0\0'),
      randomBytes(5000),
      header(3, 1568),
      this.#kemPublicKey,
    ]);
    const hash = createHash('sha512').update(start).digest();
    const message = Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from('pqsock1 client auth\0'), hash]);
    const signature = new Uint8Array(4627);
    this.#addon.sigSign(SIG, signature, this.#client.secretKey, message, new Uint8Array(0));
    if (forged) signature[99] = /** @type {number} */ (signature[99]) ^ 1;
    return Buffer.concat([start, header(4, 4627), signature]);
  }

  /**
   * @param {Uint8Array} secretKey
   * @param {Uint8Array} transcript
   * @param {boolean} [together]
   * @returns {Promise<Answered>}
   */
  async answer(secretKey, transcript, together = true) {
    const frames = new Uint8Array(SERVER_FRAMES + (together ? ROOM : 0));
    const secrets = new Uint8Array(SECRETS);
    const operation = OPERATION_NUMBERS[together ? 'handshakeAnswerJointly' : 'handshakeAnswer'];
    const status = await this.#submitted([
      operation,
      SUITE,
      frames,
      secrets,
      secretKey,
      this.#client.publicKey,
      transcript,
    ]);
    return { status, frames, secrets };
  }

  /** Makes a pair of keys: whatever comes next has to wait for it. */
  occupy() {
    return this.#submitted([OPERATION_NUMBERS.sigKeypair, SIG, new Uint8Array(2592), new Uint8Array(4896)]);
  }

  /** The same, for a hundred times as long or more: hashes 32 MiB. */
  occupyLong() {
    const [{ secretKey }, message, context] = [this.#client, this.#longMessage, new Uint8Array(0)];
    return this.#submitted([OPERATION_NUMBERS.sigSign, SIG, new Uint8Array(4627), secretKey, message, context]);
  }

  /** By this process so far. */
  signaturesMade() {
    const counts = new Float64Array(5);
    this.#addon.operationCounts(counts);
    return /** @type {number} */ (counts[1]);
  }

  /**
   * @param {(number | Uint8Array)[]} request
   * @returns {Promise<number>}
   */
  #submitted(request) {
    return new Promise((resolve) => {
      const refused = this.#addon.submit([resolve, ...request]);
      if (refused !== 0) resolve(refused);
    });
  }
}

/**
 * @param {number} type
 * @param {number} length
 */
function header(type, length) {
  return Buffer.of(type, length >> 16, length >> 8, length);
}
