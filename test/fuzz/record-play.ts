/**
 * Plays a stream of records against one open side of ours, as a peer that has the right keys and no manners. What
 * {@link RecordModel} says of each step is compared with what happens.
 */
import assert from 'node:assert/strict';
import type { Primitives } from '../../lib/crypto/primitives.js';
import { Secret } from '../../lib/crypto/secret.js';
import { alertOf, PqError } from '../../lib/errors.js';
import type { OpenState } from '../../lib/handshake/machine.js';
import type { Role } from '../../lib/record/channel.js';
import { HardenedChannel, type RecordLimits } from '../../lib/record/hardened-channel.js';
import { Direction, EMPTY, expandLabel, headerOf, hmac, sha512 } from '../support/script-records.js';
import { Side } from '../support/wired-sessions.js';
import { INNER, RecordModel } from './record-model.js';

/** What the peer does, and at the end of the list what our application and the clock do. */
export type Step =
  /** A record of any type: so many bytes, all the same, and so many zeros behind the type. */
  | {
      readonly do: 'record';
      readonly type: number;
      readonly length: number;
      readonly fill: number;
      readonly padding: number;
    }
  /** A message of its turn, as it should be; it goes on under the next key, or forgets to. */
  | { readonly do: 'update' | 'rekey' | 'done'; readonly goesOn: boolean }
  | { readonly do: 'forged'; readonly bit: number }
  | { readonly do: 'replayed' | 'skipped' }
  | { readonly do: 'frame'; readonly type: number; readonly body: Uint8Array }
  | { readonly do: 'header'; readonly type: number; readonly length: number }
  | { readonly do: 'write' | 'wait'; readonly amount: number }
  | { readonly do: 'close' | 'wake' | 'end' };

type LocalStep = Extract<Step, { do: 'write' | 'wait' } | { do: 'close' | 'wake' | 'end' }>;

/** With what a receiver opens the next record. */
interface Expected {
  readonly secret: Buffer;
  readonly sequence: number;
}

/** The secrets that the connection begins with. */
const FIRST = { client: 0xc0, server: 0x50, master: 0x33 };

const PLAINTEXT_MAX = 65_537;

const ALERT_NUMBERS: Record<string, number> = {
  PQ_ERR_UNEXPECTED_MESSAGE: 2,
  PQ_ERR_DECODE: 3,
  PQ_ERR_BAD_RECORD: 0x0a,
  PQ_ERR_FLOOD: 0x0b,
  PQ_ERR_REKEY: 0x0d,
};

export class RecordPlay {
  /** How it failed. */
  code: string | undefined;
  /** How many REKEYs were completed. */
  rekeys = 0;
  readonly #role: Role;
  readonly #kem: Primitives['kem'];
  readonly #clock = { now: 0 };
  readonly #side = new Side(this.#clock);
  readonly #model: RecordModel;
  /** The peer's; and what the side under test should open with, unknown once a REKEY has gone wrong. */
  readonly #sending: Direction;
  #expects: Expected | undefined;
  /** Opens what the side under test sends, as long as we can. */
  #reading: Direction | undefined;
  #rekeySecret: Buffer;
  /** Of the REKEY under way: the client's kem_pk, and its key pair if the peer is the client and has made one. */
  #publicKey: Uint8Array = EMPTY;
  #pair: { publicKey: Uint8Array; secretKey: Secret } | undefined;
  /** With which the side under test opens what follows RESP or DONE; and with which it seals what follows its DONE. */
  #next: Buffer | undefined;
  #afterDone: Buffer | undefined;
  #last: Buffer = EMPTY;
  #wakeAt = Number.POSITIVE_INFINITY;
  #delivered = 0;

