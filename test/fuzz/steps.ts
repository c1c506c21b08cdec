/** Steps of {@link RecordPlay}, drawn by fast-check. Most runs should come far: what ends one is drawn seldom. */
import fc from 'fast-check';
import { INNER } from './record-model.js';
import type { Step } from './record-play.js';

/** Plaintexts of all types, with contents and paddings around every limit. */
const lengths = fc.oneof(
  { arbitrary: fc.constantFrom(0, 1, 5), weight: 4 },
  { arbitrary: fc.constantFrom(36, 37, 548, 549, 1567, 1568, 1569, 65_535, 65_536), weight: 1 },
);
const paddings = fc.oneof({ arbitrary: fc.nat(3), weight: 5 }, fc.constantFrom(1000, 65_535, 65_536));
const types = fc.oneof(
  { arbitrary: fc.constant<number>(INNER.DATA), weight: 12 },
  { arbitrary: fc.constant<number>(INNER.TICKET), weight: 2 },
  { arbitrary: fc.constantFrom<number>(...Object.values(INNER)), weight: 2 },
  fc.integer({ min: 1, max: 0xff }),
);
const fill = fc.nat(0xff);
const hostile = fc.record({ do: record(), type: types, length: lengths, fill, padding: paddings });
const ticket = inner(INNER.TICKET, fc.integer({ min: 37, max: 548 }));
const data = inner(INNER.DATA, fc.nat(300));
const zeros = fc.record({
  do: record(),
  type: fc.constant(0),
  length: fc.nat(9),
  fill: fc.constant(0),
  padding: fc.nat(9),
});

const goesOn = fc.nat(15).map((n) => n > 0);
const header = fc.record({
  do: fc.constant('header' as const),
  type: fc.oneof(fc.constantFrom(0x0a, 0x10), fc.nat(0xff)),
  length: fc.constantFrom(0, 1, 2, 16, 17, 18, 65_552, 65_553, 65_554, 0xffffff),
});
const alert = fc.nat(15).map((code): Step => ({ do: 'frame', type: 0x0a, body: Uint8Array.of(code) }));

const sealedAlert = inner(INNER.ALERT, fc.nat(2), fc.nat(15));

/** A whole REKEY, from whichever side: the side under test does its part when data is written, or when it is asked. */
const exchange: Step[] = [
  { do: 'wait', amount: 10_000 },
  { do: 'write', amount: 1 },
  { do: 'rekey', goesOn: true },
  { do: 'done', goesOn: true },
];
const amounts = fc.constantFrom(1, 10, 999, 10_000, 60_000);

const step = fc.oneof(
  { arbitrary: data, weight: 30 },
  { arbitrary: fc.record({ do: fc.constantFrom('write' as const, 'wait' as const), amount: amounts }), weight: 30 },
  { arbitrary: fc.record({ do: fc.constant('update' as const), goesOn }), weight: 20 },
  { arbitrary: fc.record({ do: fc.constantFrom('rekey' as const, 'done' as const), goesOn }), weight: 8 },
  { arbitrary: fc.record({ do: fc.constant('wake' as const) }), weight: 10 },
  { arbitrary: ticket, weight: 2 },
  { arbitrary: hostile, weight: 6 },
  { arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'end' as const) }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constantFrom('replayed' as const, 'skipped' as const) }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('forged' as const), bit: fc.nat(1000) }), weight: 1 },
  { arbitrary: header, weight: 1 },
  { arbitrary: alert, weight: 1 },
  { arbitrary: sealedAlert, weight: 1 },
  { arbitrary: zeros, weight: 1 },
);

/** Up to 40 steps, and more where a REKEY is among them. */
export const anySteps: fc.Arbitrary<Step[]> = fc
  .array(fc.oneof({ arbitrary: step.map((one): Step[] => [one]), weight: 8 }, fc.constant(exchange)), {
    maxLength: 40,
    size: 'max',
  })
  .map((parts) => parts.flat());

function record() {
  return fc.constant('record' as const);
}

function inner(type: number, length: fc.Arbitrary<number>, content = fill): fc.Arbitrary<Step> {
  return fc.record({ do: record(), type: fc.constant(type), length, fill: content, padding: fc.constant(0) });
}
