/** A misbehaving client against a server of the seed profile, over TCP: the error, and what it may cost. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { PqSocket } from '../../lib/index.js';
import { type OperationCounts, operationCounts } from '../../lib/index.js';
import { clientErrorOf, type SeedIdentities, seedIdentities, TestServer } from '../support/seed-pair.js';
import { field, kem, SeedScript, sig } from '../support/seed-script.js';

let identities: SeedIdentities;
let server: TestServer;
beforeAll(async () => {
  identities = await seedIdentities();
});
beforeEach(async () => {
  server = await TestServer.listen(identities, { trust: 'any' });
});
afterEach(() => server.close());

type Act = (script: SeedScript) => unknown;

/** What the server says of a client, and what it did for it. The client's own operations are not counted. */
async function provoke(act: Act): Promise<{ code: string | undefined; message: string; spent: OperationCounts }> {
  const script = await SeedScript.connect(server.port);
  const error = clientErrorOf(server.server);
  const before = operationCounts();
  await script.readField();
  const own = operationCounts();
  await act(script);
  const made = subtract(operationCounts(), own);
  const { code, message } = await error;
  script.socket.destroy();
  return { code, message, spent: subtract(subtract(operationCounts(), before), made) };
}

function subtract(a: OperationCounts, b: OperationCounts): OperationCounts {
  const names = Object.keys(a) as (keyof OperationCounts)[];
  return Object.fromEntries(names.map((name) => [name, a[name] - b[name]])) as unknown as OperationCounts;
}

const NOTHING = { keypair: 0, sign: 0, verify: 0, encapsulate: 0, decapsulate: 0 };
const pair = kem.keypairSync();

describe('a server of the seed profile', () => {
  it.each([
    ['one byte too short', 2591],
    ['one byte too long', 2593],
    ['empty', 0],
    ['of 4 GiB', 0xffffffff],
  ])('refuses a signature key %s on its length alone', async (_, length) => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(length);
    const { code, message, spent } = await provoke((script) => script.socket.write(header));
    expect(code).toBe('PQ_ERR_DECODE');
    expect(message).toContain(`a_sig_pk of ${length} bytes`);
    expect(spent).toEqual(NOTHING);
  });

  it('says what the peer may be when it speaks another protocol', async () => {
    const { code, message } = await provoke((script) => script.socket.write('GET / HTTP/1.1\r\n\r\n'));
    expect(code).toBe('PQ_ERR_DECODE');
    expect(message).toContain('"GET "');
  });

  it('refuses its own key', async () => {
    const { code, spent } = await provoke((script) => script.send(identities.server.publicKey));
    expect(code).toBe('PQ_ERR_OWN_KEY');
    expect(spent).toEqual(NOTHING);
  });

  it('does no lattice work for a key that the policy does not accept', async () => {
    await server.close();
    server = await TestServer.listen(identities);
    const { code, spent } = await provoke((script) => {
      script.send(script.keys.publicKey, pair.publicKey, sig.signSync(pair.publicKey, script.keys.secretKey));
    });
    expect(code).toBe('PQ_ERR_UNTRUSTED');
    expect(spent).toEqual(NOTHING);
  });

  it('refuses a kem_pk with a coefficient that is not reduced before it looks at the signature', async () => {
    const bad = Buffer.from(pair.publicKey);
    bad.writeUInt16LE(0x0fff, 0);
    const { code, spent } = await provoke((script) => {
      script.send(script.keys.publicKey, bad, sig.signSync(bad, script.keys.secretKey));
    });
    expect(code).toBe('PQ_ERR_DECODE');
    expect(spent).toEqual(NOTHING);
  });

  it('refuses a ciphertext that is shown as a kem_pk, which has the same length', async () => {
    const { ciphertext } = kem.encapsulateSync(pair.publicKey);
    const { code, spent } = await provoke((script) => {
      script.send(script.keys.publicKey, ciphertext, sig.signSync(ciphertext, script.keys.secretKey));
    });
    expect(code).toBe('PQ_ERR_DECODE');
    expect(spent).toEqual(NOTHING);
  });

  it.each<[string, (script: SeedScript) => Buffer]>([
    ['random', () => randomBytes(sig.signatureLength)],
    ['on other bytes', (script) => sig.signSync(randomBytes(1568), script.keys.secretKey)],
    ['of another key', () => sig.signSync(pair.publicKey, sig.keypairSync().secretKey)],
  ])('encapsulates and signs nothing for a signature that is %s', async (_, make) => {
    const { code, spent } = await provoke((script) => {
      script.send(script.keys.publicKey, pair.publicKey, make(script));
    });
    expect(code).toBe('PQ_ERR_AUTH_FAILED');
    expect(spent).toEqual({ ...NOTHING, verify: 1 });
  });

  it.each([
    ['within the header of a_sig_pk', (_: SeedScript) => Buffer.alloc(2)],
    ['within a_sig_pk', (script: SeedScript) => field(script.keys.publicKey).subarray(0, 1000)],
    ['before kem_pk', (script: SeedScript) => field(script.keys.publicKey)],
  ])('takes the end of the connection %s for truncation', async (_, make) => {
    const { code, spent } = await provoke((script) => script.socket.end(make(script)));
    expect(code).toBe('PQ_ERR_TRUNCATED');
    expect(spent).toEqual(NOTHING);
  });

  it('takes a handshake that comes byte by byte', async () => {
    const accepted = once(server.server, 'secureConnection');
    const script = await SeedScript.connect(server.port);
    await script.readField();
    const flight = Buffer.concat([
      field(script.keys.publicKey),
      field(pair.publicKey),
      field(sig.signSync(pair.publicKey, script.keys.secretKey)),
    ]);
    for (const byte of flight) script.socket.write(Uint8Array.of(byte));
    const [socket] = (await accepted) as [PqSocket];
    expect(socket.getPeerPublicKey()).toEqual(script.keys.publicKey);
    socket.destroy();
  });

  it.each([
    ['handshakeTimeout', { handshakeTimeout: 60 }, /the handshake took more than 60 ms/],
    ['frameTimeout', { frameTimeout: 60 }, /the peer was silent for more than 60 ms; the peer has sent nothing/],
  ])('ends a connection that is silent after %s', async (_, options, text) => {
    await server.close();
    server = await TestServer.listen(identities, { trust: 'any', ...options });
    const { code, message, spent } = await provoke(() => {});
    expect(code).toBe('PQ_ERR_TIMEOUT');
    expect(message).toMatch(text);
    expect(spent).toEqual(NOTHING);
  });

  it('refuses a peer when the trust callback throws, rejects or answers something truthy', async () => {
    const callbacks = [
      () => {
        throw new Error('broken');
      },
      () => Promise.reject(new Error('broken later')),
      () => 'yes' as unknown as boolean,
    ];
    for (const trust of callbacks) {
      await server.close();
      server = await TestServer.listen(identities, { trust });
      const { code } = await provoke((script) => script.send(script.keys.publicKey));
      expect(code).toBe('PQ_ERR_UNTRUSTED');
    }
  });

  it('ends a connection whose trust callback never answers, and serves others meanwhile', async () => {
    await server.close();
    const options = {
      handshakeTimeout: 400,
      trust: ({ fingerprint }: { fingerprint: string }) =>
        fingerprint === identities.client.fingerprint || new Promise<boolean>(() => {}),
    };
    server = await TestServer.listen(identities, options);
    const refused = provoke((script) => script.send(script.keys.publicKey));
    const client = server.connect();
    await once(client, 'secureConnect');
    client.destroy();
    expect((await refused).code).toBe('PQ_ERR_TIMEOUT');
  });
});
