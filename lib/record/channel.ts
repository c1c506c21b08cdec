/** An open connection, as the session drives it: what comes after the handshake, in either profile. */
import type { AlertName } from '../errors.js';
import type { AcceptHeader } from '../wire/frame-decoder.js';

/** Who a side is. */
export type Role = 'client' | 'server';

/** What an open connection wants done. */
export interface ChannelOutput {
  /** Memory of exactly so many bytes, for what is sent next; fresh memory is taken where this is missing. */
  readonly room?: ((length: number) => Uint8Array) | undefined;
  /** Sends bytes, in parts. */
  send(...parts: Uint8Array[]): void;
  /**
   * Memory for the data in these bytes: of at least so many bytes, or the bytes themselves; undefined if no data is
   * taken now. Fresh memory is taken where this is missing.
   */
  readonly space?: ((bytes: Uint8Array, least: number) => Uint8Array | undefined) | undefined;
  /** Data of the peer. */
  data(plaintext: Uint8Array): void;
  /** The peer has ended its data, and says so. */
  end(): void;
  /** Calls {@link Channel.wake} in so many milliseconds. */
  wakeIn(delay: number): void;
  /** A new traffic secret: for the key log, if somebody keeps one. */
  keylog(secret: LoggedSecret): void;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
}

export interface LoggedSecret {
  /** Whose records it protects. */
  readonly sender: Role;
  /** 0 for the handshake's, one more for each KEY_UPDATE and REKEY. */
  readonly generation: number;
  readonly secret: Uint8Array;
}

/** Every method may throw a PqError: the connection is over then. */
export interface Channel {
  /** Judges the header of the next frame. */
  readonly acceptHeader: AcceptHeader;
  /**
   * Takes one frame or more.
   *
   * @param bytes a whole frame, whose header was accepted, and what came after it
   * @returns how many of the bytes were taken: 0 if no data is
   */
  receive(bytes: Uint8Array, out: ChannelOutput): number;
  /**
   * The transport has ended, between two frames.
   *
   * @throws PQ_ERR_TRUNCATED if the peer had not ended its data before
   */
  receiveEnd(out: ChannelOutput): void;
  /** Sends data, as many records as it takes. */
  write(plaintext: Uint8Array, out: ChannelOutput): void;
  /** Says that no more data comes. */
  close(out: ChannelOutput): void;
  /** Says why the connection ends, unless our side was closed before; answers whether it did. */
  alert(alert: AlertName, out: ChannelOutput): boolean;
  /** Tells the key log about the keys in use. */
  log(out: Pick<ChannelOutput, 'keylog'>): void;
  /** The time that was asked for has come. */
  wake(out: ChannelOutput): void;
  /** Key material for the application, which both sides derive alike; undefined where the profile has none. */
  exporter: ((length: number, label: string, context: Uint8Array) => Buffer) | undefined;
  /** Wipes what it holds. */
  dispose(): void;
}
