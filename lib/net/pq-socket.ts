/** A connection as a Duplex: plaintext on this side, a transport with the protocol's bytes on the other. */

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { EMPTY } from '../bytes.js';
import { alertOf, pqError } from '../errors.js';
import type { OpenState, OperationWork, Work } from '../handshake/machine.js';
import type { Profile } from '../keys/profile.js';
import { HANDSHAKE_BUFFER, KEEP_ALIVE_DELAY } from '../limits.js';
import { Session } from '../session/session.js';
import type { PeerKey, Verdict } from '../trust/policy.js';
import type { CipherInfo } from './cipher-info.js';
import { ConnectionReport } from './connection-report.js';
import { destroyedError } from './destroyed-error.js';
import { HandshakeTimers } from './handshake-timers.js';
import { emitKeyLog } from './key-log.js';
import { linger } from './linger.js';
import type { SecureConfig } from './options.js';
import { CLIENT_ACCOUNT, type WorkAccount } from './server-load.js';
import { SocketLike } from './socket-like.js';
import type { Place } from './work-queue.js';

type Callback = (error?: Error | null) => void;

/** Bytes that are sealed before the transport is asked whether it takes more: the most that a record holds. */
const PIECE = 65_536;

/**
 * Events besides those of a Duplex: 'connect', 'ready' and 'secureConnect' once the handshake is complete, never
 * before; 'timeout', see `setTimeout`; 'keylog' with a line of the key log, a Buffer, for whoever must decrypt a
 * capture. What is written before the handshake is complete waits.
 */
export class PqSocket extends SocketLike {
  readonly #config: SecureConfig;
  readonly #transport: Duplex;
  readonly #account: WorkAccount;
  readonly #session: Session;
  readonly #timers: HandshakeTimers;
  readonly #report: ConnectionReport;
  #idleLimit: NodeJS.Timeout | undefined;
  #open: OpenState | undefined;
  /** The lattice work that waits or is done. */
  #place: Place | undefined;
  #wake: NodeJS.Timeout | undefined;
  /** A write that came before the handshake was complete, or the end. */
  #held: (() => void) | undefined;
  /** What of the write that is under way has not been sealed yet. */
  #unsealed: Uint8Array = EMPTY;
  /** What to call when the write, or the end, that is under way is done. */
  #writing: Callback | undefined;
  /** Bytes of that write that the session has taken. The stream counts them as waiting until it is done. */
  #sealed = 0;
  #needDrain = false;
  /** Whether the end is under way: it does not wait for 'drain'. */
  #ending = false;
  /** Whether the application has more to read than it should. */
  #full = false;
  /** What the session has told while it ran; the application hears of it afterwards, so that its errors stay its own. */
  #newlyOpen = false;
  readonly #incoming: (Uint8Array | null)[] = [];

