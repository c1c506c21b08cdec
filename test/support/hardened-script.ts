/**
 * A peer that follows the hardened profile by hand, frame by frame, so that a test can do one thing differently. It is
 * a second implementation, made from PROTOCOL.md: with lib/ it shares the algorithms and nothing of the protocol.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import type { SigKeyPair } from '../../lib/oqs.js';
import { BATCHES, batchFields, batchSigned } from './script-batch.js';
import {
  type ClientHelloFields,
  clientHelloBody,
  keyChosen,
  type ServerHelloFields,
  serverHelloBody,
  serverHelloFields,
} from './script-hello.js';
import { Direction, EMPTY, expandLabel, headerOf, hmac, sha512 } from './script-records.js';
import { SCRIPT_SUITES, type ScriptPair, type ScriptSuite } from './script-suite.js';

export const FRAMES = {
  ServerHello: 0x01,
  ClientHello: 0x02,
  ClientKem: 0x03,
  ClientAuth: 0x04,
  ServerKem: 0x05,
  ServerAuth: 0x06,
  ServerFinished: 0x07,
  ClientFinished: 0x08,
  Alert: 0x0a,
  Record: 0x10,
} as const;

export type FrameName = keyof typeof FRAMES;

/** The reasons of alerts, the first one with the number 1. */
export const ALERTS = [
  'close_by_user',
  'unexpected_message',
  'decode_error',
  'no_common_suite',
  'no_common_version',
  'auth_failed',
  'ticket_rejected',
  'busy',
  'timeout',
  'bad_record',
  'limit_exceeded',
  'internal',
  'rekey_error',
] as const;

/** How far the side under test has come: the states of PROTOCOL.md chapter 13. */
export const STATES = ['START', 'WAIT_KEM', 'WAIT_AUTH', 'WAIT_FIN', 'OPEN'] as const;

export type State = (typeof STATES)[number];

/** A frame, whole. */
export function frame(type: FrameName | number, body: Uint8Array = EMPTY): Buffer {
  return Buffer.concat([headerOf(typeof type === 'number' ? type : FRAMES[type], body.length), body]);
}

export interface ScriptOptions {
  /** What the script is; the side under test is the other. */
  readonly role: 'client' | 'server';
  readonly suite?: ScriptSuite;
  readonly keys?: SigKeyPair;
  readonly prologue?: string;
  /** Of our hello. */
  readonly extensions?: Buffer;
  /** Which of the server's keys a client chooses, by its place; it says so if this is given. */
  readonly place?: number;
}

export class HardenedScript {
  readonly socket: Socket;
  readonly role: 'client' | 'server';
  readonly suite: ScriptSuite;
  readonly keys: SigKeyPair;
  /** The frames of the handshake, as both sides have them. */
  readonly transcript: Buffer[] = [];
  readonly #prologue: Buffer;
  readonly #extensions: Buffer;
  readonly #place: number | undefined;
  readonly #random = randomBytes(32);
  /** Of the handshake, and then of a REKEY. */
  pair: ScriptPair;
  peerKey: Buffer = EMPTY;
  sharedSecret: Buffer = EMPTY;
  /** Once the connection is open. */
  sending = new Direction(Buffer.alloc(64));
  receiving = new Direction(Buffer.alloc(64));
  rekeySecret: Buffer = EMPTY;
  #reached = -1;
  #received = EMPTY;
  #ended = false;
  #wake = (): void => {};

