import { type UndiciCallback, undiciConnector } from '../../lib/adapters/undici-connector.js';
import type { PqSocket } from '../../lib/index.js';
import { EcosystemPair } from '../support/ecosystem-pair.js';

type Outcome = [error: Error | null, socket: PqSocket | null];

let pair: EcosystemPair;
beforeEach(async () => {
  pair = await EcosystemPair.generate();
  await pair.listen(() => {});
});
afterEach(() => pair.close());

/** What undici passes along; `hostname` is the one without brackets. */
const place = () => ({
  host: `127.0.0.1:${pair.port}`,
  hostname: '127.0.0.1',
  port: `${pair.port}`,
  protocol: 'https:',
  servername: 'name',
  localAddress: null,
});

/** The outcomes so far, and the first. */
function outcomes(): { all: Outcome[]; first: Promise<Outcome>; callback: UndiciCallback } {
  const all: Outcome[] = [];
  let callback: UndiciCallback = () => {};
  const first = new Promise<Outcome>((resolve) => {
    callback = (...outcome) => {
      all.push(outcome);
      resolve(outcome);
    };
  });
  return { all, first, callback };
}

describe('a connector for undici', () => {
  it('calls back once, when the handshake is complete', async () => {
    const { all, first, callback } = outcomes();
    undiciConnector(pair.client)(place(), callback);
    expect(all).toEqual([]);
    const [error, socket] = await first;
    expect(error).toBeNull();
    expect(socket?.getPeerFingerprint()).toBe(pair.client.trust);
    socket?.destroy(new Error('later'));
    if (socket !== null) await new Promise((resolve) => void socket.once('close', resolve));
    expect(all.length).toBe(1);
  });

  it('calls back once with the error of the handshake', async () => {
    const { all, first, callback } = outcomes();
    undiciConnector(await pair.strangersFriend())(place(), callback);
    expect(await first).toEqual([expect.objectContaining({ code: 'PQ_ERR_UNTRUSTED' }), null]);
    await new Promise(setImmediate);
    expect(all.length).toBe(1);
  });

  it('calls back with the error of a place that there can’t be', async () => {
    const { all, callback } = outcomes();
    undiciConnector(pair.client)({ ...place(), port: '99999' }, callback);
    expect(all).toEqual([[expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' }), null]]);
  });

  it.each([
    ['http:', 80],
    ['https:', 443],
  ])('takes %s without a port for %i', async (protocol, port) => {
    const { first, callback } = outcomes();
    // No TCP goes there: the error comes at once, and names the port.
    undiciConnector(pair.client)({ ...place(), hostname: '255.255.255.255', port: '', protocol }, callback);
    expect((await first)[0]).toMatchObject({ syscall: 'connect', port });
  });

  it('refuses an option that nobody knows, and a wrong one, when it is made', () => {
    expect(() => undiciConnector({ ...pair.client, trust: 'nobody' })).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' }),
    );
    expect(() => undiciConnector({ ...pair.client, allowH2: true } as never)).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' }),
    );
  });
});