  /** For this package: connections come from `connect` and `createServer`. */
  constructor(transport: Duplex, config: SecureConfig, account: WorkAccount = CLIENT_ACCOUNT) {
    super(transport, config);
    this.#config = config;
    this.#transport = transport;
    this.#account = account;
    this.#report = new ConnectionReport(this, transport, config);
    this.#session = new Session(
      {
        send: (parts) => this.#send(parts),
        work: (work) => this.#do(work),
        watched: () => this.#report.watched,
        step: (step) => this.#report.step(step),
        proven: () => this.#account.proven(),
        open: (state) => this.#opened(state),
        data: (plaintext) => void this.#incoming.push(plaintext),
        end: () => void this.#incoming.push(null),
        wakeIn: (delay) => this.#wakeIn(delay),
        keylog: (secret, clientRandom) => emitKeyLog(this, secret, clientRandom),
      },
      () => performance.now(),
      config.profile === 'hardened' ? HANDSHAKE_BUFFER : Number.POSITIVE_INFINITY, // the seed's server may send data
    );
    this.#timers = new HandshakeTimers(config, (error) => this.destroy(error));
    this.#listen();
    if (transport instanceof Socket && transport.connecting) transport.once('connect', () => this.#start());
    else process.nextTick(() => this.#start());
  }

  /** Whether the handshake is still to be completed. */
  get connecting(): boolean {
    return this.#open === undefined && !this.destroyed;
  }

  get authorized(): boolean {
    return this.#open !== undefined;
  }

  get profile(): Profile {
    return this.#config.profile;
  }

  /** The peer's fingerprint; undefined until the handshake is complete. */
  getPeerFingerprint(): string | undefined {
    return this.#open?.peer.fingerprint;
  }

  /** The peer's signature public key, 2592 bytes; undefined until the handshake is complete. */
  getPeerPublicKey(): Buffer | undefined {
    return this.#open?.peer.publicKey;
  }

  /** `'pqsock/1'`, or `'seed'` in the seed profile; null until the handshake is complete. */
  getProtocol(): string | null {
    if (this.#open === undefined) return null;
    return this.profile === 'seed' ? 'seed' : 'pqsock/1';
  }

  /** The suite; undefined until the handshake is complete. */
  getCipher(): CipherInfo | undefined {
    if (this.#open === undefined) return undefined;
    const name = this.#open.peer.suite ?? 'seed';
    return { name, standardName: name, version: this.getProtocol() as string };
  }

  /**
   * Bytes that both sides derive alike from the handshake and nobody else can, for the application's own use.
   * PROTOCOL.md, "Exporter".
   *
   * @param length 1 to 16,320 bytes
   * @param label up to 243 characters of ASCII: what the bytes are for
   * @param context no context is an empty context
   * @throws PQ_ERR_NOT_CONNECTED, PQ_ERR_INVALID_LENGTH, PQ_ERR_INVALID_ARGUMENT; PQ_ERR_SECRET_DISPOSED after the end
   */
  exportKeyingMaterial(length: number, label: string, context: Uint8Array = new Uint8Array(0)): Buffer {
    if (this.#open === undefined) {
      throw pqError('PQ_ERR_NOT_CONNECTED', 'there is nothing to export before the handshake is complete');
    }
    const { exporter } = this.#open.channel;
    if (exporter === undefined) throw pqError('PQ_ERR_INVALID_ARGUMENT', 'the seed profile has no exporter');
    if (!(context instanceof Uint8Array)) throw pqError('PQ_ERR_INVALID_ARGUMENT', 'context must be a Uint8Array');
    return exporter(length, label, context);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#writing = callback;
    this.#unsealed = chunk;
    this.#whenOpen(() => this.#seal());
  }

  override _final(callback: Callback): void {
    this.#writing = callback;
    this.#ending = true;
    this.#whenOpen(() => {
      try {
        this.#session.close();
      } catch (error) {
        return this.#written(error as Error);
      }
      this.#transport.end(() => this.#written());
      this.#flow();
    });
  }

  /** What is written last goes to the transport together with the end: one write less for the system. */
  override end(...args: unknown[]): this {
    this.#transport.cork();
    try {
      return super.end(...(args as []));
    } finally {
      this.#transport.uncork();
    }
  }

  override _read(): void {
    this.#full = false;
    this.#flow();
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#timers.stop();
    for (const timer of [this.#wake, this.#idleLimit]) clearTimeout(timer);
    this.#place?.leave();
    if (this.#open === undefined && error !== null) this.#account.failed(error);
    this.#held = undefined;
    this.#unsealed = EMPTY;
    this.#endTransport(error);
    this.#report.end(error);
    // Later: what the application's callback throws must not stand in for the error, nor stop what follows here.
    if (this.#writing !== undefined) process.nextTick(() => this.#written(error ?? destroyedError()));
    super._destroy(error, callback);
  }

  /** Tells the peer why, if there is somebody to tell. */
  #endTransport(error: Error | null): void {
    const transport = this.#transport;
    if (transport.destroyed || !transport.writable) {
      this.#session.dispose();
      transport.destroy();
      return;
    }
    try {
      if (this.#session.abort(alertOf(error))) linger(transport);
      else transport.destroy();
    } catch {
      transport.destroy(); // what it throws when it is written to changes nothing about the end
    }
  }

  /** Seals what was written piece by piece, as the transport takes it: a long write is not there twice. */
  #seal(): void {
    try {
      while (this.#unsealed.length > 0 && !this.#needDrain) {
        const piece = this.#unsealed.subarray(0, PIECE);
        this.#unsealed = this.#unsealed.subarray(PIECE);
        this.#session.write(piece);
        this.#sealed += piece.length;
        this.touch();
      }
    } catch (error) {
      this.#written(error as Error);
      return;
    }
    this.#flow();
    if (!this.#needDrain) this.#written();
  }

  #written(error?: Error): void {
    const callback = this.#writing;
    this.#writing = undefined;
    this.plaintextWritten += this.#sealed;
    this.#sealed = 0;
    callback?.(error);
  }

  #listen(): void {
    const transport = this.#transport;
    // Else Node would end the transport with the peer's end, and cut off what is still on its way to the peer.
    transport.allowHalfOpen = true;
    transport.on('data', (chunk: Buffer) => {
      if (this.destroyed) return;
      if (!(chunk instanceof Uint8Array)) {
        this.destroy(pqError('PQ_ERR_INVALID_ARGUMENT', 'the transport gives out something else than bytes'));
        return;
      }
      if (this.connecting) this.#timers.hear();
      this.#drive(() => this.#session.receive(chunk));
    });
    transport.on('end', () => {
      if (!this.destroyed) this.#drive(() => this.#session.receiveEnd());
    });
    transport.on('error', (error) => this.destroy(error));
    transport.on('close', () => this.#transportClosed());
    transport.on('drain', () => {
      this.#needDrain = false;
      if (this.#held === undefined && !this.#ending) this.#seal();
    });
    transport.pause();
  }

  #start(): void {
    if (this.destroyed) return;
    const { destroyed, readableEnded, writable } = this.#transport;
    if (destroyed || readableEnded || !writable) {
      this.destroy(pqError('PQ_ERR_TRUNCATED', 'the transport had ended before the handshake could begin'));
      return;
    }
    if (this.#config.keepAlive) this.setKeepAlive(true, KEEP_ALIVE_DELAY);
    this.#timers.listen();
    this.#drive(() => this.#session.start((out) => this.#config.startMachine(out)));
  }

  /** A transport that vanishes without a FIN is no end of the data. */
  #transportClosed(): void {
    if (this.destroyed) return;
    const { readableEnded, writableFinished } = this.#transport;
    if (!this.connecting && readableEnded && writableFinished) return;
    this.destroy(pqError('PQ_ERR_TRUNCATED', 'the transport was closed before the peer had ended the connection'));
  }

  /** Takes nothing meanwhile: over a transport in memory the peer would answer while the session still runs. */
  #send(parts: readonly Uint8Array[]): void {
    const transport = this.#transport;
    transport.pause();
    transport.cork();
    for (const part of parts) this.#needDrain = !transport.write(part);
    transport.uncork();
  }

  /** The outcome, if it is there at once, as a list's verdict is. */
  #do(work: Work): Verdict | undefined {
    const begun = work.kind === 'operation' ? this.#run(work) : (work.learn?.() ?? this.#ask(work.peer));
    if (begun !== undefined && !(begun instanceof Promise)) return begun;
    this.#timers.pause();
    begun?.then(
      (verdict) => process.nextTick(() => this.#resume(verdict)),
      (error) => this.destroy(error as Error),
    );
    return undefined;
  }

  #ask(peer: PeerKey): Verdict | Promise<Verdict> {
    return this.#config.policy.ask({ ...peer, address: this.remoteAddress, port: this.remotePort });
  }

  /** Goes on later, so that what the application throws when it hears of it is not taken for a failure of the work. */
  #run({ operation, spent }: OperationWork): undefined {
    this.#place = this.#account.run(operation, spent, (error, outcome) =>
      process.nextTick(() => {
        if (error === undefined && !this.destroyed) {
          this.#resume(outcome);
          return;
        }
        operation.discard(outcome);
        if (error !== undefined) this.destroy(error as Error);
      }),
    );
  }

