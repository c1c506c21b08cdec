/** A peer that follows the seed by hand, message by message, so that a test can do one thing differently. */
import { once } from 'node:events';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { Kem, type Secret, Sig, type SigKeyPair } from '../../lib/oqs.js';

export const kem = new Kem('Kyber1024');
export const sig = new Sig('Dilithium5');

/** A length (u32) and the bytes. */
export function field(bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(bytes.length);
  return Buffer.concat([header, bytes]);
}

/** A connection on which fields are read and written by hand. */
export class SeedScript {
  readonly socket: Socket;
  readonly keys: SigKeyPair = sig.keypairSync();
  #received = Buffer.alloc(0);
  #ended = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    socket.on('error', () => {}); // the other side refuses: the tests look at its error
    socket.on('close', () => {
      this.#ended = true;
    });
  }

  static async connect(port: number): Promise<SeedScript> {
    const socket = connectTcp(port, '127.0.0.1');
    const script = new SeedScript(socket);
    await once(socket, 'connect');
    return script;
  }

  send(...fields: Uint8Array[]): void {
    this.socket.write(Buffer.concat(fields.map(field)));
  }

  /** The next field; rejects if the connection ends before. */
  async readField(): Promise<Buffer> {
    const length = (await this.read(4)).readUInt32BE();
    return this.read(length);
  }

  async read(length: number): Promise<Buffer> {
    while (this.#received.length < length) {
      if (this.#ended) throw new Error('the connection ended');
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]);
    }
    const taken = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return taken;
  }

  /** How many bytes have come that nobody has read, once the connection has ended. */
  async restUntilClose(): Promise<number> {
    if (!this.#ended) await once(this.socket, 'close');
    return this.#received.length;
  }

  /** The client's side, up to the shared secret. */
  async actAsClient(): Promise<Secret> {
    await this.readField();
    const pair = kem.keypairSync();
    this.send(this.keys.publicKey, pair.publicKey, sig.signSync(pair.publicKey, this.keys.secretKey));
    const ciphertext = await this.readField();
    await this.readField();
    return kem.decapsulateSync(pair.secretKey, ciphertext);
  }
}

/** A server that gives each connection to `act`. */
export async function scriptServer(act: (script: SeedScript) => Promise<unknown>): Promise<Server> {
  const server = createServer((socket) => void act(new SeedScript(socket)).catch(() => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
