/** Handshakes in each suite, and a long stream of data, over 127.0.0.1 with a server in a process of its own. */
import { once } from 'node:events';
import { connect, Identity, type PqSocket } from '../../index.js';
import { Sig } from '../../oqs.js';
import { SUITE_ALGORITHMS } from '../suite-algorithms.js';
import { together } from './measure.js';
import type { Measurement } from './measurement.js';
import type { ServedSuite, SpeedServerProcess } from './speed-server.js';

export async function connectionMeasurements(server: SpeedServerProcess): Promise<Measurement[]> {
  const identities = await Promise.all(Sig.algorithms.map((algorithm) => Identity.generate({ algorithm })));
  const served = await server.start(identities.map(({ fingerprint }) => fingerprint));
  const dialled = served.map((place) => {
    const { signature } = SUITE_ALGORITHMS[place.suite];
    const identity = identities.find(({ algorithm }) => algorithm === signature) as Identity;
    return { suite: place.suite, dial: () => dial(place, identity) };
  });
  const [first] = dialled;
  return [...dialled.flatMap(({ suite, dial }) => handshakes(suite, dial)), ...(first ? [stream(first.dial)] : [])];
}

type Dial = () => PqSocket;

function dial({ suite, port, fingerprint }: ServedSuite, identity: Identity): PqSocket {
  return connect({ host: '127.0.0.1', port, identity, trust: fingerprint, suites: [suite] }).resume();
}

function handshakes(name: string, dial: Dial): Measurement[] {
  const subject = { group: 'handshakes', name, unit: 'handshake' } as const;
  return [
    {
      ...subject,
      how: 'one at a time',
      run: async (count) => {
        let sum = 0;
        for (let i = 0; i < count; i += 1) sum += await handshake(dial);
        return sum;
      },
    },
    { ...subject, how: `${WIDTH} at a time`, run: (count) => together(count, WIDTH, () => handshake(dial)) },
  ];
}

/** Until the connection has ended; of that, the milliseconds from the call of `connect` to 'secureConnect'. */
async function handshake(dial: Dial): Promise<number> {
  const start = performance.now();
  const socket = dial();
  await once(socket, 'secureConnect');
  const took = performance.now() - start;
  socket.end();
  await once(socket, 'close');
  return took;
}

/** Until the server has all of it, and has said so by its own end. */
function stream(dial: Dial): Measurement {
  const run = async (count: number): Promise<number> => {
    const socket = dial();
    await once(socket, 'secureConnect');
    const ended = once(socket, 'end');
    const start = performance.now();
    for (let left = (count * MEGABYTE) / CHUNK.length; left > 0; left -= 1) {
      if (!socket.write(CHUNK)) await once(socket, 'drain');
    }
    socket.end();
    await ended;
    return performance.now() - start;
  };
  return { group: 'connections', name: 'a stream over 127.0.0.1', how: 'in one direction', unit: 'megabyte', run };
}

const WIDTH = 8;
const MEGABYTE = 1_000_000;
const CHUNK = Buffer.alloc(62_500); // sixteen are a megabyte
