/** PROXY headers in front of a connection. */
import { takeAnnouncement } from '../../../lib/cli/tunnel/announced.js';
import { type ProxiedAddress, proxyHeader } from '../../../lib/cli/tunnel/proxy-header.js';
import { type TcpPair, tcpPair } from '../../support/tcp-pair.js';

const address: ProxiedAddress = {
  family: 'IPv4',
  sourceAddress: '192.0.2.1',
  sourcePort: 50_000,
  destinationAddress: '198.51.100.2',
  destinationPort: 443,
};
const LOCAL = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex');
const LONG = 60_000;

let pair: TcpPair;
beforeEach(async () => {
  pair = await tcpPair();
});
afterEach(() => {
  pair.client.destroy();
  pair.server.destroy();
});

const all = async () => Buffer.concat(await pair.server.toArray());

it('gives the connection the address that was announced, and leaves it all that follows', async () => {
  pair.client.end(Buffer.concat([proxyHeader(address), Buffer.from('hello')]));
  await expect(takeAnnouncement(pair.server, LONG)).resolves.toBe(true);
  expect(pair.server).toMatchObject({ remoteAddress: '192.0.2.1', remotePort: 50_000, remoteFamily: 'IPv4' });
  expect(pair.server).toMatchObject({ localAddress: '198.51.100.2', localPort: 443, localFamily: 'IPv4' });
  expect(String(await all())).toBe('hello');
});

it('takes a header that comes a byte at a time', async () => {
  pair.client.setNoDelay();
  const taken = takeAnnouncement(pair.server, LONG);
  for (const byte of proxyHeader(address)) {
    pair.client.write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
  pair.client.end('hello');
  await expect(taken).resolves.toBe(true);
  expect(String(await all())).toBe('hello');
});

it('leaves the balancer’s own connection its address', async () => {
  pair.client.end(LOCAL);
  await expect(takeAnnouncement(pair.server, LONG)).resolves.toBe(false);
  expect(pair.server.remoteAddress).toBe('127.0.0.1');
  expect(await all()).toHaveLength(0);
});

it.each([
  ['nothing', ''],
  ['less than its first part', proxyHeader(address).subarray(0, 15)],
  ['no address', proxyHeader(address).subarray(0, 16)],
  ['less than its address', proxyHeader(address).subarray(0, 20)],
])('refuses a connection that ends after %s', async (_, bytes) => {
  pair.client.end(bytes);
  await expect(takeAnnouncement(pair.server, LONG)).rejects.toMatchObject({ code: 'PROXY_HEADER' });
});

it('refuses what is no header as soon as its first 16 bytes are there', async () => {
  pair.client.write('GET / HTTP/1.1\r\n');
  await expect(takeAnnouncement(pair.server, LONG)).rejects.toMatchObject({ code: 'PROXY_HEADER' });
});

it('waits no longer than it may', async () => {
  pair.client.write(proxyHeader(address).subarray(0, 27));
  await expect(takeAnnouncement(pair.server, 30)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  expect(pair.server.destroyed).toBe(true);
});

it('hears that the connection was reset', async () => {
  const taken = takeAnnouncement(pair.server, LONG);
  pair.client.resetAndDestroy();
  await expect(taken).rejects.toMatchObject({ code: 'ECONNRESET' });
});
