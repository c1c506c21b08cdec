/** Frames cut out of a stream; the bodies of hellos and alerts. Each against another implementation. */
import assert from 'node:assert/strict';
import { alertReceived } from '../../../lib/wire/alert.js';
import { FrameDecoder } from '../../../lib/wire/frame-decoder.js';
import { emitClientHello, emitServerHello, parseClientHello, parseServerHello } from '../../../lib/wire/hello.js';
import { outcomeOf } from '../../support/outcome.js';
import { isClientHello, isServerHello } from '../hello-form.js';
import type { Target } from '../target.js';

const RANDOM = new Uint8Array(32).fill(7);

/** The first byte says what the others are for. */
const KINDS: readonly ((bytes: Buffer) => void)[] = [
  (body) => hello(body, isServerHello(body, false), () => emitServerHello(parseServerHello(body))),
  (body) => hello(body, isClientHello(body, false), () => emitClientHello(parseClientHello(body))),
  alert,
  frames,
];

export const decoders: Target = {
  name: 'decoders',
  words: [Buffer.from('PQSK'), Uint8Array.of(0, 0, 0, 0), Uint8Array.of(4, 0), Uint8Array.of(4, 1), Uint8Array.of(8)],
  seeds: () => {
    const publicKey = new Uint8Array(3);
    const extensions = [
      { type: 1, data: new Uint8Array(2) },
      { type: 7, data: new Uint8Array(0) },
    ];
    const offer = { versions: [1, 9], random: RANDOM, suites: [1, 2, 3], keys: [{ sigalg: 5, publicKey }], extensions };
    const full = { ...offer, versions: upTo(8), suites: upTo(8), keys: upTo(4).map(unknownKey) };
    const most = [
      full,
      { ...full, versions: upTo(9) },
      { ...full, suites: upTo(9) },
      { ...full, keys: upTo(5).map(unknownKey) },
    ];
    const several = {
      ...offer,
      keys: [5, 6, 5].map((sigalg, i) => ({ sigalg, publicKey: Uint8Array.of(i) })),
      extensions: [{ type: 2, data: new Uint8Array(0) }],
    };
    const choice = { version: 1, suite: 1, random: RANDOM, mode: 0, key: publicKey, extensions };
    return [
      Buffer.concat([Uint8Array.of(0), emitServerHello(offer)]),
      // As much of everything as there may be, and one more.
      ...most.map((hello) => Buffer.concat([Uint8Array.of(0), emitServerHello(hello)])),
      Buffer.concat([Uint8Array.of(0), emitServerHello(several)]),
      Buffer.concat([Uint8Array.of(1), emitClientHello(choice)]),
      Buffer.concat([
        Uint8Array.of(1),
        emitClientHello({ ...choice, extensions: [{ type: 2, data: Uint8Array.of(2) }] }),
      ]),
      ...[1020, 1021].map((length) => {
        const long = [{ type: 9, data: new Uint8Array(length) }];
        return Buffer.concat([Uint8Array.of(1), emitClientHello({ ...choice, extensions: long })]);
      }),
      Uint8Array.of(2, 6),
      Buffer.concat([Uint8Array.of(3, 5, 1, 200), Uint8Array.of(1, 0, 0, 2, 9, 9, 2, 0, 0, 0, 3, 0, 0, 1, 9)]),
    ];
  },
  run: ([kind = 0, ...rest]) => (KINDS[kind % KINDS.length] as (bytes: Buffer) => void)(Buffer.from(rest)),
};

function unknownKey(number: number): { sigalg: number; publicKey: Uint8Array } {
  return { sigalg: 2 + number, publicKey: new Uint8Array(0) };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** Taken if, and only if, it has the form; and then it is what would be emitted. */
function hello(body: Buffer, right: boolean, again: () => Uint8Array): void {
  const emitted = outcomeOf(again);
  assert.equal(emitted !== 'PQ_ERR_DECODE', right, 'whether a hello is taken');
  if (right) assert.deepEqual(Buffer.from(emitted), body);
}

function alert(body: Buffer): void {
  const [code = 0] = body;
  const known = body.length === 1 && code >= 1 && code <= 13;
  const name = outcomeOf(() => alertReceived(body).alert);
  assert.equal(name !== undefined && name !== 'PQ_ERR_DECODE', known);
}

/** Three sizes of chunks, and a stream: cut as it comes, it gives the frames that all of it would give. */
function frames(bytes: Buffer): void {
  const sizes = [...bytes.subarray(0, 3)].map((size) => size + 1);
  const stream = bytes.subarray(3);
  const decoder = new FrameDecoder();
  const found: string[] = [];
  for (let at = 0, i = 0; at < stream.length; i += 1) {
    const size = sizes[i % sizes.length] as number;
    const chunk = Uint8Array.from(stream.subarray(at, at + size));
    decoder.push(chunk);
    at += size;
    for (let next = decoder.next(bodyLength); next !== undefined; next = decoder.next(bodyLength)) {
      found.push(Buffer.concat([next.header, next.body]).toString('hex'));
    }
    const isLent = size % 2 === 0;
    decoder.settle(isLent);
    if (isLent) chunk.fill(0xee); // somebody else's again
  }
  const expected: string[] = [];
  let at = 0;
  while (at + 4 <= stream.length && at + 4 + bodyLength(stream.subarray(at)) <= stream.length) {
    const end = at + 4 + bodyLength(stream.subarray(at));
    expected.push(stream.toString('hex', at, end));
    at = end;
  }
  const rest = stream.length - at;
  assert.deepEqual(found, expected);
  assert.equal(decoder.buffered, rest);
  assert.equal(decoder.atBoundary, rest === 0);
}

function bodyLength(header: Uint8Array): number {
  return (header[3] ?? 0) + 256 * ((header[2] ?? 0) % 16);
}
