/** A connection as a Duplex: plaintext on this side, a transport with the protocol's bytes on the other. */

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { alertOf, pqError } from '../errors.js';
import type { OpenState, OperationWork, Work } from '../handshake/machine.js';
import type { Profile } from '../keys/profile.js';
import { HANDSHAKE_BUFFER, KEEP_ALIVE_DELAY } from '../limits.js';
import { Session } from '../session/session.js';
import type { PeerKey, Verdict } from '../trust/policy.js';
import { BufferInlet, type OnRead } from './buffer-inlet.js';
import { type CipherInfo, cipherInfo } from './cipher-info.js';
import { ConnectionReport } from './connection-report.js';
import { destroyedError } from './destroyed-error.js';
import { HandshakeTimers } from './handshake-timers.js';
import { type Inlet, StreamInlet } from './inlet.js';
import { emitKeyLog } from './key-log.js';
import { linger } from './linger.js';
import type { SecureConfig } from './options.js';
import { Outlet } from './outlet.js';
import { isLent, LENT } from './own-transport.js';
import { CLIENT_ACCOUNT, type WorkAccount } from './server-load.js';
import { SocketLike } from './socket-like.js';
import type { Place } from './work-queue.js';

type Callback = (error?: Error | null) => void;

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
  readonly #inlet: Inlet;
  readonly #outlet: Outlet;
  readonly #timers: HandshakeTimers;
  readonly #report: ConnectionReport;
  #open: OpenState | undefined;
  /** The lattice work that waits or is done. */
  #place: Place | undefined;
  #wake: NodeJS.Timeout | undefined;
  /** A write that came before the handshake was complete, or the end. */
  #held: (() => void) | undefined;
  /** What to call when the write, or the end, that is under way is done. */
  #writing: Callback | undefined;
  /** Bytes of that write that the session has taken. The stream counts them as waiting until it is done. */
  #sealed = 0;
  /** What the session has told while it ran; the application hears of it afterwards, so that its errors stay its own. */
  #newlyOpen = false;

  /** For this package: connections come from `connect` and `createServer`. */
  constructor(transport: Duplex, config: SecureConfig, account: WorkAccount = CLIENT_ACCOUNT, onread?: OnRead) {
    super(transport, config);
    this.#config = config;
    this.#transport = transport;
    this.#account = account;
    this.#report = new ConnectionReport(this, transport, config);
    const outlet = new Outlet(transport, {
      seal: (piece) => this.#seal(piece),
      done: (error) => this.#written(error),
    });
    const count = (bytes: number) => {
      this.plaintextRead += bytes;
    };
    const mayChange = (bytes: Uint8Array) => outlet.isSocket && !isLent(bytes);
    const inlet = onread === undefined ? new StreamInlet(this, count, mayChange) : new BufferInlet(this, count, onread);
    this.#session = new Session(
      {
        room: (length) => outlet.room(length),
        send: (parts) => outlet.send(parts),
        work: (work) => this.#do(work),
        watched: () => this.#report.watched,
        step: (step) => this.#report.step(step),
        proven: () => this.#account.proven(),
        open: (state) => this.#opened(state),
        space: (bytes, least) => inlet.space(bytes, least),
        data: (plaintext) => inlet.data(plaintext),
        end: () => inlet.end(),
        wakeIn: (delay) => this.#wakeIn(delay),
        keylog: (secret, clientRandom) => emitKeyLog(this, secret, clientRandom),
      },
      () => performance.now(),
      config.profile === 'hardened' ? HANDSHAKE_BUFFER : Number.POSITIVE_INFINITY, // the seed's server may send data
    );
    [this.#inlet, this.#outlet] = [inlet, outlet];
    this.#timers = new HandshakeTimers(config, (error) => this.destroy(error));
    this.#report.begin();
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

  /** The protocol that it was configured for. */
  get profile(): Profile {
    return this.#config.profile;
  }

  /** The peer's fingerprint; undefined until the handshake is complete. */
  getPeerFingerprint(): string | undefined {
    return this.#open?.peer.fingerprint;
  }

  /** That of our own key, of several the one that the client chose; undefined until the handshake is complete. */
  getFingerprint(): string | undefined {
    return this.#open?.fingerprint;
  }

  /** The peer's signature public key, 2592 bytes; undefined until the handshake is complete. */
  getPeerPublicKey(): Buffer | undefined {
    return this.#open?.peer.publicKey;
  }

  /** `'pqsock/1'`, or `'seed'` in the seed profile; null until the handshake is complete. */
  getProtocol(): string | null {
    return this.#open === undefined ? null : this.profile === 'seed' ? 'seed' : 'pqsock/1';
  }

  /** The suite; undefined until the handshake is complete. */
  getCipher(): CipherInfo | undefined {
    return this.#open && cipherInfo(this.#open.peer.suite, this.getProtocol() as string);
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
    this.#whenOpen(() => this.#outlet.write(chunk));
  }

  override _final(callback: Callback): void {
    this.#writing = callback;
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
    this.#inlet.reopen();
    this.#flow();
  }

  override pause(): this {
    if (this.#inlet.pause()) this.#flow();
    return super.pause();
  }

  override resume(): this {
    if (this.#inlet.resume()) process.nextTick(() => this.#drive(() => this.#session.proceed()));
    return super.resume();
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#timers.stop();
    clearTimeout(this.#wake);
    this.#place?.leave();
    if (this.#open === undefined && error !== null) this.#account.failed(error);
    this.#held = undefined;
    this.#outlet.stop();
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
      // A peer over streams in memory would wait for ever for its end to be read. The kernel takes that of a socket.
      if (error === null && !transport.readableEnded && !this.#outlet.isSocket) linger(transport);
      else transport.destroy();
      return;
    }
    try {
      if (this.#session.abort(alertOf(error))) linger(transport);
      else transport.destroy();
    } catch {
      transport.destroy(); // what it throws when it is written to changes nothing about the end
    }
  }

  #seal(piece: Uint8Array): void {
    this.#session.write(piece);
    this.#sealed += piece.length;
    this.touch();
    this.#flow();
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
    transport.on(LENT, (chunk: Uint8Array) => {
      try {
        this.#take(() => this.#session.lend(chunk));
      } finally {
        this.#session.settle();
      }
    });
    transport.on('data', (chunk: Buffer) => {
      if (chunk instanceof Uint8Array) this.#take(() => this.#session.receive(chunk));
      else this.destroy(pqError('PQ_ERR_INVALID_ARGUMENT', 'the transport gives out something else than bytes'));
    });
    transport.on('end', () => {
      if (!this.destroyed) this.#drive(() => this.#session.receiveEnd());
    });
    transport.on('error', (error) => this.destroy(error));
    transport.on('close', () => this.#transportClosed());
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
    if (this.#config.idleTimeout > 0) this.limitIdleness(this.#config.idleTimeout);
    this.#report.open(state.peer);
  }

  #take(action: () => void): void {
    if (this.destroyed) return;
    if (this.connecting) this.#timers.hear();
    this.#drive(action);
  }

  /** Runs the session, and again as long as it has data for which there is room only now. */
  #drive(action: () => void): void {
    try {
      this.#pass(action);
      while (this.#session.held && !this.#inlet.full) this.#pass(() => this.#session.proceed());
    } catch (error) {
      // A listener has thrown: what it kept the others from hearing comes behind its exception.
      process.nextTick(() => this.#drive(() => this.#session.proceed()));
      throw error;
    }
  }

  /** Runs the session, then tells the application what came of it, in that order. */
  #pass(action: () => void): void {
    let failure: unknown;
    try {
      action();
    } catch (error) {
      failure = error;
    }
    try {
      this.#tell();
    } finally {
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
    if (!this.#inlet.waiting) return;
    this.touch();
    this.#inlet.deliver();
  }

  #wakeIn(delay: number): void {
    clearTimeout(this.#wake);
    this.#wake = setTimeout(() => this.#drive(() => this.#session.wake()), Math.max(delay, 1)).unref();
  }

  #whenOpen(action: () => void): void {
    if (this.#open === undefined) this.#held = action;
    else action();
  }

  /** Nothing is read while the session could only keep it, or the application does not take it. */
  #flow(): void {
    if (this.destroyed) return;
    const isToPause = this.#session.waiting || this.#inlet.full;
    if (isToPause === this.#transport.isPaused()) return;
    if (isToPause) this.#transport.pause();
    else this.#transport.resume();
  }
}
