/** An open connection of the hardened profile: what each kind of record does. PROTOCOL.md, "Records". */
import { EMPTY, readU24 } from '../bytes.js';
import { GCM_TAG_LENGTH } from '../crypto/aead.js';
import type { Primitives } from '../crypto/primitives.js';
import type { Secret } from '../crypto/secret.js';
import { type AlertName, pqError } from '../errors.js';
import { RECORD_BODY_LEAST, RECORD_BODY_MAX, TICKET_LEAST, TICKET_MAX } from '../limits.js';
import { ALERT_CODES, alertReceived } from '../wire/alert.js';
import { acceptFrames, exactly, FRAME_TYPES } from '../wire/frame.js';
import { type AcceptHeader, HEADER_LENGTH } from '../wire/frame-decoder.js';
import type { Channel, ChannelOutput, Role } from './channel.js';
import { Inbound, type InboundLimits } from './inbound.js';
import type { InnerType } from './inner-type.js';
import { MasterSecret } from './master-secret.js';
import { Outbound, type OutboundLimits } from './outbound.js';
import { ClientRekey, type Rekey, ServerRekey } from './rekey.js';

/** What a connection may use, and what its peer may. */
export interface RecordLimits extends OutboundLimits, InboundLimits {
  /** Bytes of data in a record that we send. */
  readonly maxRecordSize: number;
  /** Milliseconds from one REKEY to the next, for a client. */
  readonly rekeyInterval: number;
  /** Milliseconds from one REKEY to the next, at least, for a server. */
  readonly rekeyLeast: number;
  /** Tickets that a server may send. */
  readonly tickets: number;
}

/** What the handshake hands over; it owns none of the secrets any more. */
export interface ChannelSecrets {
  /** 64 bytes each, or 108 with key and iv: see TrafficKeys. */
  readonly client: Secret;
  readonly server: Secret;
  /** 64 bytes. */
  readonly master: Secret;
}

const RECORD = { name: 'Record', least: RECORD_BODY_LEAST, most: RECORD_BODY_MAX } as const;
const ACCEPT_RECORD = acceptFrames(RECORD);
const ACCEPT_RECORD_OR_ALERT = acceptFrames(RECORD, exactly('Alert', 1));
const ACCEPT_NOTHING = acceptFrames();

export class HardenedChannel implements Channel {
  readonly #role: Role;
  readonly #limits: RecordLimits;
  readonly #outbound: Outbound;
  readonly #inbound: Inbound;
  readonly #master: MasterSecret;
  readonly #rekey: Rekey;
  /** Whether a CLOSE or ALERT of ours is out: nothing follows it. */
  #closed = false;
  #peerClosed = false;
  #tickets = 0;
  acceptHeader: AcceptHeader;

  constructor(role: Role, secrets: ChannelSecrets, kem: Primitives['kem'], limits: RecordLimits, now: number) {
    const [own, peer]: [Role, Role] = role === 'client' ? ['client', 'server'] : ['server', 'client'];
    this.#role = role;
    this.#limits = limits;
    this.#outbound = new Outbound(own, secrets[own], limits, now);
    this.#inbound = new Inbound(peer, secrets[peer], limits);
    this.#master = new MasterSecret(secrets.master);
    const parts = {
      kem,
      master: this.#master,
      outbound: this.#outbound,
      inbound: this.#inbound,
      closed: () => this.#closed,
    };
    this.#rekey =
      role === 'client' ? new ClientRekey(parts, limits.rekeyInterval, now) : new ServerRekey(parts, limits.rekeyLeast);
    // A server that doesn't take our ClientFinished can't seal what it says about it.
    this.acceptHeader = role === 'client' ? ACCEPT_RECORD_OR_ALERT : ACCEPT_RECORD;
  }

