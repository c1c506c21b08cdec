/** A connection as a Duplex: plaintext on this side, a transport with the protocol's bytes on the other. */
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connectionError, connectionOpen, type HandshakeStep, handshakeStep } from '../channels.js';
import { pqError } from '../errors.js';
import type { OpenState, Work } from '../handshake/machine.js';
import type { Profile } from '../keys/identity.js';
import { Session } from '../session/session.js';
import { HandshakeTimers } from './handshake-timers.js';
import { isDuplex, type SecureConfig } from './options.js';

type Callback = (error?: Error | null) => void;

/**
 * Events besides those of a Duplex: 'connect' and 'secureConnect' once the handshake is complete, never before.
 * What is written before that waits.
 */
export class PqSocket extends Duplex {
  readonly #config: SecureConfig;
  readonly #transport: Duplex;
  readonly #session: Session;
  readonly #timers: HandshakeTimers;
  readonly #began = performance.now();
  #open: OpenState | undefined;
  /** A write that came before the handshake was complete, or the end. */
  #held: (() => void) | undefined;
  /** What to call when the write, or the end, that is under way is done. */
  #writing: Callback | undefined;
  #needDrain = false;
  /** Whether the end is under way: it does not wait for 'drain'. */
  #ending = false;
  /** Whether the application has more to read than it should. */
  #full = false;
  /** What the session has told while it ran; the application hears of it afterwards, so that its errors stay its own. */
  #newlyOpen = false;
  #incoming: (Uint8Array | null)[] = [];

  /** For this package: connections come from `connect` and `createServer`. */
  constructor(transport: Duplex, config: SecureConfig) {
    super({ allowHalfOpen: config.allowHalfOpen });
    if (!isDuplex(transport)) throw pqError('PQ_ERR_INVALID_ARGUMENT', 'a transport must be a stream.Duplex');
    this.#config = config;
    this.#transport = transport;
    this.#session = new Session({
      send: (parts) => this.#send(parts),
      work: (work) => void this.#do(work),
      step: (step) => this.#announce(step),
      open: (state) => this.#opened(state),
      data: (plaintext) => void this.#incoming.push(plaintext),
      end: () => void this.#incoming.push(null),
    });
    this.#timers = new HandshakeTimers(config, (error) => this.destroy(error));
    this.#listen();
    if (transport instanceof Socket && transport.connecting) transport.once('connect', () => this.#start());
    else process.nextTick(() => this.#start());
  }

  /** Whether the handshake is still to be completed. */
  get connecting(): boolean {
    return this.#open === undefined && !this.destroyed;
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

  get remoteAddress(): string | undefined {
    return this.#transport instanceof Socket ? this.#transport.remoteAddress : undefined;
  }

  get remotePort(): number | undefined {
    return this.#transport instanceof Socket ? this.#transport.remotePort : undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#writing = callback;
    this.#whenOpen(() => {
      try {
        this.#session.write(chunk);
      } catch (error) {
        return this.#written(error as Error);
      }
      if (!this.#needDrain) this.#written();
    });
  }

  override _final(callback: Callback): void {
    this.#writing = callback;
    this.#ending = true;
    this.#whenOpen(() => this.#transport.end(() => this.#written()));
  }

  override _read(): void {
    this.#full = false;
    this.#flow();
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#timers.stop();
    this.#session.dispose();
    if (error !== null && connectionError.hasSubscribers) {
      connectionError.publish({ socket: this, role: this.#config.role, error });
    }
    this.#held = undefined;
    this.#written(error ?? destroyedError());
    this.#transport.destroy();
    callback(error);
  }

  #written(error?: Error): void {
    const callback = this.#writing;
    this.#writing = undefined;
    callback?.(error);
  }

  #listen(): void {
    const transport = this.#transport;
    // Else Node would end the transport with the peer's end, and cut off what is still on its way to the peer.
    transport.allowHalfOpen = true;
    transport.on('data', (chunk: Buffer) => {
      if (this.connecting) this.#timers.hear();
      this.#drive(() => this.#session.receive(chunk));
    });
    transport.on('end', () => this.#drive(() => this.#session.receiveEnd()));
    transport.on('error', (error) => this.destroy(error));
    transport.on('close', () => this.#transportClosed());
    transport.on('drain', () => {
      this.#needDrain = false;
      if (this.#held === undefined && !this.#ending) this.#written();
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

  #send(parts: readonly Uint8Array[]): void {
    const transport = this.#transport;
    transport.cork();
    for (const part of parts) this.#needDrain = !transport.write(part);
    transport.uncork();
  }

  async #do(work: Work): Promise<void> {
    this.#timers.pause();
    try {
      const outcome = work.kind === 'verdict' ? await this.#config.policy(work.candidate) : await work.operation.run();
      // Outside this promise, so that what the application throws when it hears of it is not taken for our failure.
      process.nextTick(() => this.#resume(work, outcome));
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #resume(work: Work, outcome: unknown): void {
    if (this.destroyed) {
      if (work.kind === 'operation') work.operation.discard();
      return;
    }
    this.#timers.listen();
    this.#drive(() => this.#session.resume(outcome));
  }

  #opened(state: OpenState): void {
    this.#timers.stop();
    this.#open = state;
    this.#newlyOpen = true;
    if (!connectionOpen.hasSubscribers) return;
    const { role, profile, fingerprint } = this.#config;
    const peerFingerprint = state.peer.fingerprint;
    connectionOpen.publish({ socket: this, role, profile, fingerprint, peerFingerprint, elapsed: this.#elapsed() });
  }

  /** Runs the session, then tells the application what came of it, in that order. */
  #drive(action: () => void): void {
    let failure: unknown;
    try {
      action();
    } catch (error) {
      failure = error;
    }
    this.#tell();
    if (failure !== undefined) this.destroy(failure as Error);
    else this.#flow();
  }

  #tell(): void {
    if (this.#newlyOpen) {
      this.#newlyOpen = false;
      const held = this.#held;
      this.#held = undefined;
      held?.();
      for (const event of ['connect', 'secureConnect']) if (!this.destroyed) this.emit(event);
    }
    const incoming = this.#incoming;
    this.#incoming = [];
    for (const plaintext of incoming) if (!this.push(plaintext)) this.#full = true;
  }

  #announce(step: HandshakeStep): void {
    if (!handshakeStep.hasSubscribers) return;
    handshakeStep.publish({ ...step, role: this.#config.role, socket: this, elapsed: this.#elapsed() });
  }

  #elapsed(): number {
    return performance.now() - this.#began;
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

/** As Node's own streams have it. */
function destroyedError(): Error {
  return Object.assign(new Error('the socket was destroyed'), { code: 'ERR_STREAM_DESTROYED' });
}
