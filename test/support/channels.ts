/** Open connections of the hardened profile without sessions: two channels, or one and a peer that acts by hand. */
import { sealGcm } from '../../lib/crypto/aead.js';
import { type Primitives, primitivesOf } from '../../lib/crypto/primitives.js';
import { SUITES, type SuiteName } from '../../lib/crypto/suites.js';
import { connectionLimits } from '../../lib/net/limits.js';
import { Secret } from '../../lib/oqs.js';
import type { ChannelOutput, LoggedSecret, Role } from '../../lib/record/channel.js';
import { type ChannelSecrets, HardenedChannel, type RecordLimits } from '../../lib/record/hardened-channel.js';
import { Inbound } from '../../lib/record/inbound.js';
import { INNER_TYPES, type InnerType } from '../../lib/record/inner-type.js';
import { TrafficKeys } from '../../lib/record/traffic-keys.js';
import { frameHeader } from '../../lib/wire/frame.js';
import type { Frame } from '../../lib/wire/frame-decoder.js';
import { bytesOf, framesOf, openOne } from './frames.js';
import type { Clock } from './wired-sessions.js';

/** The limits that a connection has unless said otherwise. */
export const LIMITS: RecordLimits = { ...connectionLimits('client'), padding: 1, maxRecordSize: 65_536 };

/** The secrets that a connection of these tests begins with; each time other copies, as whoever takes them wipes them. */
export function startSecrets(): ChannelSecrets {
  const secret = (byte: number) => Secret.from(new Uint8Array(64).fill(byte));
  return { client: secret(0xc0), server: secret(0x50), master: secret(0x33) };
}

/** Notes what a channel wants done. */
export class Outcome implements ChannelOutput {
  readonly sent: Frame[] = [];
  readonly received: Buffer[] = [];
  readonly wakes: number[] = [];
  readonly log: LoggedSecret[] = [];
  readonly clock: Clock;
  ended = false;

  constructor(clock: Clock = { now: 0 }) {
    this.clock = clock;
  }

  send(...parts: Uint8Array[]): void {
    this.sent.push(...framesOf(Buffer.concat(parts)));
  }

  data(plaintext: Uint8Array): void {
    this.received.push(Buffer.from(plaintext));
  }

  end(): void {
    this.ended = true;
  }

  wakeIn(delay: number): void {
    this.wakes.push(delay);
  }

  keylog(secret: LoggedSecret): void {
    this.log.push({ ...secret, secret: Uint8Array.from(secret.secret) });
  }

  now(): number {
    return this.clock.now;
  }

  /** What was sent since the last time. */
  take(): Frame[] {
    return this.sent.splice(0);
  }

  /** All data that has come. */
  get text(): string {
    return Buffer.concat(this.received).toString();
  }

  /** The secrets of one direction, generation after generation, in hex. */
  secretsOf(sender: Role): string[] {
    const logged = this.log.filter((entry) => entry.sender === sender);
    return logged.map(({ generation, secret }) => `${generation} ${Buffer.from(secret).toString('hex')}`);
  }
}

/** One side: a channel, and what came of it. */
export class End extends Outcome {
  readonly channel: HardenedChannel;

  constructor(role: Role, clock: Clock, kem: Primitives['kem'], limits: RecordLimits) {
    super(clock);
    this.channel = new HardenedChannel(role, startSecrets(), kem, limits, clock.now);
    this.channel.log(this);
  }

  write(content: string | Uint8Array): void {
    this.channel.write(Buffer.from(content), this);
  }

  close(): void {
    this.channel.close(this);
  }

  wake(): void {
    this.channel.wake(this);
  }

  /** Takes frames, each on its header first. */
  receive(...frames: Frame[]): void {
    for (const frame of frames) {
      expect(this.channel.acceptHeader(frame.header)).toBe(frame.body.length);
      expect(this.channel.receive(bytesOf(frame), this)).toBe(4 + frame.body.length);
    }
  }
}

export interface ChannelOptions {
  readonly limits?: Partial<RecordLimits>;
  readonly suite?: SuiteName;
  /** The client's KEM, instead of the suite's. */
  readonly kem?: Primitives['kem'];
}

/** Two channels of one connection, and the clock of both. */
export class ChannelPair {
  readonly clock: Clock = { now: 0 };
  readonly client: End;
  readonly server: End;

  constructor({ limits = {}, suite = 'kyber1024-dilithium5', kem }: ChannelOptions = {}) {
    const real = primitivesOf(SUITES[suite]).kem;
    this.client = new End('client', this.clock, kem ?? real, { ...LIMITS, ...limits });
    this.server = new End('server', this.clock, real, { ...LIMITS, ...limits });
  }

  /** Everything that was sent arrives. */
  settle(): void {
    while (this.client.sent.length + this.server.sent.length > 0) {
      this.server.receive(...this.client.take());
      this.client.receive(...this.server.take());
    }
  }
}

/** A peer that seals whatever it likes, in its order and under the right keys, and reads what it is sent. */
export class HandPeer {
  readonly keys: TrafficKeys;
  readonly #inbound: Inbound;
  readonly #outcome = new Outcome();

  constructor(role: Role) {
    const secrets = startSecrets();
    this.keys = new TrafficKeys(secrets[role]);
    const other = role === 'client' ? 'server' : 'client';
    secrets.master.dispose();
    this.#inbound = new Inbound(other, secrets[other], { emptyRecords: 1e6, keyUpdates: 1e6 });
  }

  /** A record of any type and content; KEY_UPDATE is to be followed by `keys.update()`. */
  seal(type: InnerType | number, content: Uint8Array = new Uint8Array(0), padding = 0): Frame {
    const byte = typeof type === 'number' ? type : INNER_TYPES[type];
    return this.sealPlaintext(Buffer.concat([content, Uint8Array.of(byte), new Uint8Array(padding)]));
  }

  sealPlaintext(plaintext: Uint8Array): Frame {
    const header = frameHeader('Record', plaintext.length + 16);
    const body = Buffer.concat(sealGcm(this.keys.key, this.keys.nextNonce(), [plaintext], header));
    return { header, body };
  }

  /** KEY_UPDATE, and on under the next key. */
  update(): Frame {
    const frame = this.seal('KEY_UPDATE');
    this.keys.update();
    return frame;
  }

  /** What records hold; it follows KEY_UPDATEs. */
  open(...frames: Frame[]): { type: InnerType; content: Buffer }[] {
    return frames.map((frame) => {
      const opened = openOne(this.#inbound, frame);
      if (opened.type === 'KEY_UPDATE') this.#inbound.update(this.#outcome);
      return opened;
    });
  }

  dispose(): void {
    this.keys.dispose();
    this.#inbound.dispose();
  }

  /** Goes on reading under another secret. */
  readUnder(secret: Secret): void {
    this.#inbound.replace(secret, this.#outcome);
  }
}

/** A channel whose peer acts by hand. */
export function handled(role: Role, { limits = {}, suite = 'kyber1024-dilithium5' }: ChannelOptions = {}) {
  const clock: Clock = { now: 0 };
  const { kem } = primitivesOf(SUITES[suite]);
  const end = new End(role, clock, kem, { ...LIMITS, ...limits });
  const peer = new HandPeer(role === 'client' ? 'server' : 'client');
  return { end, peer, clock, kem };
}
