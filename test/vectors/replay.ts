/**
 * Our code in one role of a file's connection: the inputs in, the peer's messages in, and everything that it makes out.
 * Its randomness is fixed from outside: liboqs's by the addon of the tests, node:crypto's by a function in its place.
 */
import crypto from 'node:crypto';
import { EventEmitter } from 'node:events';
import { RunningSha512 } from '../../lib/crypto/hash.js';
import { Secret } from '../../lib/crypto/secret.js';
import { SUITES } from '../../lib/crypto/suites.js';
import type { HardenedConfig } from '../../lib/handshake/hardened/parts.js';
import type { OpenState, Work } from '../../lib/handshake/machine.js';
import { Identity } from '../../lib/keys/identity.js';
import { HANDSHAKE_BUFFER } from '../../lib/limits.js';
import { parseHardened } from '../../lib/net/hardened-options.js';
import { emitKeyLog } from '../../lib/net/key-log.js';
import type { Role } from '../../lib/record/channel.js';
import { Session } from '../../lib/session/session.js';
import { policyOf } from '../../lib/trust/policy.js';
import { sigKeypairFrom } from '../support/fixed-random.js';
import { secretsMade } from '../support/secrets-made.js';
import { testAddon } from '../support/test-addon.js';
import type { RecordVector, VectorFile } from './vector-file.js';

/** Everything that one role has made; bytes in hexadecimal. */
export interface Replay {
  readonly fingerprint: string;
  /** Everything that it sent. */
  readonly sent: string;
  /** The data and the end that it has told its application about. */
  readonly received: readonly string[];
  /** The hashes of transcripts, each once, in the order in which they were first taken. */
  readonly hashes: readonly string[];
  /** Every secret that it had, as it was at its end. */
  readonly secrets: ReadonlySet<string>;
  readonly keyLog: readonly string[];
  readonly exported: readonly string[];
  /** Random bytes that nobody has asked for. */
  readonly left: number;
}

/**
 * @param primitives as those of parseHardened
 * @param before the seed of a key that a server shows before its own
 */
export function replay(
  file: VectorFile,
  role: Role,
  primitives?: HardenedConfig['primitives'],
  before?: string,
): Replay {
  const { lattice, node } = randomOf(file, role);
  const side = new ReplayedSide(file, role, primitives, before);
  const secrets = new Set<string>();
  let hashes: readonly string[] = [];
  let left = -1;
  const made = secretsMade(() => {
    hashes = hashesTaken(() => {
      noteWiped(secrets, () => {
        left = withRandom(lattice, node, () => side.run());
      });
    });
  });
  for (const secret of made) if (!secret.disposed) secrets.add(secret.export().toString('hex'));
  const { fingerprint, sent, received, keyLog, exported } = side;
  return { fingerprint, sent: Buffer.concat(sent).toString('hex'), received, hashes, secrets, keyLog, exported, left };
}

class ReplayedSide {
  readonly fingerprint: string;
  readonly sent: Uint8Array[] = [];
  readonly received: string[] = [];
  readonly keyLog: string[] = [];
  exported: string[] = [];
  readonly #file: VectorFile;
  readonly #role: Role;
  readonly #primitives: HardenedConfig['primitives'] | undefined;
  /** Our own is the last. */
  readonly #identities: readonly [Identity, ...Identity[]];
  readonly #session: Session;
  #now = 0;
  #work: Work | undefined;