  /** @param role of the side under test */
  constructor(role: Role, kem: Primitives['kem'], limits: RecordLimits) {
    const secretOf = (name: keyof typeof FIRST) => Buffer.alloc(64, FIRST[name]);
    const peer = role === 'client' ? 'server' : 'client';
    this.#role = role;
    this.#kem = kem;
    this.#sending = new Direction(secretOf(peer));
    this.#expects = { secret: secretOf(peer), sequence: 0 };
    this.#reading = new Direction(secretOf(role));
    this.#rekeySecret = expandLabel(secretOf('master'), 'rk', EMPTY, 64);
    this.#model = new RecordModel(role, limits, { ...kem.algorithm, isPublicKey: kem.isPublicKey });
    const [client, server, master] = (['client', 'server', 'master'] as const).map((n) => Secret.from(secretOf(n)));
    const secrets = { client, server, master } as { client: Secret; server: Secret; master: Secret };
    const channel = new HardenedChannel(role, secrets, kem, limits, 0);
    this.#side.session.start(() => ({ kind: 'open', channel }) as unknown as OpenState);
  }

  /** Plays until the end, or until it fails; then nothing that comes has any effect. */
  play(steps: readonly Step[]): this {
    for (const step of steps) {
      this.#do(step);
      if (this.code !== undefined || step.do === 'end') break;
    }
    this.#side.session.dispose();
    this.#side.session.receive(Buffer.alloc(100));
    assert.equal(this.#side.takeSent().length, 0, 'something is sent after the end');
    return this;
  }

  #do(step: Step): void {
    if (step.do === 'record') this.#deliver(plaintextOf(step));
    else if (step.do === 'update') this.#update(step.goesOn);
    else if (step.do === 'rekey' && this.#role === 'server') this.#ask();
    else if (step.do === 'rekey') this.#answer(step.goesOn);
    else if (step.do === 'done') this.#finish(step.goesOn);
    else if (step.do === 'forged') this.#forge(step.bit);
    else if (step.do === 'replayed') this.#replay();
    else if (step.do === 'skipped') this.#sending.sequence += 1;
    else if (step.do === 'frame') this.#frame(step.type, Buffer.from(step.body));
    else if (step.do === 'header') this.#header(step.type, step.length);
    else this.#local(step as LocalStep);
  }

  #local(step: LocalStep): void {
    const { session } = this.#side;
    if (step.do === 'wait') this.#clock.now += step.amount;
    else if (step.do === 'wake' && this.#clock.now >= this.#wakeAt) {
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#model.wake();
      session.wake();
      this.#collect();
    } else if (step.do === 'write' && !this.#model.ownClosed) {
      session.write(Buffer.alloc(step.amount, 'd'));
      this.#collect(step.amount);
    } else if (step.do === 'close') {
      session.close();
      this.#collect();
      this.#model.ownClosed = true;
    } else if (step.do === 'end') {
      this.#compare(() => session.receiveEnd(), this.#model.peerClosed ? undefined : 'PQ_ERR_TRUNCATED');
    }
  }