  constructor(socket: Socket, options: ScriptOptions) {
    const { role, suite = SCRIPT_SUITES['kyber1024-dilithium5'], keys, prologue, extensions = EMPTY, place } = options;
    this.socket = socket;
    this.role = role;
    this.suite = suite;
    this.keys = keys ?? suite.sig.keypairSync();
    this.pair = suite.keypair();
    this.#prologue = Buffer.from(prologue ?? '');
    this.#place = place;
    this.#extensions = Buffer.concat([extensions, ...(place === undefined ? [] : [keyChosen(place)])]);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('error', () => {}); // the other side refuses: the tests look at its error
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true;
        this.#wake();
      });
    }
  }

  /** A script that is the client of a server. */
  static async connect(port: number, options: Omit<ScriptOptions, 'role'> = {}): Promise<HardenedScript> {
    const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
    const script = new HardenedScript(socket, { ...options, role: 'client' });
    await once(socket, 'connect');
    return script;
  }

  /** Sends bytes, whatever they are. */
  send(...bytes: Uint8Array[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** Sends a frame of the handshake, which both sides then have in their transcripts. */
  say(name: FrameName, body: Uint8Array): void {
    const whole = frame(name, body);
    this.transcript.push(whole);
    this.send(whole);
  }

  /** Takes the next frame of the handshake, which must be this one, and gives its body. */
  async hear(name: FrameName): Promise<Buffer> {
    const whole = await this.readFrame();
    if (whole?.[0] !== FRAMES[name]) throw new Error(`the peer sent ${whole?.[0]} in the place of a ${name}`);
    this.transcript.push(whole);
    return whole.subarray(4);
  }

  /** The next frame, whole; undefined if the peer ends its side before. */
  async readFrame(): Promise<Buffer | undefined> {
    if (!(await this.#has(4))) return undefined;
    const length = this.#received.readUIntBE(1, 3);
    if (!(await this.#has(4 + length))) return undefined;
    const whole = this.#received.subarray(0, 4 + length);
    this.#received = this.#received.subarray(4 + length);
    return whole;
  }

  /** The next record, opened. */
  async readRecord(): Promise<ReturnType<Direction['open']>> {
    const whole = await this.readFrame();
    if (whole?.[0] !== FRAMES.Record) throw new Error(`the peer sent ${whole?.[0]} in the place of a Record`);
    return this.receiving.open(whole);
  }

  /** Does what is right until the side under test is in a state. */
  async reach(state: State): Promise<this> {
    const steps = this.role === 'client' ? this.#clientSteps : this.#serverSteps;
    while (this.#reached < STATES.indexOf(state)) {
      this.#reached += 1;
      await (steps[this.#reached] as () => void | Promise<void>)();
    }
    return this;
  }

  /** What the peer still says until it ends its side: the names of its frames, with what is in a Record or Alert. */
  async lastWords(): Promise<string[]> {
    const words: string[] = [];
    for (let whole = await this.readFrame(); whole !== undefined; whole = await this.readFrame()) {
      words.push(this.#describe(whole));
    }
    if (this.#received.length > 0) words.push(`${this.#received.length} bytes`);
    this.socket.end();
    return words;
  }

  serverHello(fields: Partial<ServerHelloFields> = {}): Buffer {
    const { suite, keys } = this;
    const key = { sigalg: suite.sigalg, pk: keys.publicKey };
    const usual = { magic: 'PQSK', versions: [1], random: this.#random, suites: [suite.number], keys: [key] };
    return serverHelloBody({ ...usual, extensions: this.#extensions, ...fields });
  }

  clientHello(fields: Partial<ClientHelloFields> = {}): Buffer {
    const usual = { version: 1, suite: this.suite.number, random: this.#random, mode: 0, key: this.keys.publicKey };
    return clientHelloBody({ ...usual, extensions: this.#extensions, ...fields });
  }

  /** The hash of the transcript up to its nth frame. */
  hash(frames: number): Buffer {
    const prologue = [Uint8Array.of(this.#prologue.length), this.#prologue];
    return sha512(Buffer.from('pqsock1 transcript\0'), ...prologue, ...this.transcript.slice(0, frames));
  }

  /** The 148 bytes that a role signs. */
  signed(role: 'client' | 'server'): Buffer {
    const hash = this.hash(role === 'client' ? 3 : 5);
    return Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from(`pqsock1 ${role} auth\0`), hash]);
  }

  /** Our signature in a role; with another secret key, if the test says so. */
  signature(role: 'client' | 'server', { secretKey } = this.keys): Buffer {
    return this.suite.sig.signSync(this.signed(role), secretKey);
  }

  mac(role: 'client' | 'server', sharedSecret = this.sharedSecret): Buffer {
    const key = expandLabel(handshakeSecret(sharedSecret), `${role[0]} finished`, this.hash(5), 64);
    return hmac(key, this.hash(role === 'server' ? 6 : 7));
  }

  /** Takes the traffic secrets into use: the transcript is complete. */
  openRecords(): void {
    const hs = handshakeSecret(this.sharedSecret);
    const [client, server] = ['c ap', 's ap'].map((label) => expandLabel(hs, label, this.hash(8), 64)) as [
      Buffer,
      Buffer,
    ];
    this.sending.replace(this.role === 'client' ? client : server);
    this.receiving.replace(this.role === 'client' ? server : client);
    this.rekeySecret = expandLabel(expandLabel(hs, 'master', this.hash(8), 64), 'rk', EMPTY, 64);
  }

  /** The two traffic secrets of a REKEY; the next one starts from what this one leaves. */
  rekey(sharedSecret: Buffer, kemPk: Buffer, kemCt: Buffer): { client: Buffer; server: Buffer } {
    const mixed = hmac(this.rekeySecret, sharedSecret);
    const context = sha512(kemPk, kemCt);
    this.rekeySecret = expandLabel(mixed, 'rk', context, 64);
    return { client: expandLabel(mixed, 'c ap', context, 64), server: expandLabel(mixed, 's ap', context, 64) };
  }

  /** What a client takes of the server's three messages; throws if one is wrong. */
  async hearServer(): Promise<void> {
    this.sharedSecret = this.suite.decapsulate(this.pair, await this.hear('ServerKem'));
    const single = this.signed('server');
    const auth = await this.hear('ServerAuth');
    const expected = this.mac('server');
    const mac = await this.hear('ServerFinished');
    const [message, signature] = this.#signedIn(auth, single);
    const signed = this.suite.sig.verifySync(message, signature, this.peerKey);
    if (!signed || !mac.equals(expected)) throw new Error('the server does not prove who it is');
  }

  /** What a server takes of the client's three messages; throws if one is wrong. */
  async hearClient(): Promise<void> {
    const hello = await this.hear('ClientHello');
    this.peerKey = hello.subarray(38, 38 + hello.readUInt16BE(36));
    this.pair = { ...this.pair, publicKey: await this.hear('ClientKem') };
    const message = this.signed('client');
    const auth = await this.hear('ClientAuth');
    if (!this.suite.sig.verifySync(message, auth, this.peerKey)) throw new Error('the client’s signature is wrong');
  }

  /** What was signed, and the signature; a batch only if our hello has agreed. */
  #signedIn(auth: Buffer, single: Buffer): [message: Buffer, signature: Buffer] {
    if (auth[0] === 0) return [single, auth.subarray(1)];
    if (auth[0] !== 1 || !this.#extensions.subarray(0, 4).equals(BATCHES))
      throw new Error('there is no such ServerAuth');
    const fields = batchFields(auth, this.suite.sig.signatureLength);
    return [batchSigned(fields, single), fields.signature];
  }

  async #hearServerHello(): Promise<void> {
    const { keys } = serverHelloFields(await this.hear('ServerHello'));
    const isOurs = ({ sigalg }: { sigalg: number }) => sigalg === this.suite.sigalg;
    this.peerKey = (this.#place === undefined ? keys.find(isOurs) : keys[this.#place])?.pk ?? EMPTY;
  }

  #sayServerKem(): void {
    const { ciphertext, sharedSecret } = this.suite.encapsulate(this.pair.publicKey);
    this.sharedSecret = sharedSecret;
    this.say('ServerKem', ciphertext);
  }

  readonly #clientSteps = [
    () => this.#hearServerHello(),
    () => this.say('ClientHello', this.clientHello()),
    () => this.say('ClientKem', this.pair.publicKey),
    async () => {
      this.say('ClientAuth', this.signature('client'));
      await this.hearServer();
    },
    () => {
      this.say('ClientFinished', this.mac('client'));
      this.openRecords();
    },
  ];

  readonly #serverSteps = [
    () => {},
    async () => {
      this.say('ServerHello', this.serverHello());
      await this.hearClient();
    },
    () => this.#sayServerKem(),
    () => this.say('ServerAuth', Buffer.concat([Uint8Array.of(0), this.signature('server')])),
    async () => {
      this.say('ServerFinished', this.mac('server'));
      const expected = this.mac('client');
      if (!(await this.hear('ClientFinished')).equals(expected)) throw new Error('the client’s MAC is wrong');
      this.openRecords();
    },
  ];

  #describe(whole: Buffer): string {
    const name = (Object.keys(FRAMES) as FrameName[]).find((each) => FRAMES[each] === whole[0]) ?? `type ${whole[0]}`;
    if (name === 'Alert') return `Alert ${ALERTS[whole.readUInt8(4) - 1]}`;
    if (name !== 'Record') return name;
    const { type, content } = this.receiving.open(whole);
    if (type === 'KEY_UPDATE') this.receiving.update();
    return type === 'ALERT' ? `Record ALERT ${ALERTS[content.readUInt8() - 1]}` : `Record ${type}`;
  }

  async #has(length: number): Promise<boolean> {
    while (this.#received.length < length && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received.length >= length;
  }
}

/** A TCP server whose connections are scripts, which a test plays one by one. */
export class ScriptServer {
  readonly #server: Server;
  #connections: Socket[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => void this.#connections.push(socket));
  }

  static async listen(): Promise<ScriptServer> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections there were. */
  get connections(): number {
    return this.#connections.length;
  }

  /** The script of the next connection; to be asked for before it comes. */
  async accept(options: Omit<ScriptOptions, 'role'> = {}): Promise<HardenedScript> {
    const [socket] = (await once(this.#server, 'connection')) as [Socket];
    return new HardenedScript(socket, { ...options, role: 'server' });
  }

  close(): void {
    for (const socket of this.#connections) socket.destroy();
    this.#server.close();
  }
}

function handshakeSecret(sharedSecret: Buffer): Buffer {
  const early = hmac(Buffer.alloc(64), Buffer.alloc(64));
  return hmac(expandLabel(early, 'derived', EMPTY, 64), sharedSecret);
}
