/** REKEY between two channels that do it right. */
import { createHash } from 'node:crypto';
import { expandLabel, extract } from '../../lib/crypto/hkdf.js';
import type { KemKeyPair } from '../../lib/crypto/kem.js';
import { type Primitives, primitivesOf } from '../../lib/crypto/primitives.js';
import { SUITES, type SuiteName } from '../../lib/crypto/suites.js';
import { Kem, Secret } from '../../lib/oqs.js';
import { Inbound } from '../../lib/record/inbound.js';
import { MasterSecret } from '../../lib/record/master-secret.js';
import { Outbound } from '../../lib/record/outbound.js';
import { ServerRekey } from '../../lib/record/rekey.js';
import type { Frame } from '../../lib/wire/frame-decoder.js';
import { ChannelPair, HandPeer, LIMITS, Outcome, startSecrets } from '../support/channels.js';
import { checkText, fillerSecrets, shown } from '../support/check-values.js';
import { due, expectOpen, expectSameKeys, ROLES } from '../support/rekeys.js';
import { lengthsAlive, secretsMade } from '../support/secrets-made.js';

const NOTHING = new Uint8Array(0);
const SUITE_NAMES = Object.keys(SUITES) as SuiteName[];
const kem = new Kem('Kyber1024');

describe('a REKEY', () => {
  it.each(SUITE_NAMES)('gives both directions new keys, with the KEM of the suite %s', (suite) => {
    const pair = due({ suite });
    pair.client.write('hello');
    const length = SUITES[suite].hybrid ? 1600 : 1568;
    const lengthOf = ({ body }: Frame) => body.length - 17;
    expect(pair.client.sent.map(lengthOf)).toEqual([length, 5]);
    pair.server.receive(...pair.client.take());
    expect(pair.server.text).toBe('hello');
    expect(pair.server.sent.map(lengthOf)).toEqual([length]);
    pair.client.receive(...pair.server.take());
    expect(pair.client.sent.map(lengthOf)).toEqual([0]);
    pair.settle();
    expectSameKeys(pair, { client: 1, server: 1 });
    expectOpen(pair);
  });

  it('lets data and KEY_UPDATE of both sides go on in between', () => {
    const pair = due({ limits: { keyRecords: 4 } });
    const { client, server } = pair;
    const say = (word: string) => {
      for (let i = 0; i < 3; i += 1) client.write(`c${word}`);
      for (let i = 0; i < 3; i += 1) server.write(`s${word}`);
    };
    say('1');
    const [fromClient, fromServer] = [client.take(), server.take()];
    say('2');
    server.receive(...fromClient); // INIT; the answer goes out
    say('3');
    client.receive(...fromServer, ...server.take()); // RESP; DONE goes out
    say('4');
    const late = client.take();
    say('5');
    server.receive(...late);
    pair.settle();
    const all = (side: string) => [1, 2, 3, 4, 5].map((n) => `${side}${n}`.repeat(3)).join('');
    expect([server.text, client.text]).toEqual([all('c'), all('s')]);
    for (const role of ROLES) {
      expect(client.secretsOf(role)).toEqual(server.secretsOf(role));
      expect(client.secretsOf(role).length).toBeGreaterThan(4);
    }
    expectOpen(pair);
  });

  it('is made again and again, each from the last', () => {
    const pair = due({ limits: { rekeyLeast: 0 } });
    for (let i = 1; i <= 5; i += 1) {
      pair.client.write('x');
      pair.settle();
      expectSameKeys(pair, { client: i, server: i });
      pair.clock.now += 1000;
    }
    expectOpen(pair);
  });

  it('gives keys that follow from the last REKEY and the KEM alone', () => {
    const real = primitivesOf(SUITES['kyber1024-dilithium5']).kem;
    let clientsKey: Uint8Array = NOTHING;
    const noting = ({ publicKey, secretKey }: KemKeyPair) => {
      clientsKey = secretKey.export();
      return { publicKey, secretKey };
    };
    const listening = { ...real, keypair: () => real.keypair().map(noting) };
    const pair = due({ kem: listening, limits: { rekeyLeast: 0 } });
    const reader = { client: new HandPeer('server'), server: new HandPeer('client') };
    let last = expandLabel(startSecrets().master, 'rk', NOTHING, 64);
    for (const generation of [1, 2]) {
      pair.client.write('x');
      const [asked] = reader.client.open(pair.client.sent[0] as Frame);
      pair.server.receive(...pair.client.take());
      const [answered] = reader.server.open(pair.server.sent[0] as Frame);
      pair.settle();
      const [publicKey, ciphertext] = [asked?.content as Buffer, answered?.content as Buffer];
      const mixed = extract(last, kem.decapsulateSync(clientsKey, ciphertext));
      const context = createHash('sha512').update(publicKey).update(ciphertext).digest();
      for (const role of ROLES) {
        const next = expandLabel(mixed, role === 'client' ? 'c ap' : 's ap', context, 64);
        expect(pair.client.secretsOf(role)[generation]).toBe(`${generation} ${next.export().toString('hex')}`);
        reader[role].readUnder(next);
      }
      last = expandLabel(mixed, 'rk', context, 64);
      pair.clock.now += 1000;
    }
  });

  it('has the secrets of PROTOCOL.md', () => {
    const ciphertext = Buffer.alloc(1568, 0xbb);
    const publicKey = Buffer.alloc(1568, 0x12);
    const [x, rk, c, s] = checkText(/: x ([0-9a-f]{32}), rk_1 ([0-9a-f]{32}), c' ([0-9a-f]{32}), s' ([0-9a-f]{32})\./);
    const context = createHash('sha512').update(publicKey).update(ciphertext).digest();
    const mixed = extract(
      new MasterSecret(fillerSecrets().master).takeRekeySecret(),
      Secret.from(Buffer.alloc(32, 0xaa)),
    );
    expect([shown(mixed), shown(expandLabel(mixed, 'rk', context, 64))]).toEqual([x, rk]);

    const out = new Outcome();
    const { client, server, master } = fillerSecrets();
    const parts = {
      kem: fillerKem(ciphertext),
      master: new MasterSecret(master),
      inbound: new Inbound('client', client, LIMITS),
      outbound: new Outbound('server', server, LIMITS, 0),
      closed: () => false,
    };
    const rekey = new ServerRekey(parts, 0);
    rekey.receive('REKEY_INIT', publicKey, out);
    rekey.receive('REKEY_DONE', NOTHING, out);
    expect(out.secretsOf('server').map((line) => line.slice(0, 34))).toEqual([`1 ${s}`]);
    expect(out.secretsOf('client').map((line) => line.slice(0, 34))).toEqual([`1 ${c}`]);
  });

  /** A KEM that always makes the same ciphertext and secret. */
  function fillerKem(ciphertext: Buffer): Primitives['kem'] {
    const real = primitivesOf(SUITES['mlkem1024-mldsa87']).kem;
    const { publicKey } = real.keypair().runSync();
    const sharedSecret = () => Secret.from(Buffer.alloc(32, 0xaa));
    return {
      ...real,
      isPublicKey: () => true,
      encapsulate: () => real.encapsulate(publicKey).map(() => ({ ciphertext, sharedSecret: sharedSecret() })),
    };
  }

  it('comes with the first data after the time that is set, and not before', () => {
    const { client, clock } = new ChannelPair({ limits: { rekeyInterval: 1000 } });
    clock.now = 999;
    client.write('x');
    expect(client.take().length).toBe(1);
    clock.now = 50_000;
    expect(client.sent.length).toBe(0);
    client.write('x');
    client.write('y'); // one is under way
    expect(client.sent.length).toBe(3);
  });

  it('counts the time from the end of the last', () => {
    const pair = due({ limits: { rekeyLeast: 0 } });
    const { client, server, clock } = pair;
    client.write('x');
    server.receive(...client.take());
    clock.now = 5000;
    client.receive(...server.take());
    pair.settle();
    clock.now = 5999;
    client.write('x');
    expect(client.take().length).toBe(1);
    clock.now = 6000;
    client.write('x');
    expect(client.take().length).toBe(2);
  });

  it('is an hour apart unless said otherwise, and never comes with Infinity', () => {
    const [usual, never] = [
      new ChannelPair(),
      new ChannelPair({ limits: { rekeyInterval: Number.POSITIVE_INFINITY } }),
    ];
    const types = (pair: ChannelPair, now: number) => {
      pair.clock.now = now;
      pair.client.write('x');
      return pair.client.take().length;
    };
    expect([types(usual, 3_599_999), types(usual, 3_600_000)]).toEqual([1, 2]);
    expect([types(never, 3_599_999), types(never, 3_600_000)]).toEqual([1, 2]); // a KEY_UPDATE
    expect(never.client.secretsOf('client').length).toBe(2);
    expect(usual.client.secretsOf('client').length).toBe(1);
  });

  it('counts as an update: age, records and bytes begin again', () => {
    const pair = due({ limits: { keyAge: 1000, rekeyInterval: 1000 } });
    pair.client.write('x');
    pair.settle();
    pair.clock.now = 1999;
    pair.client.write('x');
    pair.server.write('x');
    pair.settle();
    expectSameKeys(pair, { client: 1, server: 1 });
  });
});

describe('the secrets of a REKEY', () => {
  it.each(SUITE_NAMES)('are wiped but for those in use, with the suite %s', (suite) => {
    const pair = due({ suite, limits: { rekeyLeast: 0 } });
    const made = secretsMade(() => {
      for (let i = 0; i < 3; i += 1) {
        pair.client.write('x');
        pair.settle();
        pair.clock.now += 1000;
      }
    });
    // On each side: two traffic secrets with their keys, rk_3, and the exporter's.
    expect(lengthsAlive(made)).toEqual([...Array(4).fill(44), ...Array(8).fill(64)]);
    pair.client.channel.dispose();
    pair.server.channel.dispose();
    expect(lengthsAlive(made)).toEqual([]);
  });

  it('are wiped when the connection ends in the middle of one', () => {
    const made = secretsMade(() => {
      const pair = due();
      pair.client.write('x');
      pair.server.receive(...pair.client.take());
      pair.client.channel.dispose();
      pair.server.channel.dispose();
    });
    expect(lengthsAlive(made)).toEqual([]);
  });
});