  /** A record with this plaintext, sealed as the peer's next one. */
  #deliver(plaintext: Buffer): void {
    const { secret, sequence } = this.#sending;
    const opens = this.#expects?.secret.equals(secret) === true && this.#expects.sequence === sequence;
    const record = this.#sending.sealPlaintext(plaintext);
    this.#last = record;
    const refused = this.#judged(record) ?? (opens ? undefined : 'PQ_ERR_BAD_RECORD');
    const end = plaintext.findLastIndex((byte) => byte !== 0);
    if (refused === undefined && plaintext[end] === INNER.INIT) this.#publicKey = plaintext.subarray(0, end);
    const expected = refused ?? this.#model.record(plaintext, this.#clock.now);
    if (expected === undefined && plaintext[end] === INNER.DATA) this.#delivered += end;
    this.#receive(record, expected, refused === undefined && plaintext[end] === INNER.ALERT);
    if (this.code === undefined) this.#follow(plaintext[end] as number);
  }

  /** The key with which the side under test opens the record after one that it has taken. */
  #follow(type: number): void {
    const { secret, sequence } = this.#expects as Expected;
    this.#expects = { secret, sequence: sequence + 1 };
    if (type === INNER.KEY_UPDATE) this.#expects = { secret: expandLabel(secret, 'upd', EMPTY, 64), sequence: 0 };
    if (type !== INNER.RESP && type !== INNER.DONE) return;
    this.#expects = this.#next && { secret: this.#next, sequence: 0 };
    if (this.#next !== undefined) this.rekeys += 1;
    this.#next = undefined;
  }

  /** REKEY_INIT of a client that remembers what it asks. */
  #ask(): void {
    this.#pair = this.#kem.keypair().runSync();
    this.#deliver(Buffer.concat([this.#pair.publicKey, Uint8Array.of(INNER.INIT)]));
  }

  /** REKEY_RESP of a server; to nothing, if it was not asked. */
  #answer(goesOn: boolean): void {
    const asked = this.#publicKey.length > 0 ? this.#publicKey : this.#kem.keypair().runSync().publicKey;
    const { ciphertext, sharedSecret } = this.#kem.encapsulate(asked).runSync();
    const secrets = this.#model.rekey === 'asked' ? this.#derive(sharedSecret.export(), asked, ciphertext) : undefined;
    this.#next = secrets?.server;
    this.#afterDone = secrets?.client;
    this.#deliver(Buffer.concat([ciphertext, Uint8Array.of(INNER.RESP)]));
    this.#afterDone = undefined;
    if (goesOn && secrets !== undefined) this.#sending.replace(secrets.server);
  }

  #update(goesOn: boolean): void {
    this.#deliver(Buffer.from([INNER.KEY_UPDATE]));
    if (goesOn) this.#sending.update();
  }

  /** REKEY_DONE is a client's. */
  #finish(goesOn: boolean): void {
    if (this.#role === 'client') return;
    const next = this.#next;
    this.#deliver(Buffer.from([INNER.DONE]));
    if (goesOn && next !== undefined) this.#sending.replace(next);
  }

  #replay(): void {
    if (this.#last.length > 0) this.#receive(this.#last, this.#judged(this.#last) ?? 'PQ_ERR_BAD_RECORD');
  }

  #forge(bit: number): void {
    const record = this.#sending.seal('DATA', Buffer.alloc(20, 'f'));
    const at = 32 + (bit % (8 * (record.length - 4))); // the header has steps of its own
    record[at >> 3] = (record[at >> 3] as number) ^ (1 << (at & 7));
    this.#receive(record, this.#judged(record) ?? 'PQ_ERR_BAD_RECORD');
  }

  /** A frame without any key. */
  #frame(type: number, body: Buffer): void {
    const whole = Buffer.concat([headerOf(type, body.length), body]);
    const unsealed = type === 0x0a ? this.#model.alert(body) : 'PQ_ERR_BAD_RECORD';
    const refused = this.#judged(whole);
    this.#receive(whole, refused ?? unsealed, refused === undefined && type === 0x0a);
  }

  /** A header alone is judged at once; what is taken is filled up. */
  #header(type: number, length: number): void {
    const header = headerOf(type, length);
    const refused = this.#judged(header);
    if (refused !== undefined) this.#receive(header, refused);
    else this.#frame(type, Buffer.alloc(length));
  }

  #judged(frame: Buffer): string | undefined {
    return this.#model.header(frame.readUInt8(), frame.readUIntBE(1, 3));
  }

  /** @param alert whether they are an alert, which is never answered */
  #receive(bytes: Buffer, expected: string | undefined, alert = false): void {
    this.#compare(() => this.#side.session.receive(bytes), expected, alert);
    const delivered = this.#side.data.reduce((sum, { length }) => sum + length, 0);
    assert.deepEqual([delivered, this.#side.ended], [this.#delivered, this.#model.peerClosed], 'data and its end');
  }

  #compare(action: () => void, expected: string | undefined, alert = false): void {
    let error: unknown;
    try {
      action();
    } catch (thrown) {
      error = thrown;
    }
    if (error !== undefined && !(error instanceof PqError)) throw error;
    assert.equal(error?.code, expected, `${expected} was due: ${error?.message}`);
    this.#collect();
    if (error === undefined) return;
    this.code = error.code;
    const told = this.#side.session.abort(alertOf(error));
    const number = ALERT_NUMBERS[error.code];
    assert.equal(told, number !== undefined && !alert && !this.#model.ownClosed, 'whether the peer is told');
    if (this.#reading === undefined) this.#side.takeSent(); // what is told can't be read: a REKEY has gone wrong
    if (!told || this.#reading === undefined) return;
    const last = this.#read().at(-1);
    assert.deepEqual([last?.type, [...(last?.content ?? [])]], ['ALERT', [number]]);
  }

  /** Looks at what the side under test wants and has sent. */
  #collect(written?: number): void {
    const delay = this.#side.wakes.splice(0).at(-1);
    if (delay !== undefined) this.#wakeAt = this.#clock.now + delay;
    const data = this.#read().filter(({ type }) => type === 'DATA');
    if (written === undefined || this.#reading === undefined) return;
    assert.equal(
      data.reduce((sum, { content }) => sum + content.length, 0),
      written,
    );
  }

  /** The records that the side under test has sent; as long as its keys are known to us. */
  #read(): ReturnType<Direction['open']>[] {
    const records: ReturnType<Direction['open']>[] = [];
    for (let sent = this.#side.takeSent(); sent.length > 0 && this.#reading !== undefined; ) {
      const length = 4 + sent.readUIntBE(1, 3);
      const record = this.#reading.open(sent.subarray(0, length));
      assert.ok(!this.#model.ownClosed, `${record.type} is sent after CLOSE`);
      this.#sentBy(record.type, record.content);
      records.push(record);
      sent = sent.subarray(length);
    }
    return records;
  }

  /** What a record of the side under test changes. */
  #sentBy(type: string, content: Buffer): void {
    if (type === 'KEY_UPDATE') this.#reading?.update();
    if (type === 'REKEY_INIT') {
      assert.ok(this.#role === 'client' && this.#model.rekey === 'idle' && !this.#model.peerClosed, 'REKEY_INIT');
      this.#model.rekey = 'asked';
      this.#publicKey = content;
    }
    if (type === 'REKEY_DONE') {
      this.#reading = this.#afterDone && new Direction(this.#afterDone);
    }
    if (type === 'REKEY_RESP') {
      assert.equal(this.#model.rekey, 'answered', 'REKEY_RESP');
      const own = this.#pair !== undefined && Buffer.from(this.#pair.publicKey).equals(this.#publicKey);
      const shared = own && this.#pair && this.#kem.decapsulate(this.#pair.secretKey, content).runSync().export();
      const secrets = shared ? this.#derive(shared, this.#publicKey, content) : undefined;
      this.#next = secrets?.client;
      this.#reading = secrets && new Direction(secrets.server);
    }
  }

  /** Chapter 9. */
  #derive(sharedSecret: Buffer, publicKey: Uint8Array, ciphertext: Uint8Array): { client: Buffer; server: Buffer } {
    const mixed = hmac(this.#rekeySecret, sharedSecret);
    const context = sha512(publicKey, ciphertext);
    this.#rekeySecret = expandLabel(mixed, 'rk', context, 64);
    return { client: expandLabel(mixed, 'c ap', context, 64), server: expandLabel(mixed, 's ap', context, 64) };
  }
}

/** Cut at the front, if it is more than fits into a record. */
function plaintextOf({ type, length, fill, padding }: Extract<Step, { do: 'record' }>): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(length, fill), Uint8Array.of(type), Buffer.alloc(padding)]);
  return bytes.subarray(-PLAINTEXT_MAX);
}
