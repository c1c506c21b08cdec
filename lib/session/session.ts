/**
 * A connection without I/O: bytes in, bytes and events out. It drives a handshake machine, then the record layer.
 * Every method may throw a PqError; the connection is over then, and `dispose` wipes what it held.
 */
import type { HandshakeStep } from '../channels.js';
import type { Secret } from '../crypto/secret.js';
import { pqError } from '../errors.js';
import type { AwaitState, OpenState, Output, State, Work } from '../handshake/machine.js';
import { FrameDecoder } from '../wire/frame-decoder.js';

/** What the session tells whoever holds its transport. */
export interface SessionEvents {
  /** Bytes for the peer, in parts. */
  send(parts: readonly Uint8Array[]): void;
  /** Slow work to do; its outcome goes to {@link Session.resume}. */
  work(work: Work): void;
  step(step: HandshakeStep): void;
  /** The handshake is complete: the peer is authenticated, and data may flow. */
  open(state: OpenState): void;
  /** Data of the peer, authenticated if the record layer does that. */
  data(plaintext: Uint8Array): void;
  /** The peer has ended its side, after its last record. */
  end(): void;
}

/** Begins a handshake machine. */
export type StartMachine = (out: Output) => State;

export class Session implements Output {
  readonly #events: SessionEvents;
  readonly #decoder = new FrameDecoder();
  #secrets: Secret[] = [];
  #state: State | undefined;
  /** Whether the peer has ended its side of the transport. */
  #ended = false;

  constructor(events: SessionEvents) {
    this.#events = events;
  }

  /** Whether slow work is under way, so that bytes that come now can only be kept. */
  get waiting(): boolean {
    return this.#state?.kind === 'await';
  }

  /** Begins the handshake: the transport is connected. */
  start(machine: StartMachine): void {
    this.#enter(machine(this));
  }

  /** Takes bytes of the peer. They must not be changed afterwards. */
  receive(chunk: Uint8Array): void {
    this.#decoder.push(chunk);
    this.#advance();
  }

  /**
   * The peer has ended its side of the transport. That is looked at once everything that came before has been taken.
   *
   * @throws PQ_ERR_TRUNCATED unless the handshake is complete and the last record too
   */
  receiveEnd(): void {
    this.#ended = true;
    this.#advance();
  }

  /** The outcome of the work that was asked for last. */
  resume(outcome: unknown): void {
    const state = this.#state;
    if (state?.kind !== 'await') return; // disposed of meanwhile
    this.#enter(state.resume(outcome as never, this));
    this.#advance();
  }

  /** Sends data, as many records as it takes. Only once the session is open. */
  write(plaintext: Uint8Array): void {
    const { records } = this.#state as OpenState;
    for (let at = 0; at < plaintext.length; at += records.size) {
      this.#events.send(records.seal(plaintext.subarray(at, at + records.size)));
    }
  }

  /** Wipes keys and secrets. Bytes that come later are ignored. */
  dispose(): void {
    this.#wipeHandshake();
    if (this.#state?.kind === 'open') this.#state.records.dispose();
    this.#state = undefined;
  }

  send(...parts: Uint8Array[]): void {
    this.#events.send(parts);
  }

  step(step: HandshakeStep): void {
    this.#events.step(step);
  }

  keep(secret: Secret): void {
    this.#secrets.push(secret);
  }

  #enter(state: State): void {
    this.#state = state;
    if (state.kind === 'await') this.#events.work((state as AwaitState).work);
    if (state.kind !== 'open') return;
    this.#wipeHandshake();
    this.#events.open(state);
  }

  /** Takes every frame that has come, as long as the state is one that takes frames. */
  #advance(): void {
    for (;;) {
      const state = this.#state;
      if (state === undefined || state.kind === 'await') return;
      const acceptHeader = state.kind === 'open' ? state.records.acceptHeader : state.acceptHeader;
      const body = this.#decoder.next(acceptHeader);
      if (body === undefined) {
        if (this.#ended) this.#end(state);
        return;
      }
      if (state.kind === 'open') this.#deliver(state.records.open(body));
      else this.#enter(state.receive(body, this));
    }
  }

  #end(state: State): void {
    if (state.kind !== 'open') {
      const missing = state.kind === 'expect' ? `, before its ${state.message}` : '';
      throw pqError('PQ_ERR_TRUNCATED', `the peer ended the connection during the handshake${missing}`);
    }
    if (!this.#decoder.atBoundary) throw pqError('PQ_ERR_TRUNCATED', 'the peer ended the connection within a record');
    this.#events.end();
  }

  #deliver(plaintext: Uint8Array): void {
    if (plaintext.length > 0) this.#events.data(plaintext);
  }

  #wipeHandshake(): void {
    for (const secret of this.#secrets) secret.dispose();
    this.#secrets = [];
  }
}
