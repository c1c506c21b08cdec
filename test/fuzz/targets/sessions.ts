/** The handshakes of both profiles, from either side, and the first records: a stream of a peer's bytes. */
import assert from 'node:assert/strict';
import type { SuiteName } from '../../../lib/crypto/suites.js';
import { startHardenedClient } from '../../../lib/handshake/hardened/client.js';
import type { HardenedConfig } from '../../../lib/handshake/hardened/parts.js';
import { startHardenedServer } from '../../../lib/handshake/hardened/server.js';
import { startSeedClient } from '../../../lib/handshake/seed/client.js';
import { startSeedServer } from '../../../lib/handshake/seed/server.js';
import { fingerprintOf } from '../../../lib/keys/fingerprint.js';
import { connectionLimits } from '../../../lib/net/limits.js';
import type { Role } from '../../../lib/record/channel.js';
import type { StartMachine } from '../../../lib/session/session.js';
import { Side, settle } from '../../support/wired-sessions.js';
import { isServerHello } from '../hello-form.js';
import { runSession } from '../session-run.js';
import { standInIdentity, standIns } from '../stand-ins.js';
import type { Target } from '../target.js';

/** Short for a public key in an input: what is so long would take all changes. */
const MARKS: readonly (readonly [Buffer, Buffer])[] = [
  [Buffer.from('<own>'), Buffer.alloc(2592, 0x0c)],
  [Buffer.from('<peer>'), Buffer.alloc(2592, 0x0d)],
  [Buffer.from('<old>'), Buffer.alloc(2592, 0x0e)],
];
const BYTES: Record<Role, number> = { client: 0x0c, server: 0x0d };
/** Of the keys that a server shows beside its own. */
const OLD = 0x0e;
const CHUNKS = [Number.POSITIVE_INFINITY, 1, 2, 3, 5, 64, 1000, 4096];
const UNCUT = { chunk: Number.POSITIVE_INFINITY, late: false };

/** Above this, who gets all at once is right to refuse it. */
const HANDSHAKE_BUFFER = 32 * 1024;

const HEADERS = [1, 2, 3, 4, 5, 6, 7, 8, 0x0a, 0x10].map((type) => Uint8Array.of(type, 0, 0, 1));

/** In the first byte of an input: whether a server under test has keys before its own. */
const WITH_OLD_KEYS = 32;

/** What a side has to offer; batches and the keys before its own are a server's. */
interface Offer {
  readonly suites: readonly SuiteName[];
  readonly batches: boolean;
  readonly old?: boolean;
}

type Start = (role: Role, offer: Offer) => StartMachine;

const ALGORITHMS = ['Dilithium5', 'ML-DSA-87'] as const;
/** What a client's policy has on record: it is to choose these. */
const KNOWN = new Set(ALGORITHMS.map((name) => fingerprintOf(name, new Uint8Array(2592).fill(OLD))));
const SUITES = ['kyber1024-dilithium5', 'mlkem1024-mldsa87'] as const;
const ALL: Offer = { suites: SUITES, batches: true };
const ONE_EACH: readonly Offer[] = SUITES.map((suite) => ({ suites: [suite], batches: false }));
const WITH_BATCHES = ONE_EACH.map((offer) => ({ ...offer, batches: true }));
const WITH_OLD = [...ONE_EACH, ...WITH_BATCHES].map((offer) => ({ ...offer, old: true }));

export const server = sessionTarget('server', 'server', hardened, ONE_EACH);
export const client = sessionTarget('client', 'client', hardened, [...ONE_EACH, ...WITH_BATCHES, ...WITH_OLD]);
export const seedServer = sessionTarget('seed-server', 'server', seed, [ALL]);
export const seedClient = sessionTarget('seed-client', 'client', seed, [ALL]);

