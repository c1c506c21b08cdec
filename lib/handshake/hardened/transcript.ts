/**
 * Everything that both sides have said, in a hash. Signatures and MACs cover it, so that no byte of the handshake can
 * be changed, left out or put in without both sides noticing. PROTOCOL.md, "Transcript".
 */
import { ascii, concat, EMPTY } from '../../bytes.js';
import { RunningSha512 } from '../../crypto/hash.js';

const START = ascii('pqsock1 transcript\0');
const SIGNED_PADDING = new Uint8Array(64).fill(0x20);

/** What each side signs: the role's label, and the transcript up to that point. */
const SIGNATURE_LABELS = { client: 'pqsock1 client auth', server: 'pqsock1 server auth' } as const;

/** Of all transcripts of this thread, as long as the longest: 18 KB for each would be what fills the heap first. */
let piece: Uint8Array = EMPTY;

export class Transcript {
  readonly #parts: Uint8Array[];
  /** Native code hashes by itself: this is made once it is asked for, and behind by those parts. */
  #hash: RunningSha512 | undefined;
  #hashed = 0;

  /** @param prologue what the application calls its protocol; 0 to 255 bytes, not sent */
  constructor(prologue: Uint8Array) {
    this.#parts = [START, Uint8Array.of(prologue.length), prologue];
  }

  /** Adds a frame, in parts: header and body. They must not be changed afterwards. */
  add(...frame: Uint8Array[]): void {
    this.#parts.push(...frame);
  }

  /** All of it so far, in one piece. It is there until any transcript is asked for the same. */
  bytes(): Uint8Array {
    const length = this.#parts.reduce((sum, part) => sum + part.length, 0);
    if (piece.length < length) piece = new Uint8Array(length);
    let at = 0;
    for (const part of this.#parts) {
      piece.set(part, at);
      at += part.length;
    }
    return piece.subarray(0, length);
  }

  /** The hash of all frames so far, 64 bytes. */
  hash(): Buffer {
    this.#hash ??= new RunningSha512();
    this.#hash.add(...this.#parts.slice(this.#hashed));
    this.#hashed = this.#parts.length;
    return this.#hash.digest();
  }

  /** What a role signs about all frames so far: 148 bytes, which no other protocol signs. */
  signedBy(role: keyof typeof SIGNATURE_LABELS): Uint8Array {
    return signingInput(SIGNATURE_LABELS[role], this.hash());
  }
}

/** What is given to the signature algorithm. The label says what for: no signature passes for another. */
export function signingInput(label: string, content: Uint8Array): Uint8Array {
  return concat(SIGNED_PADDING, ascii(`${label}\0`), content);
}
