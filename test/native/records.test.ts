/** Records at the addon's boundary: what it refuses. What it makes of the rest is test/record/record-cipher.test.ts's. */
import type { Addon } from '../../lib/native/addon.js';
import { addon } from '../../lib/native/load.js';
import { STATUS, unpackStatus } from '../../lib/native/status.js';
import { notBytes, strangeMemory } from '../crypto/not-bytes.js';

const { sealRecords, openRecords } = addon as Required<Addon>;
const DATA = 1;
const OVERHEAD = 4 + 16;
const keyAndIv = () => new Uint8Array(44).fill(7);

/** What JavaScript calls views of memory that was made smaller: for the addon they are empty. */
const IS_EMPTY = /no longer fits|tracking/;

/** Three records, of 10, 10 and 5 bytes. */
const CONTENT = Uint8Array.from({ length: 25 }, (_, i) => i + 1);
const SEALED_LENGTH = 25 + 3 * (1 + OVERHEAD);
const toSeal = (): unknown[] => [new Uint8Array(SEALED_LENGTH), keyAndIv(), CONTENT.slice(), 5, DATA, 10, 1];
const sealed = (): Uint8Array => {
  const args = toSeal();
  expect(seal(args)).toEqual(OK);
  return args[0] as Uint8Array;
};
const toOpen = (): unknown[] => [new Uint8Array(100), keyAndIv(), sealed(), 5, DATA, 10, new Uint32Array(5)];

const OK = { code: STATUS.ok, argument: 0, call: 0 };
const seal = (args: unknown[]) => unpackStatus(sealRecords(...(args as Parameters<typeof sealRecords>)));
const open = (args: unknown[]) => unpackStatus(openRecords(...(args as Parameters<typeof openRecords>)));

const CALLS = [
  { name: 'sealRecords', call: seal, right: toSeal, most: [2 ** 24, 255, 65_536, 65_537] },
  { name: 'openRecords', call: open, right: toOpen, most: [2 ** 24, 255, 2 ** 24] },
];

describe.each(CALLS)('$name', ({ call, right, most }) => {
  it('takes what is right', () => {
    expect(call(right())).toEqual(OK);
  });

  it('refuses what is not bytes, and memory that is gone or shared', () => {
    for (const at of [0, 1, 2]) {
      const bytes = right()[at] as Uint8Array;
      for (const { value } of notBytes(bytes.length)) {
        expect(call(right().with(at, value))).toEqual({ code: STATUS.wrongType, argument: at, call: 0 });
      }
      const gone = strangeMemory(bytes).filter(({ what }) => !IS_EMPTY.test(what));
      for (const { value, code } of gone) {
        const expected = code === 'PQ_ERR_SHARED_BUFFER' ? STATUS.shared : STATUS.detached;
        expect(call(right().with(at, value))).toEqual({ code: expected, argument: at, call: 0 });
      }
    }
  });

  it('refuses a key of another length, also where its memory was made smaller', () => {
    const smaller = strangeMemory(keyAndIv()).filter(({ what }) => IS_EMPTY.test(what));
    for (const key of [
      ...[0, 32, 43, 45].map((length) => new Uint8Array(length)),
      ...smaller.map(({ value }) => value),
    ]) {
      expect(call(right().with(1, key)).code).toBe(STATUS.wrongLength);
    }
  });

  it('refuses what is no whole number within its bounds', () => {
    for (const [i, bound] of most.entries()) {
      const wrong = [-1, 0.5, bound + 1, 2 ** 32, 2 ** 53, Number.NaN, Infinity, '1', 1n, null, undefined, {}, true];
      for (const value of wrong) {
        expect(call(right().with(3 + i, value))).toEqual({ code: STATUS.wrongType, argument: 3 + i, call: 0 });
      }
    }
  });

  it('refuses missing arguments', () => {
    for (let count = 0; count < right().length; count += 1) {
      expect(call(right().slice(0, count))).toEqual({ code: STATUS.wrongType, argument: count, call: 0 });
    }
  });

  it('refuses an output that lies over the key', () => {
    const [output, key] = right() as [Uint8Array, Uint8Array];
    const memory = new Uint8Array(output.length + key.length);
    memory.set(keyAndIv(), output.length - 1);
    const overlapping = [memory.subarray(0, output.length), memory.subarray(output.length - 1, output.length + 43)];
    expect(call([...overlapping, ...right().slice(2)]).code).toBe(STATUS.overlapping);
    memory.set(keyAndIv(), output.length);
    expect(call([overlapping[0], memory.subarray(output.length), ...right().slice(2)])).toEqual(OK);
  });
});

describe('sealRecords', () => {
  it('refuses an output of another length, records of no bytes and padding to nothing, and writes nothing', () => {
    for (const length of [0, SEALED_LENGTH - 1, SEALED_LENGTH + 1]) {
      const output = new Uint8Array(length);
      expect(seal(toSeal().with(0, output)).code).toBe(STATUS.wrongLength);
      expect(output.every((byte) => byte === 0)).toBe(true);
    }
    for (const at of [5, 6]) expect(seal(toSeal().with(at, 0)).code).toBe(STATUS.wrongLength);
  });

  it('refuses an output that shares a byte with the content, and takes one that lies beside it', () => {
    const memory = new Uint8Array(2 * SEALED_LENGTH + CONTENT.length);
    const output = memory.subarray(SEALED_LENGTH, 2 * SEALED_LENGTH);
    for (let at = SEALED_LENGTH - CONTENT.length; at <= 2 * SEALED_LENGTH; at += 1) {
      const content = memory.subarray(at, at + CONTENT.length);
      const isApart = at === SEALED_LENGTH - CONTENT.length || at === 2 * SEALED_LENGTH;
      const expected = isApart ? STATUS.ok : STATUS.overlapping;
      expect(seal(toSeal().with(0, output).with(2, content)).code).toBe(expected);
    }
  });
});

describe('openRecords', () => {
  it('refuses results that are no five numbers of 32 bits', () => {
    const gone = new Uint32Array(5);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    const others = [new Uint32Array(4), new Uint32Array(6), new Int32Array(5), new Float64Array(5), new Uint8Array(20)];
    for (const results of [...others, gone, [0, 0, 0, 0, 0], null, undefined, 5]) {
      expect(open(toOpen().with(6, results))).toEqual({ code: STATUS.wrongType, argument: 6, call: 0 });
    }
  });

  it('refuses an output that shares a byte with the input, unless it begins where that does', () => {
    const length = SEALED_LENGTH;
    const memory = new Uint8Array(3 * length);
    const input = memory.subarray(length, 2 * length);
    for (let at = 0; at <= 2 * length; at += 1) {
      input.set(sealed());
      const output = memory.subarray(at, at + length);
      const expected = [0, length, 2 * length].includes(at) ? STATUS.ok : STATUS.overlapping;
      expect(open(toOpen().with(0, output).with(2, input)).code).toBe(expected);
      if (expected === STATUS.ok) expect(output.subarray(0, 25)).toEqual(CONTENT);
      else expect(input).toEqual(sealed());
    }
  });

  it('opens in place into less or more than the input has', () => {
    for (const [room, records] of [
      [10, 0],
      [11, 1],
      [200, 3],
    ] as const) {
      const memory = new Uint8Array(200);
      memory.set(sealed());
      const results = new Uint32Array(5);
      const args = toOpen().with(0, memory.subarray(0, room)).with(2, memory.subarray(0, SEALED_LENGTH));
      expect(open(args.with(6, results))).toEqual(OK);
      expect(results[0]).toBe(records);
    }
  });
});
