import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ClientRequestArgs } from 'node:http';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, type AgentOptions } from '../../lib/adapters/agent.js';
import type { PqSocket } from '../../lib/index.js';
import { EcosystemPair } from '../support/ecosystem-pair.js';

let pair: EcosystemPair;
beforeAll(async () => {
  pair = await EcosystemPair.generate();
});
let folder: string | undefined;
afterEach(async () => {
  await pair.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

const invalid = (message: RegExp) =>
  expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION', message: expect.stringMatching(message) });

/** What http passes along, and more: none of it is an option of ours. */
const foreign = {
  path: '/index.html',
  headers: {},
  method: 'GET',
  agent: undefined,
  servername: 'name',
  encoding: null,
};

async function secure(socket: PqSocket): Promise<void> {
  await once(socket, 'secureConnect');
  socket.destroy();
}

describe('an Agent', () => {
  it('hands the options of http.Agent on, and keeps ours to itself', () => {
    const agent = new Agent({ ...pair.client, keepAlive: true, maxSockets: 7, scheduling: 'fifo' });
    expect(agent).toMatchObject({ keepAlive: true, maxSockets: 7, scheduling: 'fifo' });
    const { options } = agent as unknown as { options: object };
    for (const name of ['identity', 'trust', 'profile']) expect(Object.keys(options)).not.toContain(name);
  });

  it.each(['trusts', 'ciper', 'localAddress', 'socket'])('refuses the option %s, which nobody knows', (name) => {
    const options = { ...pair.client, [name]: 'x' } as AgentOptions;
    expect(() => new Agent(options)).toThrow(invalid(new RegExp(`unknown option ${name}: there are .*identity`)));
  });

  it('refuses to be made without options, an identity or trust', () => {
    const { identity, trust } = pair.client;
    // @ts-expect-error there must be options
    expect(() => new Agent()).toThrow(invalid(/options must be an object/));
    // @ts-expect-error who we are is missing
    expect(() => new Agent({ trust })).toThrow(invalid(/identity/));
    // @ts-expect-error who the peer may be is missing
    expect(() => new Agent({ identity })).toThrow(invalid(/trust/));
  });

  it('takes keepAlive for http.Agent’s, which is about connections for later requests', async () => {
    await pair.listen(() => {});
    const keepAlive = jest.spyOn(Socket.prototype, 'setKeepAlive');
    const agent = new Agent({ ...pair.client, keepAlive: false });
    await secure(agent.createConnection({ host: '127.0.0.1', port: pair.port }));
    // Our option of that name is true unless said otherwise: here for the client and for the server.
    expect(keepAlive).toHaveBeenCalledTimes(2);
    keepAlive.mockRestore();
  });

  it('takes from the options of a request where to, and nothing else', async () => {
    await pair.listen(() => {});
    const agent = new Agent(pair.client);
    const request = { ...foreign, host: '127.0.0.1', port: `${pair.port}` } as ClientRequestArgs;
    await secure(agent.createConnection(request));
  });

  it('connects to the path of a Unix socket', async () => {
    folder = mkdtempSync(join(tmpdir(), 'pqsock-agent-'));
    const path = join(folder, 'socket');
    await pair.listen(() => {}, {}, path);
    const agent = new Agent(pair.client);
    await secure(agent.createConnection({ ...foreign, host: 'nowhere.invalid', port: 1, socketPath: path }));
    const fixed = new Agent({ ...pair.client, path });
    await secure(fixed.createConnection({ ...foreign, host: 'nowhere.invalid', port: 1 }));
  });

  it('prefers the place of its own options', async () => {
    await pair.listen(() => {});
    const agent = new Agent({ ...pair.client, host: '127.0.0.1', port: pair.port });
    await secure(agent.createConnection({ ...foreign, host: 'nowhere.invalid', port: 1, socketPath: '/nowhere' }));
    const half = new Agent({ ...pair.client, host: '127.0.0.1' });
    await secure(half.createConnection({ ...foreign, host: 'nowhere.invalid', port: pair.port }));
  });

  it('refuses a port that there can’t be', () => {
    const agent = new Agent(pair.client);
    expect(() => agent.createConnection({ ...foreign, host: '127.0.0.1', port: 'http' })).toThrow(invalid(/port/));
  });

  it('sets the timeout that net.connect would', async () => {
    await pair.listen(() => {});
    const agent = new Agent(pair.client);
    const place = { ...foreign, host: '127.0.0.1', port: pair.port };
    const [timed, plain] = [agent.createConnection({ ...place, timeout: 1234 }), agent.createConnection(place)];
    expect([timed.timeout, plain.timeout]).toEqual([1234, undefined]);
    await Promise.all([secure(timed), secure(plain)]);
  });
});
