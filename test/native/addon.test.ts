/** The addon's own functions, without lib/crypto/ in front of them. */
import { OPERATION_NUMBERS } from '../../lib/native/addon.js';
import { addon } from '../../lib/native/load.js';
import { STATUS, unpackStatus } from '../../lib/native/status.js';
import { Kem, Sig } from '../../lib/oqs.js';
import { notBytes, strangeMemory } from '../crypto/not-bytes.js';
import { type AddonCall, addonCalls, inRequest, submitted } from './addon-calls.js';

const NO_ALGORITHMS: unknown[] = [6, 255, 256, 2 ** 32, -1, 0.5, NaN, Infinity, '0', null, undefined, 0n, {}, []];
/** By what the names of their operations begin with. */
const ROWS = { kem: [0, 1], sig: [2, 3], handshake: [4, 5] };
const CALLS = addonCalls();
const allRows = Array.from({ length: CALLS.length }, (_, i) => i);
const rowsOf = (titled: RegExp) => allRows.filter((i) => titled.test((CALLS[i] as AddonCall).title));

describe.each(CALLS.map(({ title }, row) => ({ title, row })))('$title', ({ row }) => {
  let call: AddonCall;
  beforeEach(() => {
    call = addonCalls()[row] as AddonCall;
  });

  it('takes arguments of the lengths in lib/crypto/suites.ts, and writes each output', async () => {
    expect(inline(call)).toBe(STATUS.ok);
    for (const bytes of call.args.slice(0, call.outputs)) expect(isZero(bytes)).toBe(false);
    for (const bytes of call.args.slice(0, call.outputs)) bytes.fill(0);
    expect(await submitted(...inRequest(call))).toBe(STATUS.ok);
    for (const bytes of call.args.slice(0, call.outputs)) expect(isZero(bytes)).toBe(false);
  });

  it('refuses a byte more and a byte less, and says at which argument', async () => {
    for (const [at, bytes] of call.args.entries()) {
      if (call.lengthFixed[at] !== true) continue;
      for (const length of [0, bytes.length - 1, bytes.length + 1]) {
        await expectRefused(withArgument(call, at, new Uint8Array(length)), STATUS.wrongLength, at);
      }
    }
  });

  it('refuses what is not bytes at each argument, and missing arguments', async () => {
    for (const [at, bytes] of call.args.entries()) {
      for (const { value } of notBytes(bytes.length)) {
        await expectRefused(withArgument(call, at, value), STATUS.wrongType, at);
      }
      await expectRefused(withArgument(call, at, undefined as never), STATUS.wrongType, at);
      await expectRefused({ ...call, args: call.args.slice(0, at) }, STATUS.wrongType, at);
    }
  });

  it('refuses detached and shared memory at each argument', async () => {
    const codes: Record<string, number> = {
      PQ_ERR_DETACHED_BUFFER: STATUS.detached,
      PQ_ERR_SHARED_BUFFER: STATUS.shared,
    };
    for (const [at, bytes] of call.args.entries()) {
      // An empty view of a resized buffer is empty for the addon; lib/crypto/operation.ts refuses it.
      const wrong = strangeMemory(bytes.length === 0 ? new Uint8Array(9) : bytes).filter(
        ({ what }) => !/no longer fits|tracking/.test(what),
      );
      for (const { value, code } of wrong) {
        await expectRefused(withArgument(call, at, value), codes[code] as number, at);
      }
    }
  });

  it('refuses a number that is no algorithm, and the algorithms of other kinds', async () => {
    const others = CALLS.map(({ algorithm }) => algorithm).filter((row) => !ROWS[familyOf(call)].includes(row));
    for (const algorithm of [...others, ...NO_ALGORITHMS]) {
      await expectRefused({ ...call, algorithm: algorithm as number }, STATUS.unknownAlgorithm, 0);
    }
    expect(() => inline({ ...call, algorithm: Symbol('0') as never })).not.toThrow();
  });
});

it.each(rowsOf(/kemEncapsulate|kemCheckPublicKey/))('a public key of ones is refused: call %i', async (row) => {
  const call = addonCalls()[row] as AddonCall;
  const at = call.args.length - 1;
  const status = unpackStatus(await submitted(...inRequest(withArgument(call, at, new Uint8Array(1568).fill(255)))));
  expect(status).toEqual({ code: STATUS.badPublicKey, argument: at, call: 0 });
});

it('knows all algorithms of the package', () => {
  const known = new Set(CALLS.map(({ algorithm }) => algorithm));
  expect(known.size).toBe(Object.values(ROWS).flat().length);
  expect(ROWS.kem.length + ROWS.sig.length).toBe(Kem.algorithms.length + Sig.algorithms.length);
  expect(new Set(CALLS.map(({ operation }) => operation)).size).toBe(Object.keys(OPERATION_NUMBERS).length);
});

describe('configurePool', () => {
  it('leaves the bounds as they are for all that is no number', async () => {
    const configure = addon.configurePool as (...values: unknown[]) => unknown;
    const unreadable = { valueOf: never, toString: never };
    for (const value of [Symbol('1'), 1n, '1', null, undefined, {}, unreadable]) {
      expect(configure(value, 0)).toBeUndefined();
      expect(configure(1, value)).toBeUndefined();
    }
    expect(configure()).toBeUndefined();
    expect(await submitted(...inRequest(addonCalls()[0] as AddonCall))).toBe(STATUS.ok);
  });
});

describe('operationCounts', () => {
  it('fills in as many counts as there is room for', () => {
    const [all, two, many] = [new Float64Array(5), new Float64Array(2), new Float64Array(7).fill(-1)];
    for (const counts of [all, two, many, new Float64Array(0)]) addon.operationCounts(counts);
    expect([...two]).toEqual([...all.subarray(0, 2)]);
    expect([...many]).toEqual([...all, -1, -1]);
  });

  it('leaves everything else as it is', () => {
    const call = addon.operationCounts as (into?: unknown) => unknown;
    const arrays = [new Uint8Array(5), new Float32Array(10), new BigUint64Array(5), new DataView(new ArrayBuffer(40))];
    for (const value of [...arrays, undefined, null, 5, {}, [], 'counts']) expect(call(value)).toBeUndefined();
    expect(arrays.every(({ buffer }) => isZero(new Uint8Array(buffer)))).toBe(true);
  });
});

function familyOf({ operation }: AddonCall): keyof typeof ROWS {
  return (Object.keys(ROWS) as (keyof typeof ROWS)[]).find((family) => operation.startsWith(family)) ?? 'kem';
}

function inline({ operation, algorithm, args }: AddonCall): number {
  return addon[operation](algorithm, ...args);
}

async function expectRefused(call: AddonCall, code: number, argument: number): Promise<void> {
  const status = { code, argument, call: 0 };
  expect(unpackStatus(inline(call))).toEqual(status);
  expect(unpackStatus(await submitted(...inRequest(call)))).toEqual(status);
}

function withArgument(call: AddonCall, at: number, value: Uint8Array): AddonCall {
  return { ...call, args: call.args.with(at, value) };
}

function never(): never {
  throw new Error('a value was read');
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
