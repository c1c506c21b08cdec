/** The demo's client: connects, takes the file, and checks it. */
import { createHash } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type HandshakeStepMessage, type PqSocket } from '../index.js';
import { DEMO_PROFILES, type DemoChoice, makeParty, protectionOf } from './demo-profile.js';
import type { DemoServerProcess, FileHeader } from './demo-server.js';
import { type DemoStep, demoStep, StepOrder } from './demo-step.js';
import type { DemoView } from './demo-view.js';

/** Answers whether the file came as it was sent. */
export async function runDemoClient(choice: DemoChoice, server: DemoServerProcess, view: DemoView): Promise<boolean> {
  const client = await makeParty(choice);
  const { port, fingerprint } = await server.start(client.fingerprint);
  view.start({ profile: choice.profile, port, processes: { server: server.pid, client: process.pid } });
  const allSteps = showSteps(choice, server, view);
  const socket = connect({ ...client.options(fingerprint), host: '127.0.0.1', port });
  await once(socket, 'secureConnect');
  const suite = choice.profile === 'seed' ? undefined : socket.getCipher()?.name;
  const transfer = takeFile(socket, view);
  const handshakeTime = await allSteps;
  const { header, sha256, bytes, seconds } = await transfer;
  const same = sha256 === header.sha256 && bytes === header.bytes;
  view.summary({
    same,
    file: header.name,
    bytes,
    sha256,
    seconds,
    handshakeTime,
    profile: choice.profile,
    suite,
    protection: protectionOf(choice),
    client: client.fingerprint,
    server: fingerprint,
  });
  return same;
}

/** Shows the steps of both processes; settles with the handshake's milliseconds after the last of them. */
function showSteps({ profile }: DemoChoice, server: DemoServerProcess, view: DemoView): Promise<number> {
  const order = new StepOrder(DEMO_PROFILES[profile].actors);
  return new Promise((resolve) => {
    const add = (taken: DemoStep) => {
      for (const { step, actors } of order.add(taken)) {
        view.step(step, actors, step.time - order.began);
        if (step.step < order.count) continue;
        unsubscribe('pqsock:handshake:step', own);
        resolve(step.time - order.began);
      }
    };
    const own = (message: unknown) => add(demoStep(message as HandshakeStepMessage));
    subscribe('pqsock:handshake:step', own);
    server.onMessage((message) => {
      if (message.event === 'step') add(message.step);
    });
  });
}

interface Taken {
  readonly header: FileHeader;
  readonly bytes: number;
  readonly sha256: string;
  readonly seconds: number;
}

/** Takes the header's line and the file after it. */
export async function takeFile(socket: PqSocket, view: DemoView): Promise<Taken> {
  const hash = createHash('sha256');
  let header: FileHeader | undefined;
  let line = Buffer.alloc(0);
  let bytes = 0;
  const began = performance.now();
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    let data = chunk;
    if (header === undefined) {
      line = Buffer.concat([line, chunk]);
      const end = line.indexOf('\n');
      if (end < 0) continue;
      header = JSON.parse(line.toString('utf8', 0, end)) as FileHeader;
      data = line.subarray(end + 1);
    }
    hash.update(data);
    bytes += data.length;
    view.progress(bytes, header.bytes);
  }
  if (header === undefined) throw new Error('the server ended before it had named the file');
  return { header, bytes, sha256: hash.digest('hex'), seconds: (performance.now() - began) / 1000 };
}
