/**
 * REKEY: a fresh KEM in an open connection, after which somebody who has seen its state before and only listens is
 * shut out again. The client asks, the server answers, the client confirms; data goes on meanwhile. The lattice work
 * is done inline: two or three operations of some 20 µs, once an hour. PROTOCOL.md, "REKEY".
 */
import { EMPTY } from '../bytes.js';
import { sha512 } from '../crypto/hash.js';
import { expandLabel, extract, HASH_LENGTH } from '../crypto/hkdf.js';
import type { Primitives } from '../crypto/primitives.js';
import type { Secret } from '../crypto/secret.js';
import { pqError } from '../errors.js';
import type { ChannelOutput } from './channel.js';
import type { Inbound } from './inbound.js';
import type { InnerType } from './inner-type.js';
import type { MasterSecret } from './master-secret.js';
import type { Outbound } from './outbound.js';

export interface RekeyParts {
  readonly kem: Primitives['kem'];
  readonly master: MasterSecret;
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  /** Whether we have sent CLOSE. */
  closed(): boolean;
}

/** What a side does with the three messages; anything that is not its turn is an error. */
export interface Rekey {
  /** Whether it is time to ask for one; a server never asks. */
  isDue(now: number): boolean;
  start(out: ChannelOutput): void;
  receive(type: InnerType, content: Uint8Array, out: ChannelOutput): void;
  /** The peer has sent CLOSE: nothing new begins, and what was asked for is forgotten. */
  peerClosed(): void;
  wake(out: ChannelOutput): void;
  dispose(): void;
}

/** The secrets of one REKEY after the other. */
class RekeyChain {
  readonly #master: MasterSecret;
  #secret: Secret | undefined;

  constructor(master: MasterSecret) {
    this.#master = master;
  }

  /** The new traffic secrets. The shared secret is wiped, and so is what they were derived from. */
  next(sharedSecret: Secret, publicKey: Uint8Array, ciphertext: Uint8Array): { client: Secret; server: Secret } {
    const last = this.#secret ?? this.#master.takeRekeySecret();
    const mixed = extract(last, sharedSecret);
    const context = sha512(publicKey, ciphertext);
    this.#secret = expandLabel(mixed, 'rk', context, HASH_LENGTH);
    const client = expandLabel(mixed, 'c ap', context, HASH_LENGTH);
    const server = expandLabel(mixed, 's ap', context, HASH_LENGTH);
    for (const secret of [last, mixed, sharedSecret]) secret.dispose();
    return { client, server };
  }

  dispose(): void {
    this.#secret?.dispose();
  }
}

export class ClientRekey implements Rekey {
  readonly #parts: RekeyParts;
  readonly #interval: number;
  readonly #chain: RekeyChain;
  #asked: { publicKey: Uint8Array; secretKey: Secret } | undefined;
  #since: number;

  /**
   * @param interval milliseconds from one to the next; looked at when data is sent
   * @param now when the connection was opened
   */
  constructor(parts: RekeyParts, interval: number, now: number) {
    this.#parts = parts;
    this.#interval = interval;
    this.#chain = new RekeyChain(parts.master);
    this.#since = now;
  }

  /** Whether it is time for one. */
  isDue(now: number): boolean {
    return this.#asked === undefined && now - this.#since >= this.#interval;
  }

  /** Asks for one. */
  start(out: ChannelOutput): void {
    const pair = this.#parts.kem.keypair().runSync();
    this.#asked = pair;
    this.#parts.outbound.send('REKEY_INIT', pair.publicKey, out);
  }

  receive(type: InnerType, content: Uint8Array, out: ChannelOutput): void {
    const { kem, inbound, outbound, closed } = this.#parts;
    const asked = this.#asked;
    if (type !== 'REKEY_RESP' || asked === undefined) throw outOfTurn(type);
    this.#asked = undefined;
    const secrets = guarded(() => {
      try {
        if (content.length !== kem.algorithm.ciphertextLength) throw wrongLength(type, content);
        return this.#chain.next(kem.decapsulate(asked.secretKey, content).runSync(), asked.publicKey, content);
      } finally {
        asked.secretKey.dispose();
      }
    });
    inbound.replace(secrets.server, out);
    this.#since = out.now();
    if (closed()) {
      secrets.client.dispose(); // we send nothing any more
      return;
    }
    outbound.send('REKEY_DONE', EMPTY, out);
    outbound.replace(secrets.client, out);
  }

