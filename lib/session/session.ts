/**
 * A connection without I/O: bytes in, bytes and events out. It drives a handshake machine, then the open connection.
 * Every method may throw a PqError; the connection is over then: {@link Session.abort} says so to the peer, as far as
 * the protocol lets us, and wipes what was held.
 */
import type { HandshakeStep } from '../channels.js';
import { type AlertName, pqError } from '../errors.js';
import type { AlertScope, AwaitState, ExpectState, OpenState, Output, State, Work } from '../handshake/machine.js';
import type { Channel, ChannelOutput, LoggedSecret } from '../record/channel.js';
import type { Verdict } from '../trust/policy.js';
import { ALERT_CODES } from '../wire/alert.js';
import { frame } from '../wire/frame.js';
import { FrameDecoder } from '../wire/frame-decoder.js';

/** What the session tells whoever holds its transport. */
export interface SessionEvents {
  /** Memory of so many bytes, for what is sent next; fresh memory is taken where this is missing. */
  readonly room?: ((length: number) => Uint8Array) | undefined;
  /** Bytes for the peer, in parts. */
  send(parts: readonly Uint8Array[]): void;
  /** Work to do. A verdict that is there at once is given back; any other outcome goes to {@link Session.resume}. */
  work(work: Work): Verdict | undefined;
  /** Whether somebody wants to hear of steps. */
  watched(): boolean;
  step(step: HandshakeStep): void;
  /** The peer has shown that it holds a key which the policy accepts. */
  proven(): void;
  /** The handshake is complete: the peer is authenticated, and data may flow. */
  open(state: OpenState): void;
  /**
   * Memory for the data in these bytes: of at least so many bytes, or the bytes themselves; undefined if no data is
   * taken now: see {@link Session.proceed}. Fresh memory is taken where this is missing.
   */
  readonly space?: ((bytes: Uint8Array, least: number) => Uint8Array | undefined) | undefined;
  /** Data of the peer, authenticated if the profile does that. */
  data(plaintext: Uint8Array): void;
  /** The peer has ended its side, after its last record. */
  end(): void;
  /** {@link Session.wake} is to be called in so many milliseconds. */
  wakeIn(delay: number): void;
  /** A new traffic secret, and the client's nonce (32 bytes), by which key logs name a connection. */
  keylog(secret: LoggedSecret, clientRandom: Uint8Array): void;
}

/** Begins a handshake machine. */
export type StartMachine = (out: Output) => State;

export class Session implements Output, ChannelOutput {
  readonly #events: SessionEvents;
  #decoder = new FrameDecoder();
  readonly now: () => number;
  readonly room: ChannelOutput['room'];
  readonly space: ChannelOutput['space'];
  readonly #handshakeBuffer: number;
  #secrets: { dispose(): void }[] = [];
  #state: State | undefined;
  /** Whether there are records that nobody had space for. */
  #held = false;
  #alerts: AlertScope = 'none';
  /** Whether it was disposed of; that may happen in the middle of a step, when somebody hears of it. */
  #over = false;
  /** Whether the peer has ended its side of the transport. */
  #ended = false;

  /**
   * @param now milliseconds on a clock that never goes back
   * @param handshakeBuffer bytes that the peer may have sent before its turn
   */
  constructor(events: SessionEvents, now: () => number, handshakeBuffer: number) {
    this.#events = events;
    this.now = now;
    this.room = events.room;
    this.space = events.space;
    this.#handshakeBuffer = handshakeBuffer;
  }

  /** Whether slow work is under way, so that bytes that come now can only be kept. */
  get waiting(): boolean {
    return this.#state?.kind === 'await';
  }

  /** Begins the handshake: the transport is connected. Bytes may have come before that. */
  start(machine: StartMachine): void {
    this.#enter(machine(this));
    this.#advance();
  }

  /** Whether {@link proceed} has something to do. */
  get held(): boolean {
    return this.#held;
  }