  constructor(file: VectorFile, role: Role, primitives: HardenedConfig['primitives'] | undefined, before?: string) {
    this.#primitives = primitives;
    this.#file = file;
    this.#role = role;
    const algorithm = SUITES[file.suite.name].sig;
    const of = (seed: string) => Identity.from({ algorithm, ...sigKeypairFrom(bytes(seed), algorithm) });
    const own = of(file.inputs[role].sig_seed);
    this.#identities = before === undefined ? [own] : [of(before), own];
    this.fingerprint = own.fingerprint;
    const log = new EventEmitter().on('keylog', (line) => void this.keyLog.push(String(line)));
    this.#session = new Session(
      {
        send: (parts) => void this.sent.push(...parts.map((part) => Buffer.from(part))),
        work: (work) => {
          this.#work = work;
          return undefined;
        },
        watched: () => false,
        step: () => {},
        proven: () => {},
        open: (state) => this.#export(state),
        data: (plaintext) => void this.received.push(Buffer.from(plaintext).toString('hex')),
        end: () => void this.received.push('end'),
        wakeIn: () => {},
        keylog: (secret, clientRandom) => emitKeyLog(log, secret, clientRandom),
      },
      () => this.#now,
      HANDSHAKE_BUFFER,
    );
  }

  run(): void {
    this.#session.start(this.#machine());
    for (const { sender, frame } of this.#file.frames) if (sender !== this.#role) this.#receive(frame);
    const { records } = this.#file;
    for (const [at, record] of records.entries()) {
      if (record.sender === this.#role) this.#send(record, records.slice(0, at));
      else this.#receive(record.record);
    }
    this.#session.dispose();
  }

  #machine() {
    const { inputs, suite, identities } = this.#file;
    const trust = identities[this.#role === 'client' ? 'server' : 'client'].fingerprint;
    const limits = { keyAge: KEY_AGE, rekeyInterval: REKEY_INTERVAL };
    const [prologue, padding] = [bytes(inputs.prologue), inputs.pad_to[this.#role]];
    const suites = [suite.name] as const;
    const options = { identity: this.#identities, trust, suites, prologue, padding, limits };
    return parseHardened(this.#role, options, policyOf(trust), this.#primitives).startMachine;
  }

  #receive(hex: string): void {
    this.#session.receive(bytes(hex));
    while (this.#work !== undefined) {
      const work = this.#work;
      this.#work = undefined;
      this.#session.resume(work.kind === 'verdict' ? { trusted: true } : work.operation.runSync());
    }
  }

  /** What an application does; all other records come by themselves, if it is time for them. */
  #send({ type, content }: RecordVector, before: readonly RecordVector[]): void {
    const last = before.findLast(({ sender }) => sender === this.#role)?.type;
    if (last === 'KEY_UPDATE') this.#now = KEY_AGE;
    if (last === 'REKEY_INIT') this.#now = REKEY_INTERVAL;
    if (type === 'DATA') this.#session.write(bytes(content));
    if (type === 'CLOSE') this.#session.close();
  }

  #export({ channel }: OpenState): void {
    this.exported = this.#file.exporter.map(
      ({ label, context, length }) => channel.exporter?.(length, label, bytes(context)).toString('hex') ?? '',
    );
  }
}

export function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

/** The random bytes of a role, in the order in which liboqs and node:crypto are asked for them. */
function randomOf({ inputs }: VectorFile, role: Role): { lattice: Buffer; node: Buffer } {
  const { client, server, rekey } = inputs;
  const [lattice, node] =
    role === 'client'
      ? [client.kem_seed + client.sig_rnd + rekey.kem_seed, [client.random, client.x25519_sk, rekey.x25519_sk_c]]
      : [server.kem_m + server.sig_rnd + rekey.kem_m, [server.random, server.x25519_sk, rekey.x25519_sk_s]];
  return { lattice: bytes(lattice), node: bytes(node.join('')) };
}

/** Answers how many bytes are left; too few end the test. */
function withRandom(lattice: Buffer, node: Buffer, work: () => void): number {
  const { randomFillSync } = crypto;
  let taken = 0;
  let failure: unknown;
  const fixed = (into: Uint8Array) => {
    if (taken + into.length > node.length) throw new Error(`${into.length} random bytes more than there are`);
    into.set(node.subarray(taken, taken + into.length));
    taken += into.length;
    return into;
  };
  Object.assign(crypto, { randomFillSync: fixed });
  try {
    const left = testAddon.withRandomBytes(lattice, () => {
      try {
        work();
      } catch (error) {
        failure = error;
      }
    });
    if (failure !== undefined) throw failure;
    return left + node.length - taken;
  } finally {
    Object.assign(crypto, { randomFillSync });
  }
}

function hashesTaken(work: () => void): readonly string[] {
  const { digest } = RunningSha512.prototype;
  const taken = new Set<string>();
  RunningSha512.prototype.digest = function (this: RunningSha512) {
    const hash = digest.call(this);
    taken.add(hash.toString('hex'));
    return hash;
  };
  try {
    work();
  } finally {
    RunningSha512.prototype.digest = digest;
  }
  return [...taken];
}

/** What each secret is when it is wiped. */
function noteWiped(into: Set<string>, work: () => void): void {
  const { dispose } = Secret.prototype;
  Secret.prototype.dispose = function (this: Secret) {
    if (!this.disposed) into.add(this.export().toString('hex'));
    dispose.call(this);
  };
  try {
    work();
  } finally {
    Secret.prototype.dispose = dispose;
  }
}

/** On a clock of our own, in milliseconds. */
const KEY_AGE = 1000;
const REKEY_INTERVAL = 1500;