  peerClosed(): void {
    this.#asked?.secretKey.dispose();
    this.#asked = undefined;
    this.#since = Number.POSITIVE_INFINITY;
  }

  wake(): void {}

  dispose(): void {
    this.#asked?.secretKey.dispose();
    this.#chain.dispose();
  }
}

export class ServerRekey implements Rekey {
  readonly #parts: RekeyParts;
  readonly #least: number;
  readonly #chain: RekeyChain;
  /** A request that has come too soon. */
  #early: Uint8Array | undefined;
  /** The client's next secret, once we have answered. */
  #answered: Secret | undefined;
  #last = Number.NEGATIVE_INFINITY;

  /** @param least milliseconds from the end of one to the beginning of the next: sooner ones are answered late */
  constructor(parts: RekeyParts, least: number) {
    this.#parts = parts;
    this.#least = least;
    this.#chain = new RekeyChain(parts.master);
  }

  receive(type: InnerType, content: Uint8Array, out: ChannelOutput): void {
    if (type === 'REKEY_INIT') this.#asked(content, out);
    else if (type === 'REKEY_DONE') this.#done(content, out);
    else throw outOfTurn(type);
  }

  isDue(): boolean {
    return false;
  }

  start(): void {}

  peerClosed(): void {
    this.#early = undefined;
    this.#answered?.dispose();
    this.#answered = undefined;
  }

  wake(out: ChannelOutput): void {
    const early = this.#early;
    if (early === undefined) return;
    this.#early = undefined;
    if (!this.#parts.closed()) this.#answer(early, out);
  }

  dispose(): void {
    this.#answered?.dispose();
    this.#chain.dispose();
  }

  #asked(publicKey: Uint8Array, out: ChannelOutput): void {
    const { kem, closed } = this.#parts;
    if (this.#early !== undefined || this.#answered !== undefined) throw outOfTurn('REKEY_INIT');
    if (publicKey.length !== kem.algorithm.publicKeyLength) throw wrongLength('REKEY_INIT', publicKey);
    if (!kem.isPublicKey(publicKey)) {
      throw pqError('PQ_ERR_REKEY', 'the peer sent a REKEY_INIT whose kem_pk is no public key');
    }
    if (closed()) return; // it has crossed our CLOSE
    const wait = this.#last + this.#least - out.now();
    if (wait <= 0) {
      this.#answer(publicKey, out);
      return;
    }
    this.#early = publicKey;
    out.wakeIn(wait);
  }

  #answer(publicKey: Uint8Array, out: ChannelOutput): void {
    const { kem, outbound } = this.#parts;
    const { ciphertext, sharedSecret } = guarded(() => kem.encapsulate(publicKey).runSync());
    const { client, server } = this.#chain.next(sharedSecret, publicKey, ciphertext);
    this.#answered = client;
    outbound.send('REKEY_RESP', ciphertext, out);
    outbound.replace(server, out);
  }

  #done(content: Uint8Array, out: ChannelOutput): void {
    const secret = this.#answered;
    if (secret === undefined) throw outOfTurn('REKEY_DONE');
    if (content.length > 0) throw wrongLength('REKEY_DONE', content);
    this.#answered = undefined;
    this.#last = out.now();
    this.#parts.inbound.replace(secret, out);
  }
}

/** Whatever goes wrong in the KEM is a fault of the REKEY. */
function guarded<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw pqError('PQ_ERR_REKEY', 'a REKEY failed', { cause });
  }
}

function outOfTurn(type: InnerType): Error {
  return pqError('PQ_ERR_REKEY', `the peer sent a ${type} out of turn`);
}

function wrongLength(type: InnerType, content: Uint8Array): Error {
  return pqError('PQ_ERR_REKEY', `the peer sent a ${type} of ${content.length} bytes`);
}
