/** Records of the seed profile that a peer, or somebody on the way, has changed. */
import { createCipheriv, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { PqSocket } from '../../lib/index.js';
import { errorOf, type SeedIdentities, seedIdentities, TestServer } from '../support/seed-pair.js';
import { field, SeedScript } from '../support/seed-script.js';

let identities: SeedIdentities;
let server: TestServer;
let script: SeedScript;
let socket: PqSocket;
let key: Buffer;

beforeAll(async () => {
  identities = await seedIdentities();
});
beforeEach(async () => {
  server = await TestServer.listen(identities, { trust: 'any' });
  const accepted = once(server.server, 'secureConnection');
  script = await SeedScript.connect(server.port);
  key = (await script.actAsClient()).export();
  [socket] = (await accepted) as [PqSocket];
});
afterEach(async () => {
  script.socket.destroy();
  await server.close();
});

function seal(plaintext: Uint8Array, nonce: Buffer = randomBytes(12)): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

describe('a connection of the seed profile', () => {
  it('takes a record with any nonce that it has not used itself', async () => {
    script.send(seal(Buffer.from('hello')));
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
  });

  it('refuses a record of its own that comes back', async () => {
    socket.write('from the server');
    const record = await script.readField();
    script.send(record);
    expect((await errorOf(socket)).message).toContain('came back');
  });

  it('takes a nonce of its own form that it has not reached', async () => {
    const nonce = Buffer.from('530000000000000000000005', 'hex');
    script.send(seal(Buffer.from('far ahead'), nonce));
    expect(String((await once(socket, 'data'))[0])).toBe('far ahead');
  });

  it('refuses a record in which any one bit was changed, and gives nothing of it out', async () => {
    const record = seal(Buffer.from('ten bytes!'));
    const data = jest.fn();
    socket.on('data', data);
    const at = Math.floor(Math.random() * record.length * 8);
    record.writeUInt8(record.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
    script.send(record);
    expect((await errorOf(socket)).code).toBe('PQ_ERR_BAD_RECORD');
    expect(data).not.toHaveBeenCalled();
  });

  it.each([
    ['shorter than its nonce and tag', 27],
    ['over 2^20 bytes of plaintext', 28 + 2 ** 20 + 1],
  ])('refuses a record %s on its length alone', async (_, length) => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(length);
    script.socket.write(header);
    expect((await errorOf(socket)).code).toBe('PQ_ERR_DECODE');
  });

  it('takes records of 0 and of 2^20 bytes', async () => {
    const big = randomBytes(2 ** 20);
    script.send(seal(Buffer.alloc(0)), seal(big));
    const received: Buffer[] = [];
    script.socket.end();
    for await (const chunk of socket) received.push(chunk);
    expect(Buffer.concat(received).equals(big)).toBe(true);
  });

  it('takes the end of the connection within a record for truncation', async () => {
    script.socket.end(field(seal(Buffer.alloc(100))).subarray(0, 60));
    expect((await errorOf(socket)).code).toBe('PQ_ERR_TRUNCATED');
  });
});