/** @param offers the peer's in each of the right streams */
function sessionTarget(name: string, role: Role, start: Start, offers: readonly Offer[]): Target {
  const peer = role === 'client' ? 'server' : 'client';
  const kinds = start === hardened && role === 'server' ? [ALL, { ...ALL, old: true }] : [ALL];
  const right = kinds.flatMap((own, kind) =>
    offers.map((offer) => ({ ...rightStream(start(peer, offer), start(role, own), role), how: kind * WITH_OLD_KEYS })),
  );
  return {
    name,
    words: [...MARKS.map(([mark]) => mark), ...HEADERS, ...right.map(({ bytes }) => contracted(bytes, role))],
    seeds: () => [
      ...right.map(({ bytes, how }) => Buffer.concat([Uint8Array.of(how), contracted(bytes, role)])),
      // All at once, and far more than may wait.
      Buffer.concat([
        Uint8Array.of(64),
        contracted(right[0]?.bytes ?? Buffer.alloc(0), role),
        Buffer.from('<own>'.repeat(30)),
      ]),
    ],
    run: ([how = 0, ...rest]) => {
      const stream = expanded(Buffer.from(rest), role);
      const ends = how >= 128;
      const kind = (how & WITH_OLD_KEYS) / WITH_OLD_KEYS;
      const own = kinds[kind] ?? ALL;
      const outcome = runSession(start(role, own), stream, { ...UNCUT, ends });
      const isRight = right.some(
        ({ bytes, handshake, how: its }) =>
          (its === kind * WITH_OLD_KEYS || kinds.length === 1) &&
          bytes.subarray(0, handshake).equals(stream.subarray(0, handshake)),
      );
      const refused = stream.length > HANDSHAKE_BUFFER && outcome.code === 'PQ_ERR_FLOOD';
      assert.equal(outcome.opened, isRight && !refused, 'it is open if the handshake was the right one, and else not');
      if (!outcome.opened) assert.equal(outcome.data + outcome.ended, 'false');
      if (start === hardened && role === 'client' && !beginsWithOffer(stream)) assert.equal(outcome.sent, '');
      if (stream.length > HANDSHAKE_BUFFER) return;
      const chunk = CHUNKS[how % CHUNKS.length] as number;
      const cut = runSession(start(role, own), stream, { chunk, late: (how & 64) !== 0, ends });
      assert.deepEqual(cut, outcome, 'it matters how the bytes come');
    },
  };
}

function hardened(role: Role, { suites, batches, old = false }: Offer): StartMachine {
  const primitives = standIns();
  const bytes = role === 'server' && old ? [BYTES.server, OLD] : [BYTES[role]];
  const config: HardenedConfig = {
    identities: bytes.flatMap((byte) => ALGORITHMS.map((algorithm) => standInIdentity(byte, { algorithm }))),
    suites,
    prologue: new Uint8Array(0),
    allowOwnKey: false,
    batchSignatures: batches,
    records: { ...connectionLimits(role), padding: 1, maxRecordSize: 65_536 },
    primitives: () => primitives,
    couldAccept: () => true,
    knows: (fingerprint) => KNOWN.has(fingerprint),
    random: () => new Uint8Array(32).fill(BYTES[role]),
  };
  return (out) => (role === 'client' ? startHardenedClient(config, out) : startHardenedServer(config, out));
}

function seed(role: Role): StartMachine {
  const identity = standInIdentity(BYTES[role], { profile: 'seed' });
  const config = { identity, primitives: standIns(), cipher: 'aes-256-gcm' } as const;
  return (out) => (role === 'client' ? startSeedClient(config, out) : startSeedServer(config, out));
}

/** What an honest peer sends: its handshake, data, its end. */
function rightStream(peer: StartMachine, own: StartMachine, role: Role): { bytes: Buffer; handshake: number } {
  const [speaker, listener] = [new Side(), new Side()];
  const said: Buffer[] = [];
  const { takeSent } = speaker;
  speaker.takeSent = () => {
    const bytes = takeSent.call(speaker);
    said.push(bytes);
    return bytes;
  };
  speaker.session.start(peer);
  listener.session.start(own);
  settle(role === 'client' ? { client: listener, server: speaker } : { client: speaker, server: listener });
  const handshake = Buffer.concat(said).length;
  speaker.session.write(Buffer.from('data'));
  speaker.session.close();
  speaker.takeSent();
  return { bytes: Buffer.concat(said), handshake };
}

function beginsWithOffer(stream: Buffer): boolean {
  if (stream.length < 4 || stream[0] !== 1) return false;
  const length = stream.readUIntBE(1, 3);
  return stream.length >= 4 + length && isServerHello(stream.subarray(4, 4 + length));
}

/** The mark for the key of the side under test is the other way round for a client. */
function marksOf(role: Role): readonly (readonly [Buffer, Buffer])[] {
  const [[own, first], [peer, second], old] = MARKS as [[Buffer, Buffer], [Buffer, Buffer], [Buffer, Buffer]];
  return role === 'client' ? MARKS : [[own, second], [peer, first], old];
}

function expanded(input: Buffer, role: Role): Buffer {
  return marksOf(role).reduce((bytes, [mark, key]) => replaced(bytes, mark, key), input);
}

function contracted(stream: Buffer, role: Role): Buffer {
  return marksOf(role).reduce((bytes, [mark, key]) => replaced(bytes, key, mark), stream);
}

function replaced(bytes: Buffer, from: Buffer, to: Buffer): Buffer {
  const at = bytes.indexOf(from);
  if (at < 0) return bytes;
  return Buffer.concat([bytes.subarray(0, at), to, replaced(bytes.subarray(at + from.length), from, to)]);
}
