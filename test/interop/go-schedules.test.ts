/** Whatever both applications do at once, and however CLOSE crosses what else is sent: all data arrives, and the keys agree. */
import { createHash, randomBytes } from 'node:crypto';
import { SUITES as ALL } from '../../lib/crypto/suites.js';
import type { SuiteName } from '../../lib/index.js';
import type { Role } from '../../lib/record/channel.js';
import type { GoConnection, GoPair } from '../support/go-pair.js';
import { describeWithPrograms } from '../support/requirements.js';
import { drainBytes, type Sum, sumOf, takeBytes } from '../support/take-bytes.js';
import { useGoPeer } from '../support/use-go-peer.js';

const SUITES = Object.keys(ALL) as SuiteName[];
const ROLES: Role[] = ['client', 'server'];
const CASES = SUITES.flatMap((suite) => ROLES.map((role) => ({ suite, role })));
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const HOUR = 3_600_000;
/** One of ours that asks for new keys whenever it may. */
const EAGER = { rekeyInterval: 1, rekeyLeast: 0 };
const NEVER = { rekeyInterval: HOUR, rekeyLeast: 0 };

describeWithPrograms(__filename, 'with a second implementation', () => {
  const { open } = useGoPeer();
  const reached = { rekeys: 0, updatesByGo: 0, updatesByUs: 0 };

  describe.each(CASES)('with $suite, ours the $role', ({ suite, role }) => {
    it.each(SEEDS)('everything arrives, schedule %i', async (seed) => {
      const random = numbers(seed);
      const limits = { ...(role === 'client' ? EAGER : NEVER), keyRecords: 3 + random(10) };
      const pair = await open({
        suite,
        role,
        ours: { limits, maxRecordSize: 1 + random(3000), padding: 1 + random(100) },
        go: { rekeyLeast: 0, pieces: random(3) * 700 },
      });
      const [read, readByGo] = [drainBytes(pair.ours), pair.go.drain()];
      const [ours, theirs] = await Promise.all([actAsUs(pair, random), actAsGo(pair.go, numbers(-seed), role)]);
      const [got, goGot] = await Promise.all([read, readByGo, endBoth(pair, random(3))]);
      expect(goGot).toEqual({ ...ours, end: 'close' });
      expect(got).toEqual(theirs);
      expect(await pair.go.outcome()).toEqual({ end: 'close' });
      await expectSameKeys(pair);
      const { sent, received, rekeys } = (await pair.go.do('keys')) as Record<string, number>;
      reached.rekeys += rekeys ?? 0;
      reached.updatesByGo += (sent ?? 0) - (rekeys ?? 0);
      reached.updatesByUs += (received ?? 0) - (rekeys ?? 0);
    });
  });

  it('the schedules have reached what they are for', () => {
    for (const times of Object.values(reached)) expect(times).toBeGreaterThan(3 * SEEDS.length);
  });

  describe.each(SUITES)('with %s', (suite) => {
    /** Ours is a client whose second REKEY_INIT waits for an answer. */
    async function asked(): Promise<GoPair> {
      const pair = await open({ suite, role: 'client', ours: { limits: EAGER }, go: { rekeyLeast: HOUR } });
      do await roundTrip(pair);
      while ((await pair.go.do('keys'))['rekey'] !== 'asked');
      return pair;
    }

    it('its CLOSE right behind REKEY_RESP leaves our direction with new keys', async () => {
      const pair = await asked();
      await pair.go.do('answer', { close: true });
      await drainBytes(pair.ours);
      expect(await lastWordIsOurs(pair)).toMatchObject({ rekeys: 2 });
    });

    it('its CLOSE drops our REKEY_INIT, and our direction goes on', async () => {
      const pair = await asked();
      await pair.go.do('close');
      await drainBytes(pair.ours);
      expect(await lastWordIsOurs(pair)).toMatchObject({ rekeys: 1 });
    });

    it('our CLOSE drops our REKEY_INIT, and its direction goes on', async () => {
      const pair = await asked();
      pair.ours.end();
      expect((await pair.go.drain()).end).toBe('close');
      expect(await lastWordIsTheirs(pair)).toMatchObject({ rekeys: 1 });
    });

    it('its CLOSE behind REKEY_INIT or REKEY_DONE ends its direction, and ours goes on', async () => {
      for (const between of [0, 1]) {
        const pair = await open({ suite, role: 'server' });
        await pair.go.do('startRekey', { close: between === 0 });
        if (between === 1) {
          await roundTrip(pair);
          await pair.go.do('close', { fin: false });
        }
        await drainBytes(pair.ours);
        const { sent, received } = await lastWordIsOurs(pair);
        expect(sent).toBe(between);
        if (between === 1) expect(received).toBe(1);
      }
    });

    it('our CLOSE drops its REKEY_INIT, or comes behind REKEY_RESP, and its direction goes on', async () => {
      for (const between of [0, 1]) {
        const pair = await open({ suite, role: 'server' });
        await pair.go.do('startRekey');
        if (between === 1) await roundTrip(pair);
        pair.ours.end();
        expect((await pair.go.drain()).end).toBe('close');
        const { sent, received } = await lastWordIsTheirs(pair);
        expect(sent).toBe(received);
        if (between === 1) expect(sent).toBe(1);
      }
    });
  });
});

