/** The hardened profile against a second implementation, in Go on CIRCL, that was written from PROTOCOL.md alone. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { SUITES as ALL } from '../../lib/crypto/suites.js';
import type { PqSocket, SuiteName } from '../../lib/index.js';
import type { Role } from '../../lib/record/channel.js';
import { failedPair, type GoPair, type GoPairOptions, goIdentities } from '../support/go-pair.js';
import { GO_BUILD_TIMEOUT, GO_SOURCE } from '../support/go-peer.js';
import { ALERTS } from '../support/hardened-script.js';
import { describeWithPrograms } from '../support/requirements.js';
import { drainBytes, sumOf, takeBytes } from '../support/take-bytes.js';
import { useGoPeer } from '../support/use-go-peer.js';

const SUITES = Object.keys(ALL) as SuiteName[];
const ROLES: Role[] = ['client', 'server'];
const CASES = SUITES.flatMap((suite) => ROLES.map((role) => ({ suite, role })));
const MEBIBYTE = randomBytes(2 ** 20);

describeWithPrograms(__filename, 'a second implementation', () => {
  const fixture = useGoPeer();
  const { both, open } = fixture;
  const failed = (options: GoPairOptions) => failedPair(fixture.peer, both(options.suite), options);

  describe.each(CASES)('with $suite, ours the $role', ({ suite, role }) => {
    it('agrees on the suite, the identities, the exporter and the traffic secrets', async () => {
      const pair = await open({ suite, role });
      const { ours, go } = pair;
      const { ours: identity, go: goIdentity } = both(suite);
      expect(ours.getCipher()?.name).toBe(suite);
      expect(go.opened['suite']).toBe(suite);
      expect(ours.getPeerFingerprint()).toBe(goIdentity.fingerprint);
      expect(go.opened['peerFingerprint']).toBe(identity.fingerprint);
      const context = Buffer.from('context');
      for (const [label, length] of [
        ['a label', 32],
        ['', 16320],
      ] as const) {
        const { data } = await go.do('exporter', { label, context, length });
        expect(data).toBe(ours.exportKeyingMaterial(length, label, context).toString('base64'));
      }
      await expectSameKeys(pair);
    });

    it('exchanges nothing, a byte and a mebibyte', async () => {
      const { ours, go } = await open({ suite, role });
      await go.send(Buffer.alloc(0));
      for (const data of [Buffer.from([7]), MEBIBYTE]) {
        ours.write(data);
        const [sent, received] = await Promise.all([go.receive(data.length), takeAfter(go.send(data), ours, data)]);
        expect(sent.equals(data)).toBe(true);
        expect(received.equals(data)).toBe(true);
      }
    });

    it('takes and sends KEY_UPDATE', async () => {
      const pair = await open({ suite, role, ours: { limits: { keyRecords: 8 }, maxRecordSize: 100 } });
      const { ours, go } = pair;
      for (let round = 0; round < 5; round++) {
        await go.do('keyUpdate', { padding: round });
        await exchange(ours, go, 1000);
      }
      const { sent, received } = await go.do('keys');
      expect(sent).toBe(5);
      expect(received).toBeGreaterThan(3);
      await expectSameKeys(pair);
    });

    it('renews its keys by REKEY, with data and KEY_UPDATE meanwhile', async () => {
      const limits = { rekeyInterval: role === 'client' ? 1 : 3_600_000, rekeyLeast: 0, keyRecords: 6 };
      const pair = await open({ suite, role, ours: { limits, maxRecordSize: 200 }, go: { rekeyLeast: 0 } });
      const { ours, go } = pair;
      for (let rekeys = 0; rekeys < 3; rekeys = (await go.do('keys'))['rekeys'] as number) {
        const renewed = role === 'server' ? go.do('rekey') : undefined;
        await exchange(ours, go, 700);
        await go.do('keyUpdate');
        await renewed;
      }
      await expectSameKeys(pair);
    });

    it('takes and sends padding', async () => {
      const { ours, go } = await open({ suite, role, ours: { padding: 1024 } });
      for (const padding of [0, 1, 40_000]) {
        await go.send(MEBIBYTE.subarray(0, 70_000), { padding });
        expect((await takeBytes(ours, 70_000)).equals(MEBIBYTE.subarray(0, 70_000))).toBe(true);
        ours.write(MEBIBYTE.subarray(0, 70_000));
        expect((await go.receive(70_000)).equals(MEBIBYTE.subarray(0, 70_000))).toBe(true);
      }
    });

    it('goes on when the peer has ended, and then ends', async () => {
      const { ours, go } = await open({ suite, role });
      await go.do('close');
      expect(await drainBytes(ours)).toMatchObject({ length: 0 });
      ours.write(MEBIBYTE);
      ours.end();
      expect(await go.drain()).toEqual({ ...sumOf(MEBIBYTE), end: 'close' });
      expect(await go.outcome()).toEqual({ end: 'close' });
    });

    it('ends, and takes what the peer still sends', async () => {
      const { ours, go } = await open({ suite, role });
      ours.end('last');
      expect(String(await go.receive(4))).toBe('last');
      expect(await go.drain()).toMatchObject({ length: 0, end: 'close' });
      await go.do('keyUpdate');
      await go.send(MEBIBYTE);
      await go.do('close');
      expect(await drainBytes(ours)).toEqual(sumOf(MEBIBYTE));
      expect(await go.outcome()).toEqual({ end: 'close' });
    });

    it('takes an end without CLOSE for a truncation', async () => {
      const { ours, go } = await open({ suite, role });
      await go.send(Buffer.from('some'));
      expect(String(await takeBytes(ours, 4))).toBe('some');
      const ended = once(ours, 'error');
      await go.do('truncate');
      ours.resume();
      expect(await ended).toMatchObject([{ code: 'PQ_ERR_TRUNCATED' }]);
    });

    it('is seen to be cut off', async () => {
      for (const [act, end] of [
        ['end', 'truncated'],
        ['resetAndDestroy', 'reset'],
      ] as const) {
        const { ours, go, transport } = await open({ suite, role });
        ours.on('error', () => {}).write('some');
        expect(String(await go.receive(4))).toBe('some');
        transport[act]();
        expect(await go.drain()).toMatchObject({ length: 0, end });
        expect((await go.outcome()).alertSent).toBeUndefined();
      }
    });

    it('goes through the smallest segments', async () => {
      const pair = await open({ suite, role, go: { pieces: 1, reads: 1 } });
      await exchange(pair.ours, pair.go, 2000);
      if (role === 'server') await pair.go.do('rekey');
      await exchange(pair.ours, pair.go, 2000);
      await expectSameKeys(pair);
    });

    it('tells the user’s abort', async () => {
      const { ours, go } = await open({ suite, role });
      ours.destroy();
      expect(await go.outcome()).toEqual({ end: 'alert', alertReceived: 'close_by_user' });
    });

    it('refuses another prologue, and takes the same', async () => {
      const options = { suite, role, ours: { prologue: 'one/1' } };
      const { ours, go } = await open({ ...options, go: { prologue: Buffer.from('one/1') } });
      await exchange(ours, go, 10);
      const refused = await failed({ ...options, go: { prologue: Buffer.from('two/1') } });
      if (role === 'server') {
        expect(refused).toMatchObject({ code: 'PQ_ERR_AUTH_FAILED', go: { alertReceived: 'auth_failed' } });
      } else {
        expect(refused).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'auth_failed', go: { alertSent: 'auth_failed' } });
      }
    });

    it('is refused with an identity that the peer does not trust, and refuses one', async () => {
      const stranger = (await goIdentities(fixture.peer, suite)).go;
      const refused = await failed({ suite, role, go: { trust: [stranger.fingerprint] } });
      expect(refused).toMatchObject({ code: 'PQ_ERR_ALERT', alert: 'auth_failed', go: { alertSent: 'auth_failed' } });
      const refusing = await failed({ suite, role, go: { identities: [stranger.identity] } });
      expect(refusing).toMatchObject({ code: 'PQ_ERR_UNTRUSTED', go: { alertReceived: 'auth_failed' } });
    });
  });

  describe('with identities of both algorithms', () => {
    const [KYBER, MLKEM, HYBRID] = SUITES as [SuiteName, SuiteName, SuiteName];
    /** Both sides' suites in their order, by default with everybody trusted, and what it comes to. */
    const negotiate = (role: Role, ours: SuiteName[], go: SuiteName[], pinned?: SuiteName): GoPairOptions => {
      const all = [both(KYBER), both(MLKEM)] as const;
      const trust = { ours: all.map((each) => each.go.fingerprint), go: all.map((each) => each.ours.fingerprint) };
      if (pinned !== undefined) {
        trust.ours = [both(pinned).go.fingerprint];
        trust.go = [both(pinned).ours.fingerprint];
      }
      return {
        suite: KYBER,
        role,
        ours: { identity: [all[0].ours, all[1].ours], trust: trust.ours, suites: ours as [SuiteName] },
        go: { identities: all.map((each) => each.go.identity), trust: trust.go, suites: go },
      };
    };

    it.each([
      ['client', [MLKEM, KYBER], [KYBER, MLKEM], undefined, MLKEM],
      ['server', [KYBER, MLKEM], [MLKEM, KYBER], undefined, MLKEM],
      ['client', [HYBRID, KYBER], [KYBER, MLKEM], undefined, KYBER],
      ['server', [KYBER, MLKEM], [HYBRID, KYBER], undefined, KYBER],
      ['client', [HYBRID, KYBER], [KYBER, MLKEM, HYBRID], undefined, HYBRID],
      ['client', [MLKEM, KYBER], [KYBER, MLKEM], KYBER, KYBER],
      ['server', [KYBER, MLKEM], [KYBER, MLKEM], MLKEM, MLKEM],
    ] as const)('ours the %s with %j, theirs %j, pinned %s: %s', async (role, ours, go, pinned, expected) => {
      const pair = await open(negotiate(role, [...ours], [...go], pinned));
      expect(pair.ours.getCipher()?.name).toBe(expected);
      expect(pair.go.opened['suite']).toBe(expected);
      const { ours: identity, go: goIdentity } = both(expected === HYBRID ? MLKEM : expected);
      expect(pair.ours.getPeerFingerprint()).toBe(goIdentity.fingerprint);
      expect(pair.go.opened['peerFingerprint']).toBe(identity.fingerprint);
      await exchange(pair.ours, pair.go, 100);
    });

    it('agrees on nothing when there is nothing in common', async () => {
      expect(await failed(negotiate('client', [HYBRID], [KYBER, MLKEM]))).toMatchObject({
        code: 'PQ_ERR_NO_COMMON_SUITE',
        go: { end: 'alert', alertReceived: 'no_common_suite' },
      });
      expect(await failed(negotiate('server', [KYBER, MLKEM], [HYBRID]))).toMatchObject({
        code: 'PQ_ERR_ALERT',
        alert: 'no_common_suite',
        go: { end: 'fault', alertSent: 'no_common_suite' },
      });
    });

    it('agrees on no version but 1', async () => {
      const server = (versions: number[]) => ({ suite: KYBER, role: 'client', go: { versions } }) as const;
      await open(server([2, 1]));
      expect(await failed(server([2]))).toMatchObject({
        code: 'PQ_ERR_NO_COMMON_VERSION',
        go: { alertReceived: 'no_common_version' },
      });
    });
  });

  it(
    'is formatted, vetted, and has the check values of chapter 18',
    () => {
      const run = (program: string, ...args: string[]) =>
        execFileSync(program, args, { cwd: GO_SOURCE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      expect(run('gofmt', '-l', '.')).toBe('');
      expect(run('go', 'vet', './...')).toBe('');
      expect(run('go', 'test', './...')).toMatch(/^ok /);
    },
    GO_BUILD_TIMEOUT,
  );

  it('sends data together with ClientFinished, and takes it', async () => {
    const early = Buffer.alloc(100_000, 1);
    const { ours } = await open({ suite: 'kyber1024-dilithium5', role: 'server', go: { early } });
    expect((await takeBytes(ours, early.length)).equals(early)).toBe(true);
  });

  it.each(ALERTS.map((name, i) => [i + 1, name] as const))('takes alert %i for %s', async (code, name) => {
    const { ours, go } = await open({ suite: 'mlkem1024-mldsa87', role: code % 2 === 0 ? 'client' : 'server' });
    const ended = once(ours.resume(), 'error');
    await go.do('abort', { code });
    expect(await ended).toMatchObject([{ code: 'PQ_ERR_ALERT', alert: name }]);
  });

  it.each([
    ['an unknown record', 0x09, '', 'PQ_ERR_UNEXPECTED_MESSAGE', 'unexpected_message'],
    ['a CLOSE with content', 0x02, 'x', 'PQ_ERR_DECODE', 'decode_error'],
    ['REKEY_DONE out of turn', 0x08, '', 'PQ_ERR_REKEY', 'rekey_error'],
  ])('tells of %s', async (_, type, content, code, alert) => {
    const { ours, go } = await open({ suite: 'mlkem1024-mldsa87', role: 'server' });
    const ended = once(ours.resume(), 'error');
    await go.do('record', { type, content: Buffer.from(content) });
    expect(await ended).toMatchObject([{ code }]);
    expect(await go.outcome()).toEqual({ end: 'alert', alertReceived: alert });
  });
});

async function takeAfter(sent: Promise<unknown>, socket: PqSocket, data: Buffer): Promise<Buffer> {
  const [, received] = await Promise.all([sent, takeBytes(socket, data.length)]);
  return received;
}

/** So many bytes each way, compared. */
async function exchange(ours: PqSocket, go: GoPair['go'], length: number): Promise<void> {
  const data = randomBytes(length);
  ours.write(data);
  expect((await go.receive(length)).equals(data)).toBe(true);
  expect((await takeAfter(go.send(data), ours, data)).equals(data)).toBe(true);
}

/**
 * Ends both directions, after which nothing is under way, and compares every traffic secret from c_0 and s_0 on, as both
 * sides wrote them down.
 */
async function expectSameKeys({ ours, go, keyLog }: GoPair): Promise<void> {
  ours.end();
  expect((await go.drain()).end).toBe('close');
  await go.do('close');
  await drainBytes(ours);
  expect(keyLog.toSorted()).toEqual(await go.keyLog());
}
