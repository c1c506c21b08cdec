/**
 * Peers that sign what they say, and say what they like: nothing protects from them but the checks of PROTOCOL.md
 * chapter 5, whose order says with which error each of them ends. What is right there and unknown to us is passed over.
 */
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { Identity } from '../../lib/keys/identity.js';
import type { SigKeyPair } from '../../lib/oqs.js';
import type { Role } from '../../lib/record/channel.js';
import { HardenedScript } from '../support/hardened-script.js';
import { BATCHES, type BatchFields, batchBody, ScriptBatch } from '../support/script-batch.js';
import { clientHelloBody, extension, KEY_CHOICE, keyChosen, serverHelloFields } from '../support/script-hello.js';
import { SCRIPT_SUITES } from '../support/script-suite.js';
import { End, hardenedSides, type SideOptions } from '../support/wired-hardened.js';
import { campaign } from './campaign.js';
import { isClientHello, isServerHello } from './hello-form.js';

const CONNECTIONS = campaign.times(800);
jest.setTimeout(campaign.times(120_000));

/** The one suite of these connections: enough, as what is looked at is not the algorithms. */
const NAME = 'mlkem1024-mldsa87';
const SUITE = SCRIPT_SUITES[NAME];
const KEY_LENGTH = 2592;

let own: Identity;
let old: Identity;
beforeAll(async () => {
  [own, old] = (await Promise.all([1, 2].map(() => Identity.generate({ algorithm: 'ML-DSA-87' })))) as [
    Identity,
    Identity,
  ];
});

/** Mostly one thing is wrong at a time, and often nothing. */
const usually = <T, U>(right: T, others: fc.Arbitrary<U>) =>
  fc.oneof({ arbitrary: fc.constant<T | U>(right), weight: 9 }, others);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((each) => Buffer.from(each));
const withMore = Buffer.concat([BATCHES, extension(6, Uint8Array.of(0x7f))]);
const extensions = usually(
  Buffer.alloc(0),
  fc.oneof(bytes(9), fc.constantFrom(Buffer.alloc(4), BATCHES, withMore, extension(1, BATCHES), Buffer.alloc(1025))),
);

const clientPlan = fc.record({
  /** Whether the server offers batches. */
  offered: fc.boolean(),
  version: usually(1, fc.nat(0xff)),
  suite: usually(2, fc.constantFrom(0, 1, 3, 0xffff)),
  mode: usually(0, fc.nat(3)),
  keyLength: usually(KEY_LENGTH, fc.constantFrom(0, 1, 512, KEY_LENGTH - 1)),
  extensions,
  /** Whether the server shows its old key besides, and which of the two is said to be chosen, if one is. */
  rotates: fc.boolean(),
  place: usually('right' as const, fc.constantFrom(undefined, 0, 2, 255)),
  /** A coefficient of kem_pk, and what is wrong with the rest. */
  coefficient: usually(undefined, fc.record({ at: fc.nat(511), value: fc.integer({ min: 3329, max: 4095 }) })),
  fault: usually('none', fc.constantFrom('own key', 'signature', 'mac', 'another key')),
});
type ClientPlan = typeof clientPlan extends fc.Arbitrary<infer T> ? T : never;

