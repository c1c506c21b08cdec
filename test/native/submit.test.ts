/** Requests to the addon that are no requests, or that JavaScript spoils while they are read or under way. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { OPERATION_NUMBERS } from '../../lib/native/addon.js';
import { addon } from '../../lib/native/load.js';
import { STATUS, unpackStatus } from '../../lib/native/status.js';
import { operationCounts } from '../../lib/oqs.js';
import { cloneAway } from '../crypto/not-bytes.js';
import { type AddonCall, addonCalls, inRequest, submitted } from './addon-calls.js';

const submit = addon.submit as (request?: unknown) => number;
const KEYPAIR = OPERATION_NUMBERS.kemKeypair;
const keys = () => [new Uint8Array(1568), new Uint8Array(3168)] as const;
const never = () => {
  throw new Error('done was called');
};

describe('what is not a request', () => {
  it.each([
    undefined,
    null,
    0,
    'request',
    {},
    { length: 3, 0: never, 1: KEYPAIR, 2: 0 },
    new Proxy([never, KEYPAIR, 0, ...keys()], {}),
    new Float64Array(5),
    () => 0,
  ])('is refused: %p', (request) => {
    expect(submit(request)).toBe(STATUS.wrongType);
  });

  it.each([
    ['an empty array', []],
    ['a function alone', [never]],
    ['nothing for the function', [undefined, KEYPAIR, 0, ...keys()]],
    ['a string for the function', ['done', KEYPAIR, 0, ...keys()]],
    ['a constructor-like object for the function', [{ call: never }, KEYPAIR, 0, ...keys()]],
    ['holes', new Array(5)],
    ['a thousand elements', [never, ...new Array(1000).fill(KEYPAIR)]],
    ['a length that nothing can have', Object.assign([], { length: 2 ** 32 - 1 })],
  ])('is refused: %s', (_, request) => {
    expect(submit(request)).toBe(STATUS.wrongType);
  });

  it.each<unknown>([
    Object.keys(OPERATION_NUMBERS).length,
    255,
    256,
    2 ** 32,
    -1,
    0.5,
    Number.NaN,
    '0',
    null,
    {},
    { valueOf: () => 0 },
  ])('is refused for the operation %p', (operation) => {
    expect(submit([never, operation, 0, ...keys()])).toBe(STATUS.unknownAlgorithm);
  });

  it('is refused where it ends too early', () => {
    const whole = [never, KEYPAIR, 0, ...keys()];
    expect(submit(whole.slice(0, 2))).toBe(STATUS.unknownAlgorithm);
    expect(unpackStatus(submit(whole.slice(0, 3)))).toEqual({ code: STATUS.wrongType, argument: 0, call: 0 });
    expect(unpackStatus(submit(whole.slice(0, 4)))).toEqual({ code: STATUS.wrongType, argument: 1, call: 0 });
  });

  it('is refused as a whole for its last call', () => {
    const before = operationCounts();
    const one = [KEYPAIR, 0, ...keys()];
    const status = submit([never, ...one, ...one, KEYPAIR, 0, new Uint8Array(1568), new Uint8Array(3167)]);
    expect(unpackStatus(status)).toEqual({ code: STATUS.wrongLength, argument: 1, call: 2 });
    expect(operationCounts()).toEqual(before);
  });

  it('is refused if it has five calls, or something after the fourth', async () => {
    const one = [KEYPAIR, 0, ...keys()] as const;
    expect(await submitted(...one, ...one, ...one, ...one)).toBe(STATUS.ok);
    expect(unpackStatus(submit([never, ...one, ...one, ...one, ...one, ...one])).code).toBe(STATUS.wrongType);
    const check = [OPERATION_NUMBERS.kemCheckPublicKey, 0, new Uint8Array(1568)];
    expect(unpackStatus(submit([never, ...check, ...check, ...check, ...check, ...check])).code).toBe(STATUS.wrongType);
  });
});

describe('a request with getters', () => {
  it('throws what a getter throws, and starts nothing', () => {
    for (let at = 0; at < 5; at += 1) {
      const request: unknown[] = [never, KEYPAIR, 0, ...keys()];
      Object.defineProperty(request, at, {
        get: () => {
          throw new RangeError('a getter');
        },
      });
      const before = operationCounts();
      expect(() => submit(request)).toThrow('a getter');
      expect(operationCounts()).toEqual(before);
    }
  });

  it('is not read from memory that a later getter gave away', () => {
    const [publicKey, secretKey] = keys();
    const request: unknown[] = [never, KEYPAIR, 0, publicKey, secretKey];
    Object.defineProperty(request, 4, { get: () => cloneAway(publicKey) && secretKey });
    expect(unpackStatus(submit(request))).toEqual({ code: STATUS.detached, argument: 0, call: 0 });
  });

  it('is refused if a getter makes the array shorter', () => {
    const request: unknown[] = [never, KEYPAIR, 0, ...keys()];
    Object.defineProperty(request, 1, {
      get: () => {
        request.length = 3;
        return KEYPAIR;
      },
    });
    expect(unpackStatus(submit(request))).toEqual({ code: STATUS.wrongType, argument: 0, call: 0 });
  });
});

describe('a request under way', () => {
  it('is said to have failed if an output was detached meanwhile, and writes nothing', async () => {
    const [publicKey, secretKey] = keys();
    const status = submitted(KEYPAIR, 0, publicKey, secretKey);
    const moved = structuredClone(secretKey.buffer, { transfer: [secretKey.buffer] });
    expect(await status).toBe(STATUS.detached);
    expect(new Uint8Array(moved).every((byte) => byte === 0)).toBe(true);
  });

  it('writes nothing, neither of the call that fails nor of those before and behind it', async () => {
    const calls = addonCalls();
    const verification = calls.find(({ operation }) => operation === 'sigVerify') as AddonCall;
    const wrong = { ...verification, args: verification.args.with(1, Buffer.from('another message')) };
    for (const call of calls.filter(({ outputs }) => outputs > 0)) {
      // The last argument of a handshake's turn is the transcript, which ends with what was signed.
      const last = call.args.at(-1) as Uint8Array;
      const refused = call.operation === 'handshakeAnswer' || call.operation === 'handshakeAccept';
      const args = refused ? call.args.with(-1, Uint8Array.from(last).fill(1, -100)) : call.args;
      for (const output of args.slice(0, call.outputs)) output.fill(0x55);
      const others = refused ? [] : inRequest(wrong);
      for (const request of [
        [...inRequest({ ...call, args }), ...others],
        [...others, ...inRequest({ ...call, args })],
      ]) {
        expect(unpackStatus(await submitted(...request)).code).toBe(STATUS.notVerified);
      }
      expect(args.slice(0, call.outputs).every((output) => output.every((byte) => byte === 0x55))).toBe(true);
    }
  });

  it.each<[string, unknown]>([
    ['a shorter one', new Uint8Array(3167)],
    ['a longer one', new Uint8Array(3169)],
    ['a shared one', new Uint8Array(new SharedArrayBuffer(3168))],
    ['something else', 'an output'],
    ['nothing', undefined],
  ])('is said to have failed if an output was replaced by %s', async (_, replacement) => {
    const status = await new Promise((resolve) => {
      const request: unknown[] = [resolve, KEYPAIR, 0, ...keys()];
      expect(submit(request)).toBe(STATUS.ok);
      request[4] = replacement;
    });
    expect(status).toBe(STATUS.detached);
  });

  it.each([0, 4])('keeps no other from its end if element %i becomes a getter that throws', (at) => {
    // In a process of its own: what is thrown on the event loop is uncaught.
    const script = `
      const addon = require('node-gyp-build')(process.cwd());
      const request = (name) => [(status) => console.log(name, status), ${KEYPAIR}, 0, new Uint8Array(1568), new Uint8Array(3168)];
      process.on('uncaughtException', ({ message }) => console.log(message));
      const spoilt = request('spoilt');
      addon.configurePool(1, 8);
      addon.submit(spoilt);
      Object.defineProperty(spoilt, ${at}, { get() { throw new Error('thrown'); } });
      for (const name of ['second', 'third']) addon.submit(request(name));`;
    const said = execFileSync(process.execPath, ['-e', script], { cwd: join(__dirname, '../..'), encoding: 'utf8' });
    const spoilt = at === 0 ? [] : [`spoilt ${STATUS.detached}`];
    expect(said.trim().split('\n')).toEqual(['thrown', ...spoilt, 'second 0', 'third 0']);
  });

  it('takes no notice of inputs that are detached or replaced', async () => {
    for (const call of addonCalls()) {
      const inputs = call.args.map((bytes, i) => (i < call.outputs ? bytes : Uint8Array.from(bytes)));
      const status = submitted(...inRequest({ ...call, args: inputs } as AddonCall));
      for (const bytes of inputs.slice(call.outputs)) cloneAway(bytes);
      expect(await status).toBe(STATUS.ok);
    }
  });
});

describe('the bounds of the pool', () => {
  afterEach(() => addon.configurePool(availableParallelism(), 16_384));

  it('refuse requests beyond them, and do those that were taken', async () => {
    addon.configurePool(1, 1);
    const requests = Array.from({ length: 300 }, () => submitted(KEYPAIR, 0, ...keys()));
    const statuses = await Promise.all(requests);
    expect(new Set(statuses)).toEqual(new Set([STATUS.ok, STATUS.queueFull]));
  });

  it('leave one thread at least', async () => {
    addon.configurePool(0, 16);
    expect(await submitted(KEYPAIR, 0, ...keys())).toBe(STATUS.ok);
  });

  it('let nothing wait if nothing may', async () => {
    addon.configurePool(1, 0);
    expect(await submitted(KEYPAIR, 0, ...keys())).toBe(STATUS.queueFull);
  });
});
