/** The demo's server, which is a process of its own, and the first process's hold on it. */
import { createHash, randomBytes } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createServer, type HandshakeStepMessage, type PqSocket } from '../index.js';
import { type DemoChoice, makeParty } from './demo-profile.js';
import { type DemoStep, demoStep } from './demo-step.js';
import { SecondProcess, tellFirst, toldByFirst } from './second-process.js';

const MADE_FILE_MIB = 64;

/** What the server process says. */
export type FromServer =
  | { readonly event: 'listening'; readonly port: number; readonly fingerprint: string }
  | { readonly event: 'step'; readonly step: DemoStep }
  | { readonly event: 'refused'; readonly code: string; readonly message: string };

/** Announces the file, before its bytes: one line of JSON. */
export interface FileHeader {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The first process's hold on the server process. */
export class DemoServerProcess extends SecondProcess<FromServer> {
  /** @param file what it sends; it makes one if there is none */
  constructor({ profile, suite }: DemoChoice, file: string | undefined) {
    const options = Object.entries({ profile, suite, file }).filter(([, value]) => value !== undefined);
    super(
      'demo-server',
      options.map(([name, value]) => `--${name}=${value}`),
    );
  }

  /** Tells the server whom to trust, and waits until it listens. */
  async start(clientFingerprint: string): Promise<{ port: number; fingerprint: string }> {
    return this.ask({ clientFingerprint }, (message) => message.event === 'listening');
  }
}

/** The server process. It ends when the first process lets go of it. */
export async function serveDemo({ file, ...choice }: DemoChoice & { file?: string }): Promise<void> {
  const say = (message: FromServer) => tellFirst(message);
  const { told, released } = await toldByFirst<{ clientFingerprint: string }>();
  subscribe('pqsock:handshake:step', (message) =>
    say({ event: 'step', step: demoStep(message as HandshakeStepMessage) }),
  );
  const made = file === undefined ? await makeFile() : undefined;
  try {
    const path = file ?? (made as MadeFile).path;
    const header = await describeFile(path);
    const { fingerprint, options } = await makeParty(choice);
    const server = createServer(options(told.clientFingerprint), (socket) => {
      void sendFile(socket, path, header);
    });
    server.on('clientError', ({ code, message }: Error & { code?: string }) =>
      say({ event: 'refused', code: code ?? '', message }),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    say({ event: 'listening', port: (server.address() as AddressInfo).port, fingerprint });
    await released;
    server.close();
    server.closeAllConnections();
  } finally {
    await made?.remove();
  }
}

/** A client that goes away in the middle, or after it, is its own affair. */
async function sendFile(socket: PqSocket, path: string, header: FileHeader): Promise<void> {
  socket.on('error', () => {}); // also once the file is sent, when the pipeline no longer looks
  socket.write(`${JSON.stringify(header)}\n`);
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 18 }), socket).catch(() => {});
}

async function describeFile(path: string): Promise<FileHeader> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { name: basename(path), bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}

interface MadeFile {
  readonly path: string;
  remove(): Promise<void>;
}

async function makeFile(): Promise<MadeFile> {
  const folder = await mkdtemp(join(tmpdir(), 'pqsock-demo-'));
  const path = join(folder, 'random.bin');
  const file = await open(path, 'wx', 0o600);
  for (let i = 0; i < MADE_FILE_MIB; i += 1) await file.write(randomBytes(2 ** 20));
  await file.close();
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