it('a client that signs whatever it says is let in only if all of it is right', () => {
  const seen = new Map<string | undefined, number>();
  const property = fc.property(clientPlan, (plan) => {
    const { script, end, hear } = facing('server', { batchSignatures: plan.offered }, plan.rotates ? old : undefined);
    const offer = serverHelloFields(hear());
    const offered = [plan.offered ? BATCHES : Buffer.alloc(0), plan.rotates ? KEY_CHOICE : Buffer.alloc(0)];
    expect(offer.extensions).toEqual(Buffer.concat(offered));
    script.peerKey = offer.keys.at(-1)?.pk as Buffer; // the old one, if it is shown
    const key = plan.fault === 'own key' ? script.peerKey : script.keys.publicKey;
    const extensions = extensionsOf(plan);
    const hello = script.clientHello({ ...plan, extensions, key: key.subarray(0, plan.keyLength) });
    const { at, value } = plan.coefficient ?? { at: 0, value: undefined };
    if (value !== undefined)
      script.pair.publicKey.set(
        [value & 0xff, (value >> 8) | ((script.pair.publicKey[3 * at + 1] as number) & 0xf0)],
        3 * at,
      );
    script.say('ClientHello', hello);
    script.say('ClientKem', script.pair.publicKey);
    const signer = plan.fault === 'another key' ? SUITE.sig.keypairSync() : script.keys;
    const signature = script.signature('client', signer);
    if (plan.fault === 'signature') signature[at] = (signature[at] as number) ^ 1;
    script.say('ClientAuth', signature);
    const expected = clientError(plan);
    if (expected === undefined || (plan.fault === 'mac' && clientError({ ...plan, fault: 'none' }) === undefined)) {
      hear();
      script.sharedSecret = SUITE.decapsulate(script.pair, script.transcript[4]?.subarray(4) as Buffer);
      const message = script.signed('server');
      if (plan.place !== 0) expect(SUITE.sig.verifySync(message, hear().subarray(1), script.peerKey)).toBe(true);
      else hear();
      expect(hear().equals(script.mac('server'))).toBe(true);
      const mac = script.mac('client');
      if (plan.fault === 'mac') mac[at % 64] = (mac[at % 64] as number) ^ 1;
      script.say('ClientFinished', mac);
    }
    expect([end.error?.code, end.side.opened !== undefined]).toEqual([expected, expected === undefined]);
    seen.set(expected, (seen.get(expected) ?? 0) + 1);
  });
  fc.assert(property, { numRuns: CONNECTIONS, seed: campaign.seed });
  const codes = ['AUTH_FAILED', 'DECODE', 'NO_COMMON_SUITE', 'NO_COMMON_VERSION', 'OWN_KEY', 'TICKET'];
  expect([...seen.keys()].sort()).toEqual([...codes.map((code) => `PQ_ERR_${code}`), undefined]);
});

/** Those of the client's hello. */
function extensionsOf({ extensions, rotates, place }: ClientPlan): Buffer {
  const chosen = place === 'right' ? (rotates ? 1 : undefined) : place;
  return chosen === undefined ? extensions : Buffer.concat([extensions, keyChosen(chosen)]);
}

const numbers = (right: number, most: number, values: number) =>
  usually(
    [right],
    fc.oneof(
      fc.array(fc.nat(values), { maxLength: most + 1 }),
      fc.uniqueArray(fc.nat(values), { minLength: 1, maxLength: most }),
    ),
  );

/** A signature for several, among which the client has a place; and what is wrong with it. */
const batchPlan = fc.record({
  size: fc.integer({ min: 2, max: 64 }),
  place: fc.nat(63),
  at: fc.nat(31),
  spoilt: usually(
    'nothing',
    fc.constantFrom('id', 'random', 'sibling', 'place', 'place beyond', 'depth', 'length', 'leaf', 'label'),
  ),
});

const serverPlan = fc.record({
  versions: numbers(1, 8, 9),
  suites: numbers(2, 8, 9),
  /** One of them is ours; the others are unknown, or of another algorithm that we know. */
  sigalgs: numbers(2, 4, 5),
  /** Whether there is a choice of keys. */
  choice: usually('if needed', fc.constantFrom('not', 'anyway')),
  strangeLength: fc.constantFrom(0, 7, KEY_LENGTH),
  extensions: fc.oneof({ arbitrary: fc.constantFrom(BATCHES, withMore), weight: 2 }, extensions),
  batch: fc.oneof({ arbitrary: fc.constant(undefined), weight: 2 }, batchPlan),
  fault: usually('none', fc.constantFrom('own key', 'signature', 'mac', 'first byte', 'another key')),
});