  #resume(outcome: unknown): void {
    this.#place = undefined;
    if (this.destroyed) return;
    this.#timers.listen();
    this.#drive(() => this.#session.resume(outcome));
  }

  #opened(state: OpenState): void {
    this.#timers.stop();
    this.#account.done();
    this.#open = state;
    this.#newlyOpen = true;
    if (this.#config.idleTimeout > 0) this.#limitIdleness(this.#config.idleTimeout);
    this.#report.open(state.peer);
  }

  /** Runs the session, then tells the application what came of it, in that order. */
  #drive(action: () => void): void {
    let failure: unknown;
    try {
      action();
    } catch (error) {
      failure = error;
    }
    try {
      this.#tell();
    } finally {
      // If a listener has thrown, what it kept the others from hearing comes behind its exception.
      if (this.#incoming.length > 0) process.nextTick(() => this.#drive(() => {}));
      if (failure !== undefined) this.destroy(failure as Error);
      else this.#flow();
    }
  }

  #tell(): void {
    if (this.#newlyOpen) {
      this.#newlyOpen = false;
      const held = this.#held;
      this.#held = undefined;
      held?.();
      for (const event of ['connect', 'ready', 'secureConnect']) if (!this.destroyed) this.emit(event);
    }
    if (this.#incoming.length > 0) this.touch();
    for (let plaintext = this.#incoming.shift(); plaintext !== undefined; plaintext = this.#incoming.shift()) {
      this.plaintextRead += plaintext?.length ?? 0;
      // The end is never full: nobody asks for more then, and whatever the peer still sends is refused, not left unread.
      this.#full = !this.push(plaintext) && plaintext !== null;
    }
  }

  #wakeIn(delay: number): void {
    clearTimeout(this.#wake);
    this.#wake = setTimeout(() => this.#drive(() => this.#session.wake()), Math.max(delay, 1)).unref();
  }

  protected override touch(): void {
    super.touch();
    this.#idleLimit?.refresh();
  }

  #limitIdleness(limit: number): void {
    const expire = () => this.destroy(pqError('PQ_ERR_TIMEOUT', `there was no data for ${limit} ms: see idleTimeout`));
    this.#idleLimit = setTimeout(expire, limit).unref();
  }

  #whenOpen(action: () => void): void {
    if (this.#open === undefined) this.#held = action;
    else action();
  }

  /** Nothing is read while the session could only keep it, or the application does not take it. */
  #flow(): void {
    if (this.destroyed) return;
    if (this.#session.waiting || this.#full) this.#transport.pause();
    else this.#transport.resume();
  }
}
