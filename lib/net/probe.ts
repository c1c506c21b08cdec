/** Asks a server what it offers, and goes away: without an identity, and without a proof of anything. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type SigName, type SuiteName, sigByNumber, suiteNameOf } from '../crypto/suites.js';
import { pqError } from '../errors.js';
import { parseOffer } from '../handshake/hardened/server-offer.js';
import { fingerprintOf } from '../keys/fingerprint.js';
import { PROBE_TIMEOUT } from '../limits.js';
import { checkNames } from '../option-names.js';
import { alertReceived } from '../wire/alert.js';
import { acceptFrames, exactly, FRAME_TYPES } from '../wire/frame.js';
import { type Frame, FrameDecoder, HEADER_LENGTH } from '../wire/frame-decoder.js';
import { SERVER_HELLO_MAX } from '../wire/hello.js';
import { abortError } from './abort-error.js';
import { timeSpan } from './option-checks.js';
import { LENT } from './own-transport.js';
import { checkPlace, openPlace, PLACE_NAMES, type Place } from './place.js';

/** Where to; a `socket` is closed in the end, too. */
export type ProbeOptions = Place & {
  /** Milliseconds from the call to the end of the ServerHello; 5,000 unless said otherwise. */
  readonly timeout?: number | undefined;
};

/** What a server says of itself, in its ServerHello. Nobody has proven any of it. */
export interface ServerOffer {
  /** Versions of the protocol; this package has version 1. */
  readonly versions: readonly number[];
  /** Those that this version does not know as their numbers. Their order means nothing. */
  readonly suites: readonly (SuiteName | number)[];
  /** One of each algorithm; several while a server changes its key. */
  readonly keys: readonly ShownKey[];
  /** Whether the server may sign for several clients at once (the option `batchSignatures`). */
  readonly batches: boolean;
  /** In bytes: the message, and its frame. */
  readonly sizes: { readonly serverHello: number; readonly frame: number };
  /** In milliseconds since the call. */
  readonly times: ProbeTimes;
}

/** A key that a server shows. Whether it has the secret key to it is not known. */
export interface ShownKey {
  /** The number of its algorithm on the wire. */
  readonly sigalg: number;
  /** Undefined for one that this version does not know; then there is no fingerprint. */
  readonly algorithm: SigName | undefined;
  readonly fingerprint: string | undefined;
  /** 2592 bytes, or any number of them in an algorithm that is not known. */
  readonly publicKey: Buffer;
}

/** How long it took, in milliseconds since the call. */
export interface ProbeTimes {
  /** When the transport was connected, its host's name looked up; undefined of a `socket` that was before. */
  readonly connect: number | undefined;
  readonly firstByte: number;
  readonly serverHello: number;
}

/**
 * Connects, reads what the server offers to everybody, and closes the connection.
 *
 * **This authenticates nobody.** Whoever is in between can show any keys and suites, and whoever once saw a ServerHello
 * can send the same keys. A fingerprint that was learnt in this way is a claim: compare it with one from elsewhere
 * before you trust it, and leave the rest to `connect`.
 *
 * To the server it is a handshake that its client gave up: a 'clientError' with PQ_ERR_TRUNCATED, no fault of the
 * address that it came from, and one of the handshakes under way while it lasts.
 *
 * @throws PQ_ERR_INVALID_OPTION; PQ_ERR_TIMEOUT if the server says nothing, as those of HTTP and TLS do, or not enough;
 *   PQ_ERR_TRUNCATED if the connection ends before; PQ_ERR_UNEXPECTED_MESSAGE and PQ_ERR_DECODE if the server speaks
 *   another protocol, the seed profile among them; PQ_ERR_ALERT, for example if it is busy; an AbortError; errors of
 *   the system as they are
 */
export async function probe(options: ProbeOptions): Promise<ServerOffer> {
  checkNames(options, [...PLACE_NAMES, 'timeout']);
  checkPlace(options);
  const timeout = timeSpan('timeout', options.timeout ?? PROBE_TIMEOUT);
  const { signal } = options;
  const began = performance.now();
  const transport = openPlace(options);
  const answer = new FirstFrame(transport, () => performance.now() - began);
  const abort = (): void => answer.fail(abortError(signal?.reason));
  const timer = setTimeout(() => answer.fail(pqError('PQ_ERR_TIMEOUT', `${answer.soFar} in ${timeout} ms`)), timeout);
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  try {
    const { frame, times } = await answer.promise;
    return offerOf(frame, times);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    transport.destroy();
  }
}

interface Answer {
  readonly frame: Frame;
  readonly times: ProbeTimes;
}

/** Waits for the first frame of a transport. Errors that come later are nobody's. */
class FirstFrame {
  readonly promise: Promise<Answer>;
  fail: (error: Error) => void = () => {};
  readonly #decoder = new FrameDecoder();
  readonly #elapsed: () => number;
  #connected: boolean;
  #connect: number | undefined;
  #firstByte: number | undefined;

  /** @param elapsed milliseconds */
  constructor(transport: Duplex, elapsed: () => number) {
    this.#elapsed = elapsed;
    this.#connected = !(transport instanceof Socket && transport.connecting);
    this.promise = new Promise((resolve, reject) => {
      const take = (chunk: Uint8Array): void => {
        try {
          const answer = this.#take(chunk);
          if (answer !== undefined) resolve(answer);
        } catch (error) {
          reject(error);
        }
      };
      const end = (): void => reject(pqError('PQ_ERR_TRUNCATED', `the connection has ended: ${this.soFar}`));
      this.fail = reject;
      transport.once('connect', () => {
        this.#connected = true;
        this.#connect = elapsed();
      });
      transport.on('error', reject).on('end', end).on('close', end).on(LENT, take).on('data', take).resume();
      if (transport.destroyed || transport.readableEnded) end();
    });
  }

  /** What is known of the server, for errors. */
  get soFar(): string {
    if (!this.#connected) return 'there was no connection';
    if (this.#firstByte === undefined) return 'the server has sent nothing (it may speak another protocol: HTTP, TLS?)';
    return `the server has sent ${this.#decoder.buffered} bytes, and no whole ServerHello`;
  }

  #take(chunk: Uint8Array): Answer | undefined {
    this.#firstByte ??= this.#elapsed();
    this.#decoder.push(Uint8Array.from(chunk));
    const frame = this.#decoder.next(ACCEPT);
    this.#decoder.settle(false);
    if (frame === undefined) return undefined;
    const [connect, firstByte] = [this.#connect, this.#firstByte];
    return { frame, times: { connect, firstByte, serverHello: this.#elapsed() } };
  }
}

const ACCEPT = acceptFrames({ name: 'ServerHello', least: 0, most: SERVER_HELLO_MAX }, exactly('Alert', 1));

function offerOf({ header, body }: Frame, times: ProbeTimes): ServerOffer {
  if (header[0] === FRAME_TYPES.Alert) throw alertReceived(body);
  const { versions, suites, keys, batches } = parseOffer(body);
  return {
    versions,
    suites: suites.map((number) => suiteNameOf(number) ?? number),
    keys: keys.map(({ sigalg, publicKey }) => {
      const algorithm = sigByNumber(sigalg);
      const fingerprint = algorithm && fingerprintOf(algorithm, publicKey);
      return { sigalg, algorithm, fingerprint, publicKey: Buffer.from(publicKey) };
    }),
    batches,
    sizes: { serverHello: body.length, frame: HEADER_LENGTH + body.length },
    times,
  };
}