it('a server that signs whatever it says is believed only if all of it is right; what is unknown is passed over', () => {
  const seen = new Map<string | undefined, number>();
  const property = fc.property(serverPlan, (plan) => {
    const { script, end, hear } = facing('client');
    const pk = plan.fault === 'own key' ? own.publicKey : script.keys.publicKey;
    const first = plan.sigalgs.indexOf(SUITE.sigalg); // of several, the one that is chosen
    const keys = plan.sigalgs.map((sigalg, i) => ({
      sigalg,
      pk: i === first ? pk : Buffer.alloc(sigalg === SUITE.sigalg ? KEY_LENGTH : plan.strangeLength, i),
    }));
    const needed = new Set(plan.sigalgs).size < plan.sigalgs.length;
    const isChoice = plan.choice === 'anyway' || (plan.choice === 'if needed' && needed);
    const extensions = Buffer.concat([plan.extensions, ...(isChoice ? [KEY_CHOICE] : [])]);
    const hello = script.serverHello({ ...plan, keys, extensions });
    script.say('ServerHello', hello);
    const expected = serverError(plan, hello);
    if (end.error === undefined) {
      const choice = hear();
      if (isChoice) expect(choice.subarray(-5)).toEqual(keyChosen(first));
      for (const _ of [2, 3]) hear();
      script.pair = { ...script.pair, publicKey: script.transcript[2]?.subarray(4) as Buffer };
      const { ciphertext, sharedSecret } = SUITE.encapsulate(script.pair.publicKey);
      script.sharedSecret = sharedSecret;
      script.say('ServerKem', ciphertext);
      const signer = plan.fault === 'another key' ? SUITE.sig.keypairSync() : script.keys;
      const single = () => Buffer.concat([Uint8Array.of(0), script.signature('server', signer)]);
      const auth = plan.batch === undefined ? single() : batchIn(script, signer, plan.batch);
      if (plan.fault === 'first byte') auth[0] = (auth[0] as number) ^ 1;
      if (plan.fault === 'signature') auth[auth.length - 99] = (auth[auth.length - 99] as number) ^ 1;
      script.say('ServerAuth', auth);
      const mac = script.mac('server');
      if (plan.fault === 'mac') mac[9] = (mac[9] as number) ^ 1;
      script.say('ServerFinished', mac);
    }
    expect([end.error?.code, end.side.opened !== undefined]).toEqual([expected, expected === undefined]);
    seen.set(expected, (seen.get(expected) ?? 0) + 1);
  });
  fc.assert(property, { numRuns: CONNECTIONS, seed: campaign.seed });
  const codes = ['AUTH_FAILED', 'DECODE', 'NO_COMMON_SUITE', 'NO_COMMON_VERSION', 'OWN_KEY'];
  expect([...seen.keys()].sort()).toEqual([...codes.map((code) => `PQ_ERR_${code}`), undefined]);
});

/** Chapter 5, steps 1 to 12 of the server. */
function clientError(plan: ClientPlan): string | undefined {
  const extensions = extensionsOf(plan);
  const shortest = plan.keyLength + extensions.length === 0; // 40 bytes: refused on the header
  if (shortest || plan.mode > 1 || !areExtensions(extensions)) return 'PQ_ERR_DECODE';
  if (plan.version !== 1) return 'PQ_ERR_NO_COMMON_VERSION';
  if (plan.suite !== SUITE.number) return 'PQ_ERR_NO_COMMON_SUITE';
  if (plan.mode === 1) return 'PQ_ERR_TICKET';
  const choices = plan.rotates ? [keyChosen(0), keyChosen(1)] : [Buffer.alloc(0)];
  const right = choices.flatMap((chosen) => [chosen, ...(plan.offered ? [Buffer.concat([BATCHES, chosen])] : [])]);
  const isOffered = right.some((each) => each.equals(extensions));
  if (plan.keyLength !== KEY_LENGTH || !isOffered) return 'PQ_ERR_DECODE';
  if (plan.fault === 'own key') return 'PQ_ERR_OWN_KEY';
  if (plan.coefficient !== undefined) return 'PQ_ERR_DECODE';
  return plan.fault === 'none' ? undefined : 'PQ_ERR_AUTH_FAILED';
}

