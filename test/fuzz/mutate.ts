/** Changes of bytes, without any regard to what they mean. */

/** Numbers that follow from a seed: xorshift32. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** 0 to `below` − 1. */
  roll(below: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % Math.max(1, below);
  }

  /** One of a list that isn't empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.roll(list.length)] as T;
  }
}

/** Borders of lengths and counts. */
const NUMBERS = [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 254, 255];

type Change = (bytes: Buffer, dice: Dice, others: readonly Uint8Array[], words: readonly Uint8Array[]) => Uint8Array;

const CHANGES: readonly Change[] = [
  (bytes, dice) => set(bytes, dice, (old) => old ^ (1 << dice.roll(8))),
  (bytes, dice) => set(bytes, dice, (old) => old + dice.roll(9) - 4),
  (bytes, dice) => set(bytes, dice, () => dice.pick(NUMBERS)),
  (bytes, dice) => set(bytes, dice, () => dice.roll(256)),
  (bytes, dice) => cut(bytes, dice.roll(bytes.length), 1 + dice.roll(dice.pick([2, 8, 64])), []),
  (bytes, dice) => bytes.subarray(0, dice.roll(bytes.length + 1)),
  grow,
  (bytes, dice) =>
    cut(bytes, dice.roll(bytes.length + 1), 0, [randomBytes(dice, 1 + dice.roll(dice.pick([2, 8, 64])))]),
  (bytes, dice, _others, words) => cut(bytes, dice.roll(bytes.length + 1), 0, words.length ? [dice.pick(words)] : []),
  (bytes, dice, _others, words) => overwrite(bytes, dice, words.length ? dice.pick(words) : bytes),
  (bytes, dice) => cut(bytes, dice.roll(bytes.length + 1), 0, [piece(bytes, dice)]),
  (bytes, dice, others) => cut(bytes, dice.roll(bytes.length + 1), 0, [piece(dice.pick(others), dice)]),
  (bytes, dice, others) => overwrite(bytes, dice, piece(dice.pick(others), dice)),
  (bytes, dice, others) => {
    const other = dice.pick(others);
    return Buffer.concat([bytes.subarray(0, dice.roll(bytes.length + 1)), other.subarray(dice.roll(other.length + 1))]);
  },
];

/** Another input, from one of the corpus. */
export function mutate(
  input: Uint8Array,
  dice: Dice,
  corpus: readonly Uint8Array[],
  words: readonly Uint8Array[],
  longest: number,
): Uint8Array {
  let bytes: Uint8Array = input;
  for (let changes = 1 << dice.roll(4); changes > 0; changes -= 1) {
    bytes = dice.pick(CHANGES)(Buffer.from(bytes), dice, corpus, words).subarray(0, longest);
  }
  return bytes;
}

function set(bytes: Buffer, dice: Dice, change: (old: number) => number): Buffer {
  const at = dice.roll(bytes.length);
  if (bytes.length > 0) bytes[at] = change(bytes[at] as number);
  return bytes;
}

/** A count or a length one or two higher, and as many bytes more behind it. */
function grow(bytes: Buffer, dice: Dice): Buffer {
  const at = dice.roll(bytes.length);
  const more = 1 + dice.roll(2);
  if (bytes.length > 0) bytes[at] = (bytes[at] as number) + more;
  return cut(bytes, at + 1 + dice.roll(16), 0, [randomBytes(dice, more)]);
}

function cut(bytes: Buffer, at: number, length: number, put: readonly Uint8Array[]): Buffer {
  return Buffer.concat([bytes.subarray(0, at), ...put, bytes.subarray(at + length)]);
}

function overwrite(bytes: Buffer, dice: Dice, put: Uint8Array): Buffer {
  const at = dice.roll(bytes.length);
  bytes.set(put.subarray(0, bytes.length - at), at);
  return bytes;
}

function piece(bytes: Uint8Array, dice: Dice): Uint8Array {
  const at = dice.roll(bytes.length);
  return bytes.subarray(at, at + 1 + dice.roll(bytes.length - at));
}

function randomBytes(dice: Dice, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => dice.roll(256));
}
