/** An open side, and a peer that has the right keys and does with them what it likes: the model knows what follows. */
import fc from 'fast-check';
import { primitivesOf } from '../../lib/crypto/primitives.js';
import { SUITES, type SuiteName } from '../../lib/crypto/suites.js';
import { LIMITS } from '../support/channels.js';
import { anyRole } from '../support/schedules.js';
import { campaign } from './campaign.js';
import { RecordPlay } from './record-play.js';
import { standIns } from './stand-ins.js';
import { anySteps } from './steps.js';

const STREAMS = campaign.times(3000);
jest.setTimeout(campaign.times(120_000));

/** So low that a stream gets there. */
const limits = fc.record({
  emptyRecords: fc.nat(3),
  keyUpdates: fc.integer({ min: 1, max: 4 }),
  tickets: fc.nat(2),
  rekeyInterval: fc.constantFrom(1, 1000),
  rekeyLeast: fc.constantFrom(0, 10_000),
  keyRecords: fc.constantFrom(2, 2 ** 24),
});
const kems = fc.constantFrom<SuiteName | 'stand-in'>(
  'stand-in',
  'stand-in',
  'mlkem1024-mldsa87',
  'x25519mlkem1024-mldsa87',
);

it('whatever a peer seals, in whatever order, an open side does what the protocol says', () => {
  const seen = new Map<string | undefined, number>();
  let rekeyed = 0;
  const property = fc.property(anyRole, kems, limits, anySteps, (role, name, low, steps) => {
    const kem = name === 'stand-in' ? standIns().kem : primitivesOf(SUITES[name]).kem;
    const { code, rekeys } = new RecordPlay(role, kem, { ...LIMITS, ...low }).play(steps);
    seen.set(code, (seen.get(code) ?? 0) + 1);
    rekeyed += rekeys > 1 ? 1 : 0;
  });
  fc.assert(property, { numRuns: STREAMS, seed: campaign.seed });
  for (const code of CODES) expect([code, (seen.get(code) ?? 0) > STREAMS / 200]).toEqual([code, true]);
  expect(seen.size).toBe(CODES.length);
  expect(rekeyed).toBeGreaterThan(STREAMS / 100);
});

const CODES = [
  undefined,
  'PQ_ERR_ALERT',
  'PQ_ERR_BAD_RECORD',
  'PQ_ERR_DECODE',
  'PQ_ERR_FLOOD',
  'PQ_ERR_REKEY',
  'PQ_ERR_TRUNCATED',
  'PQ_ERR_UNEXPECTED_MESSAGE',
];
