/** An open connection of the hardened profile: the bytes are a list of what a peer with the right keys does. */
import { connectionLimits } from '../../../lib/net/limits.js';
import { INNER } from '../record-model.js';
import { RecordPlay, type Step } from '../record-play.js';
import { SHORT, standIns } from '../stand-ins.js';
import type { Target } from '../target.js';

/** So low that a list of steps gets there. */
const LIMITS = {
  ...connectionLimits('client', { emptyRecords: 3, keyUpdates: 3, tickets: 2, rekeyInterval: 1000, keyRecords: 5 }),
  padding: 1,
  maxRecordSize: 100,
};

/** What a byte can mean as a length: itself, or from the end of its range a border. */
const LENGTHS = [36, 37, 548, 549, 65_535, 65_536, 65_537, SHORT - 1, SHORT, SHORT + 1, 17, 18, 65_552, 65_553, 65_554];
const TIMES = [1, 999, 1000, 9_999, 10_000, 59_999, 60_000, 3_600_000];

/** How each kind of step is read; a byte says which. */
const KINDS: readonly ((next: () => number) => Step)[] = [
  (next) => ({ do: 'record', type: next() % 10, length: lengthOf(next()), fill: next(), padding: 0 }),
  (next) => ({ do: 'record', type: next(), length: lengthOf(next()), fill: next(), padding: lengthOf(next()) }),
  (next) => ({ do: 'update', goesOn: next() % 8 > 0 }),
  (next) => ({ do: 'rekey', goesOn: next() % 8 > 0 }),
  (next) => ({ do: 'done', goesOn: next() % 8 > 0 }),
  (next) => ({ do: 'forged', bit: next() }),
  () => ({ do: 'replayed' }),
  () => ({ do: 'skipped' }),
  (next) => ({ do: 'frame', type: next(), body: Buffer.alloc(next() % 40, next()) }),
  (next) => ({ do: 'header', type: next(), length: lengthOf(next()) }),
  (next) => ({ do: 'write', amount: next() }),
  (next) => ({ do: 'wait', amount: TIMES[next() % TIMES.length] as number }),
  () => ({ do: 'wake' }),
  () => ({ do: 'close' }),
  () => ({ do: 'end' }),
];

const [WRITE, WAIT, WAKE, CLOSE, END] = [10, 11, 12, 13, 14] as const;
const DATA = [0, INNER.DATA, 5, 0x64];
const REKEY = [WAIT, 4, WRITE, 1, 3, 1, 4, 1];

export const records: Target = {
  name: 'records',
  words: [
    ...[DATA, REKEY, [2, 1], [WAKE], [0, INNER.TICKET, 40, 1], [0, INNER.CLOSE, 0, 0]].map((bytes) =>
      Uint8Array.from(bytes),
    ),
    ...LENGTHS.map((_, i) => Uint8Array.of(256 - LENGTHS.length + i)),
  ],
  seeds: () =>
    [0, 1].flatMap((role) =>
      [
        [role, ...DATA, 2, 1, ...DATA, WRITE, 9, CLOSE, 0, INNER.CLOSE, 0, 0, END],
        [role, ...DATA, ...REKEY, ...DATA, ...REKEY, ...DATA, 3, 1, WAIT, 4, WAKE, 4, 1, ...DATA],
        [role, 0, INNER.TICKET, 40, 1, 0, INNER.ALERT, 1, 2],
        [role, WRITE, 200, 8, 0x0a, 1, 3],
      ].map((bytes) => Uint8Array.from(bytes)),
    ),
  run: (input) => {
    const role = (input[0] ?? 0) % 2 === 0 ? 'server' : 'client';
    new RecordPlay(role, standIns().kem, LIMITS).play(stepsOf(input.subarray(1)));
  },
};

/** At most so many steps: a run is to be short. */
const STEPS = 100;

function stepsOf(bytes: Uint8Array): Step[] {
  let at = 0;
  const next = () => bytes[at++] ?? 0;
  const steps: Step[] = [];
  while (at < bytes.length && steps.length < STEPS) {
    steps.push((KINDS[next() % KINDS.length] as (typeof KINDS)[number])(next));
  }
  return steps;
}

function lengthOf(byte: number): number {
  return byte < 256 - LENGTHS.length ? byte : (LENGTHS[byte - 256 + LENGTHS.length] as number);
}