/** Writes, with pauses, and gives length and hash of it. */
async function actAsUs({ ours }: GoPair, random: Numbers): Promise<Sum> {
  const parts: Buffer[] = [];
  for (let action = 10 + random(10); action > 0; action--) {
    const data = randomBytes(random(2) * random(20_000) + random(50));
    parts.push(data);
    ours.write(data);
    if (random(2) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return sumOf(...parts);
}

/** Sends, updates and renews keys. */
async function actAsGo(go: GoConnection, random: Numbers, ours: Role): Promise<Sum> {
  const parts: Buffer[] = [];
  let renewing: Promise<unknown> | undefined;
  for (let action = 20 + random(10); action > 0; action--) {
    const kind = random(5);
    if (kind === 0) await go.do('keyUpdate', { padding: random(100) });
    else if (kind === 1 && ours === 'server') {
      await renewing;
      renewing = go.do('rekey');
    } else {
      const data = randomBytes(1 + random(2) * random(20_000) + random(50));
      parts.push(data);
      await go.send(data, { padding: random(2) * random(500), recordSize: 1 + random(5000) });
    }
  }
  await renewing;
  return sumOf(...parts);
}

/** Ends ours first, theirs first, or both at once. */
async function endBoth({ ours, go }: GoPair, order: number): Promise<void> {
  if (order === 0) ours.end();
  await go.do('close');
  ours.end();
}

/** Some bytes each way, its own first: what it has sent before was then taken, and so was what we answered to that. */
async function roundTrip({ ours, go }: GoPair): Promise<void> {
  await go.send(Buffer.from('there'));
  expect(String(await takeBytes(ours, 5))).toBe('there');
  ours.write('back');
  expect(String(await go.receive(4))).toBe('back');
}

/** After the other's CLOSE: our data arrives, then our CLOSE. Gives its counts of keys. */
async function lastWordIsOurs(pair: GoPair): Promise<Record<string, unknown>> {
  const data = randomBytes(5000);
  pair.ours.write(data);
  pair.ours.end();
  expect(await pair.go.drain()).toEqual({ ...sumOf(data), end: 'close' });
  return ended(pair);
}

async function lastWordIsTheirs(pair: GoPair): Promise<Record<string, unknown>> {
  const data = randomBytes(5000);
  await pair.go.do('keyUpdate');
  await pair.go.send(data);
  await pair.go.do('close');
  expect(await drainBytes(pair.ours)).toEqual(sumOf(data));
  const { sent, ...rest } = await ended(pair);
  return { sent: (sent as number) - 1, ...rest };
}

async function ended(pair: GoPair): Promise<Record<string, unknown>> {
  expect(await pair.go.outcome()).toEqual({ end: 'close' });
  await expectSameKeys(pair);
  return pair.go.do('keys');
}

/** Every traffic secret of both directions, as both sides wrote them down. */
async function expectSameKeys({ go, keyLog }: GoPair): Promise<void> {
  expect(keyLog.toSorted()).toEqual(await go.keyLog());
}

type Numbers = (below: number) => number;

/** Whole numbers below a bound, always the same for a seed. */
function numbers(seed: number): Numbers {
  let state = seed;
  return (below) => {
    const bytes = createHash('sha256').update(`${seed} ${state++}`).digest();
    return bytes.readUInt32BE() % below;
  };
}
