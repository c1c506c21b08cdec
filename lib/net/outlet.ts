/** What a connection sends, on its way into the transport, and the memory for it. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { EMPTY } from '../bytes.js';

export interface OutletEvents {
  /** Seals a piece of the write that is under way, and has it sent. */
  seal(piece: Uint8Array): void;
  /** All of it was sent, and the transport takes more; or what `seal` has thrown. */
  done(error?: Error): void;
}

/** Bytes of data that are sealed before the transport is asked whether it takes more. */
const PIECE = 131_072;

/** A piece, in records of 1 KiB and more. */
const BLOCK = PIECE + 4096;

/** Less is not worth a block: a peer that reads slowly would have one for each message. */
const LITTLE = 8192;

/** Blocks that nobody uses, of this thread: seldom more than one, as the kernel mostly takes all at once. */
const idle: Uint8Array[] = [];
const IDLE_MAX = 8;

export class Outlet {
  readonly #transport: Duplex;
  readonly #events: OutletEvents;
  /** Whether it is a socket of Node's, which copies what it is given into the kernel and never answers meanwhile. */
  readonly isSocket: boolean;
  /** Whether 'drain' is to be waited for. */
  #full = false;
  /** What of the write that is under way has not been sealed yet; undefined if there is none. */
  #unsealed: Uint8Array | undefined;
  /** The block that was asked for last, as long as the kernel has not taken all of it. */
  #block: Uint8Array | undefined;

  constructor(transport: Duplex, events: OutletEvents) {
    this.#transport = transport;
    this.#events = events;
    this.isSocket = Object.getPrototypeOf(transport) === Socket.prototype;
    transport.on('drain', () => {
      this.#full = false;
      this.#giveBack();
      if (this.#unsealed !== undefined) this.#goOn();
    });
  }

  /** Seals a write piece by piece, as the transport takes it: a long one is not there twice. */
  write(chunk: Uint8Array): void {
    this.#unsealed = chunk;
    this.#goOn();
  }

  /** Forgets the write that is under way. */
  stop(): void {
    this.#unsealed = undefined;
  }

  /** Memory for what is sent next. What waits in the transport is still read by the kernel, and is not given out. */
  room(length: number): Uint8Array {
    if (!this.isSocket || length < LITTLE || length > BLOCK || this.#transport.writableLength > 0) {
      return Buffer.allocUnsafe(length);
    }
    this.#block ??= idle.pop() ?? Buffer.allocUnsafeSlow(BLOCK);
    return this.#block.subarray(0, length);
  }

  /** Sends parts. Nothing is read meanwhile: over a transport in memory the peer would answer within the call. */
  send(parts: readonly Uint8Array[]): void {
    const transport = this.#transport;
    if (!this.isSocket) transport.pause();
    if (parts.length > 1) transport.cork();
    for (const part of parts) this.#full = !transport.write(part);
    if (parts.length > 1) transport.uncork();
    this.#giveBack();
  }

  /** What the kernel took at once is done with, although 'drain' is still to come. */
  #giveBack(): void {
    if (!this.isSocket || this.#transport.writableLength > 0) return;
    this.#full = false;
    if (this.#block === undefined) return;
    if (idle.length < IDLE_MAX) idle.push(this.#block);
    this.#block = undefined;
  }

  #goOn(): void {
    let failure: Error | undefined;
    try {
      for (let rest = this.#unsealed ?? EMPTY; rest.length > 0 && !this.#full; rest = this.#unsealed ?? EMPTY) {
        this.#unsealed = rest.subarray(PIECE);
        this.#events.seal(rest.subarray(0, PIECE));
      }
    } catch (error) {
      failure = error as Error;
    }
    if (this.#full && failure === undefined) return;
    this.stop();
    this.#events.done(failure);
  }
}