  /**
   * Takes bytes of the peer. They must not be changed afterwards.
   *
   * @throws PQ_ERR_FLOOD besides what the messages deserve
   */
  receive(chunk: Uint8Array): void {
    if (this.#over) return;
    this.#decoder.push(chunk);
    this.#advance();
    this.#decoder.settle(false);
    if (this.#state?.kind === 'open' || this.#decoder.buffered <= this.#handshakeBuffer) return;
    throw pqError('PQ_ERR_FLOOD', `the peer sent more than ${this.#handshakeBuffer} bytes before it was its turn`);
  }

  /** Takes bytes of the peer that may be changed once {@link settle} was called. A handshake keeps its messages. */
  lend(chunk: Uint8Array): void {
    if (this.#over) return;
    if (this.#state?.kind !== 'open') {
      this.receive(Uint8Array.from(chunk));
      return;
    }
    this.#decoder.push(chunk);
    this.#advance();
  }

  /** Copies what was lent and has not been taken. */
  settle(): void {
    this.#decoder.settle(true);
  }

  /** Goes on with data for which there was no space. */
  proceed(): void {
    this.#advance();
  }

  /**
   * The peer has ended its side of the transport. That is looked at once everything that came before has been taken.
   *
   * @throws PQ_ERR_TRUNCATED unless the peer had ended its data before, as far as the profile can say
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
    (this.#state as OpenState).channel.write(plaintext, this);
  }

  /** Says that no more data comes. Only once the session is open. */
  close(): void {
    (this.#state as OpenState).channel.close(this);
  }

  /** The time that was asked for has come. */
  wake(): void {
    if (this.#state?.kind === 'open') this.#state.channel.wake(this);
  }

  /**
   * Ends the connection, and wipes keys and secrets. Bytes that come later are ignored.
   *
   * @param alert what the peer is told, if it may be told, and hasn't been told an end before
   * @returns whether it was told
   */
  abort(alert: AlertName | undefined): boolean {
    const state = this.#state;
    try {
      return alert !== undefined && state !== undefined && this.#alert(alert, state);
    } finally {
      this.dispose();
    }
  }

  /** Wipes keys and secrets, and lets go of what has come. */
  dispose(): void {
    this.#over = true;
    this.#held = false;
    this.#decoder = new FrameDecoder(); // a policy that never answers holds on to us, not to what the peer has sent
    this.#wipeHandshake();
    if (this.#state?.kind === 'open') this.#state.channel.dispose();
    this.#state = undefined;
  }

  send(...parts: Uint8Array[]): void {
    if (!this.#over) this.#events.send(parts);
  }

  get watched(): boolean {
    return !this.#over && this.#events.watched();
  }

  step(step: HandshakeStep): void {
    if (!this.#over) this.#events.step(step);
  }

  keep(secret: { dispose(): void }): void {
    if (this.#over) secret.dispose();
    else this.#secrets.push(secret);
  }

  proven(): void {
    if (!this.#over) this.#events.proven();
  }

  tell(alerts: AlertScope): void {
    this.#alerts = alerts;
  }

  data(plaintext: Uint8Array): void {
    this.#events.data(plaintext);
  }

  end(): void {
    this.#events.end();
  }

  wakeIn(delay: number): void {
    this.#events.wakeIn(delay);
  }

  keylog(secret: LoggedSecret): void {
    const { clientRandom } = this.#state as OpenState;
    if (clientRandom !== undefined) this.#events.keylog(secret, clientRandom);
  }

  #enter(state: State): void {
    if (this.#over) {
      if (state.kind === 'open') state.channel.dispose();
      return;
    }
    this.#state = state;
    if (state.kind === 'await') this.#work(state);
    if (state.kind !== 'open') return;
    this.#wipeHandshake();
    state.channel.log(this);
    this.#events.open(state);
  }

  #work(state: AwaitState): void {
    const verdict = this.#events.work(state.work);
    if (verdict === undefined || this.#over) return;
    this.#enter(state.resume(verdict as never, this));
  }

  /** Takes every frame that has come, as long as the state is one that takes frames. */
  #advance(): void {
    for (;;) {
      const state = this.#state;
      if (state === undefined || state.kind === 'await') return;
      const taken = state.kind === 'open' ? this.#takeRecords(state.channel) : this.#takeFrame(state);
      if (taken) continue;
      if (this.#ended && !this.#held) this.#end(state);
      return;
    }
  }

  /** Answers whether there were some, and somebody to take them. */
  #takeRecords(channel: Channel): boolean {
    const decoder = this.#decoder; // there is another one if somebody ends the session in the middle of this
    const bytes = decoder.peek(channel.acceptHeader);
    const taken = bytes === undefined ? 0 : channel.receive(bytes, this);
    this.#held = bytes !== undefined && taken === 0;
    if (taken > 0) decoder.skip(taken);
    return taken > 0;
  }

  #takeFrame(state: ExpectState): boolean {
    const frame = this.#decoder.next(state.acceptHeader);
    if (frame !== undefined) this.#enter(state.receive(frame, this));
    return frame !== undefined;
  }

  #end(state: State): void {
    if (state.kind !== 'open') {
      const missing = state.kind === 'expect' ? `, before its ${state.message}` : '';
      throw pqError('PQ_ERR_TRUNCATED', `the peer ended the connection during the handshake${missing}`);
    }
    if (!this.#decoder.atBoundary) throw pqError('PQ_ERR_TRUNCATED', 'the peer ended the connection within a record');
    state.channel.receiveEnd(this);
  }

  #alert(alert: AlertName, state: State): boolean {
    if (state.kind === 'open') return state.channel.alert(alert, this);
    const load = alert === 'busy' || alert === 'timeout';
    if (this.#alerts === 'none' || (this.#alerts === 'load' && !load)) return false;
    this.send(frame('Alert', Uint8Array.of(ALERT_CODES[alert])));
    return true;
  }

  #wipeHandshake(): void {
    for (const secret of this.#secrets) secret.dispose();
    this.#secrets = [];
  }
}