/** Steps 1 to 10 of the client. */
function serverError(
  plan: typeof serverPlan extends fc.Arbitrary<infer T> ? T : never,
  hello: Buffer,
): string | undefined {
  if (!isServerHello(hello)) return 'PQ_ERR_DECODE';
  if (!plan.versions.includes(1)) return 'PQ_ERR_NO_COMMON_VERSION';
  if (!plan.suites.includes(SUITE.number) || !plan.sigalgs.includes(SUITE.sigalg)) return 'PQ_ERR_NO_COMMON_SUITE';
  if (plan.fault === 'own key') return 'PQ_ERR_OWN_KEY';
  const spoilt = plan.batch?.spoilt ?? 'nothing';
  const isAgreed = plan.extensions === BATCHES || plan.extensions === withMore;
  const isMalformed = ['place beyond', 'depth', 'length'].includes(spoilt) || (plan.batch !== undefined && !isAgreed);
  if (plan.fault === 'first byte' || isMalformed) return 'PQ_ERR_DECODE';
  return plan.fault === 'none' && spoilt === 'nothing' ? undefined : 'PQ_ERR_AUTH_FAILED';
}

/** The body of a ServerAuth that is a batch. */
function batchIn(
  script: HardenedScript,
  signer: SigKeyPair,
  { size, place, at, spoilt }: typeof batchPlan extends fc.Arbitrary<infer T> ? T : never,
): Buffer {
  const own = place % size;
  const inputs: Buffer[] = Array.from({ length: size }, () => randomBytes(148));
  if (spoilt !== 'leaf') inputs[own] = script.signed('server');
  const batch = new ScriptBatch(inputs);
  const label = spoilt === 'label' ? 'pqsock1 server auth' : undefined;
  const right = batch.fields(own, SUITE.sig.signSync(batch.signed({ ...(label && { label }) }), signer.secretKey));
  const bit = (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
  const level = at % batch.depth;
  const changes: Record<string, Partial<BatchFields>> = {
    id: { id: bit(right.id) },
    random: { random: bit(right.random) },
    sibling: { siblings: right.siblings.map((node, l) => (l === level ? bit(node) : node)) },
    place: { place: own ^ (1 << level) },
    'place beyond': { place: own + 2 ** batch.depth },
    depth: { depth: (batch.depth + 1 + at) % 256 },
    length: { siblings: [...right.siblings, Buffer.alloc(32)] },
  };
  return batchBody({ ...right, ...changes[spoilt] });
}

/** Chapter 4: they fill what is there exactly, in ascending order. */
function areExtensions(extensions: Buffer): boolean {
  const fields = { version: 1, suite: 1, random: Buffer.alloc(32), mode: 0, key: Buffer.alloc(0), extensions };
  return isClientHello(clientHelloBody(fields));
}

/** A side of ours, and a peer that is played by hand; without a network between them. */
function facing(role: Role, options: SideOptions = {}, also?: Identity) {
  const peer = role === 'client' ? 'server' : 'client';
  const sides = hardenedSides(
    { client: own, server: own },
    {
      [role]: { suites: [NAME], ...options },
      old: also,
    },
  );
  const end = new End(sides[role], { now: 0 });
  const wire = { wire: [] as Buffer[], finished: false } as unknown as End;
  const socket = Object.assign(new EventEmitter(), {
    setNoDelay() {},
    write(chunk: Buffer) {
      wire.wire.push(chunk);
      end.takeFrom(wire, Number.POSITIVE_INFINITY);
    },
  });
  const script = new HardenedScript(socket as unknown as Socket, { role: peer, suite: SUITE });
  let sent = Buffer.alloc(0);
  /** The next frame of the side under test, whose body it gives. */
  const hear = (): Buffer => {
    sent = Buffer.concat([sent, ...end.wire.splice(0)]);
    const length = 4 + sent.readUIntBE(1, 3);
    script.transcript.push(sent.subarray(0, length));
    const body = sent.subarray(4, length);
    sent = sent.subarray(length);
    return body;
  };
  return { script, end, hear };
}