  receive(bytes: Uint8Array, out: ChannelOutput): number {
    const length = readU24(bytes, 1);
    if (bytes[0] === FRAME_TYPES.Alert) this.#fail(bytes.subarray(HEADER_LENGTH, HEADER_LENGTH + length));
    const into = out.space === undefined ? new Uint8Array(bytes.length) : out.space(bytes, length - GCM_TAG_LENGTH);
    if (into === undefined) return 0;
    this.acceptHeader = ACCEPT_RECORD;
    const { consumed, data, last } = this.#inbound.open(bytes, into);
    if (data.length > 0) this.#takeData(data, out);
    if (last instanceof Error) throw last;
    if (last !== undefined) this.#take(last, out);
    return consumed;
  }

  receiveEnd(): void {
    if (this.#peerClosed) return;
    throw pqError('PQ_ERR_TRUNCATED', 'the transport ended before the peer had said that its data was complete');
  }

  write(plaintext: Uint8Array, out: ChannelOutput): void {
    if (plaintext.length === 0) return;
    this.#renew(out);
    this.#outbound.write(plaintext, this.#limits.maxRecordSize, out);
  }

  close(out: ChannelOutput): void {
    if (this.#closed) return;
    this.#outbound.send('CLOSE', EMPTY, out);
    this.#closed = true;
  }

  alert(alert: AlertName, out: ChannelOutput): boolean {
    if (this.#closed) return false;
    this.#outbound.send('ALERT', Uint8Array.of(ALERT_CODES[alert]), out);
    this.#closed = true;
    return true;
  }

  wake(out: ChannelOutput): void {
    this.#rekey.wake(out);
  }

  exporter = (length: number, label: string, context: Uint8Array): Buffer =>
    this.#master.export(length, label, context);

  /** Tells the key log about the keys in use. */
  log(out: Pick<ChannelOutput, 'keylog'>): void {
    this.#outbound.log(out);
    this.#inbound.log(out);
  }

  dispose(): void {
    this.#closed = true;
    for (const part of [this.#outbound, this.#inbound, this.#rekey, this.#master]) part.dispose();
  }

  #take({ type, content }: { type: InnerType; content: Uint8Array }, out: ChannelOutput): void {
    if (type === 'CLOSE' || type === 'KEY_UPDATE') requireEmpty(type, content);
    if (type === 'DATA') this.#takeData(content, out);
    else if (type === 'CLOSE') this.#takeClose(out);
    else if (type === 'ALERT') this.#fail(content);
    else if (type === 'KEY_UPDATE') this.#inbound.update(out);
    else if (type === 'TICKET') this.#dropTicket(content);
    else this.#rekey.receive(type, content, out);
  }

  #takeData(content: Uint8Array, out: ChannelOutput): void {
    this.#inbound.countData(content.length);
    if (content.length > 0) out.data(content);
  }

  #takeClose(out: ChannelOutput): void {
    this.#peerClosed = true;
    this.acceptHeader = ACCEPT_NOTHING;
    this.#rekey.peerClosed();
    out.end();
  }

  /** The peer has sent an alert, which is never answered. */
  #fail(alert: Uint8Array): never {
    this.#closed = true;
    throw alertReceived(alert);
  }

  /** Only when data is about to be sent: an idle connection neither updates its keys nor asks for a REKEY. */
  #renew(out: ChannelOutput): void {
    const now = out.now();
    if (this.#rekey.isDue(now)) this.#rekey.start(out);
    else if (this.#outbound.isOld(now)) this.#outbound.update(out);
  }

  /** Tickets are not part of this version: one that has the right form is dropped, as PROTOCOL.md says. */
  #dropTicket(content: Uint8Array): void {
    if (this.#role === 'server') throw pqError('PQ_ERR_UNEXPECTED_MESSAGE', 'the peer, a client, sent a TICKET');
    if (content.length < TICKET_LEAST || content.length > TICKET_MAX) {
      throw pqError('PQ_ERR_DECODE', `the peer sent a TICKET of ${content.length} bytes`);
    }
    this.#tickets += 1;
    if (this.#tickets > this.#limits.tickets) throw pqError('PQ_ERR_FLOOD', `the peer sent ${this.#tickets} tickets`);
  }
}

function requireEmpty(type: InnerType, content: Uint8Array): void {
  if (content.length === 0) return;
  throw pqError('PQ_ERR_DECODE', `the peer sent a ${type} of ${content.length} bytes: it is empty`);
}
