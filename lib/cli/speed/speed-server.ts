/** The other process of `pqsock speed`: a server for each suite, which takes what it is sent. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, Identity, type SuiteName } from '../../index.js';
import { SecondProcess, tellFirst, toldByFirst } from '../second-process.js';
import { SUITE_ALGORITHMS, SUITE_NAMES } from '../suite-algorithms.js';

/** Where a suite is served, and by whom. */
export interface ServedSuite {
  readonly suite: SuiteName;
  readonly port: number;
  readonly fingerprint: string;
}

interface Listening {
  readonly served: readonly ServedSuite[];
}

/** The first process's hold on the server process. */
export class SpeedServerProcess extends SecondProcess<Listening> {
  constructor() {
    super('speed-server');
  }

  /** @param clients the fingerprints to trust */
  async start(clients: readonly string[]): Promise<readonly ServedSuite[]> {
    return (await this.ask({ clients }, (message): message is Listening => 'served' in message)).served;
  }
}

/** The server process. It ends when the first process lets go of it. */
export async function serveSpeed(): Promise<void> {
  const { told, released } = await toldByFirst<{ clients: string[] }>();
  const servers = await Promise.all(SUITE_NAMES.map((suite) => serve(suite, told.clients)));
  tellFirst({ served: servers.map(({ served }) => served) } satisfies Listening);
  await released;
  for (const { server } of servers) {
    server.close();
    server.closeAllConnections();
  }
}

async function serve(suite: SuiteName, clients: readonly string[]) {
  const identity = await Identity.generate({ algorithm: SUITE_ALGORITHMS[suite].signature });
  const server = createServer({ identity, suites: [suite], trust: clients }, (socket) => {
    socket.on('error', () => {}).resume(); // a client that was interrupted
  });
  server.on('clientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, served: { suite, port, fingerprint: identity.fingerprint } };
}
