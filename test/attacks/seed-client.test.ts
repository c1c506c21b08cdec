/** A misbehaving server against a client of the seed profile, over TCP. */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { connect, Identity, operationCounts, type PqSocket, type SeedOptions } from '../../lib/index.js';
import { errorOf } from '../support/seed-pair.js';
import { kem, type SeedScript, scriptServer, sig } from '../support/seed-script.js';

let identity: Identity<'seed'>;
let server: Server;
beforeAll(async () => {
  identity = await Identity.generate({ profile: 'seed' });
});
afterEach(() => void server.close());

async function connectTo(
  act: (script: SeedScript) => Promise<unknown>,
  options: Partial<SeedOptions> = {},
): Promise<PqSocket> {
  server = await scriptServer(act);
  const { port } = server.address() as AddressInfo;
  return connect({ profile: 'seed', host: '127.0.0.1', port, identity, trust: 'any', ...options });
}

/** The server's side, up to what it answers. */
async function answer(
  script: SeedScript,
  make: (kemPk: Buffer, script: SeedScript) => [Buffer, Buffer],
): Promise<void> {
  script.send(script.keys.publicKey);
  await script.readField();
  const kemPk = await script.readField();
  await script.readField();
  script.send(...make(kemPk, script));
}

describe('a client of the seed profile', () => {
  it('sends nothing to a server that it does not trust', async () => {
    const other = await Identity.generate({ profile: 'seed' });
    let received: Promise<number> | undefined;
    const client = await connectTo(
      async (script) => {
        received = script.restUntilClose();
        script.send(script.keys.publicKey);
      },
      { trust: other.fingerprint },
    );
    expect((await errorOf(client)).code).toBe('PQ_ERR_UNTRUSTED');
    expect(await received).toBe(0);
  });

  it('refuses its own key', async () => {
    const client = await connectTo(async (script) => script.send(identity.publicKey));
    expect((await errorOf(client)).code).toBe('PQ_ERR_OWN_KEY');
  });

  it('refuses a signature on its own kem_pk instead of kem_ct, and computes no secret', async () => {
    const client = await connectTo((script) =>
      answer(script, (kemPk) => [kem.encapsulateSync(kemPk).ciphertext, sig.signSync(kemPk, script.keys.secretKey)]),
    );
    const before = operationCounts().decapsulate;
    expect((await errorOf(client)).code).toBe('PQ_ERR_AUTH_FAILED');
    expect(operationCounts().decapsulate).toBe(before);
  });

  it('does not tell a ciphertext for another key from a right one until a record fails to open', async () => {
    const client = await connectTo(async (script) => {
      await answer(script, () => {
        const { ciphertext } = kem.encapsulateSync(kem.keypairSync().publicKey);
        return [ciphertext, sig.signSync(ciphertext, script.keys.secretKey)];
      });
      script.send(Buffer.alloc(12 + 16 + 5));
    });
    const [error] = await Promise.all([errorOf(client), once(client, 'secureConnect')]);
    expect(error.code).toBe('PQ_ERR_BAD_RECORD');
  });

  it.each([
    ['kem_ct', 1, 1567],
    ['ct_signature', 2, 4596],
  ])('refuses a %s of a wrong length', async (name, which, length) => {
    const client = await connectTo((script) =>
      answer(script, (kemPk) => {
        const { ciphertext } = kem.encapsulateSync(kemPk);
        const signature = sig.signSync(ciphertext, script.keys.secretKey);
        return which === 1 ? [Buffer.alloc(length), signature] : [ciphertext, Buffer.alloc(length)];
      }),
    );
    const { code, message } = await errorOf(client);
    expect(code).toBe('PQ_ERR_DECODE');
    expect(message).toContain(name);
  });

  it('waits for a server that sends nothing no longer than the timeout, and says so', async () => {
    const client = await connectTo(async () => {}, { handshakeTimeout: 50 });
    const { code, message } = await errorOf(client);
    expect(code).toBe('PQ_ERR_TIMEOUT');
    expect(message).toContain('the peer has sent nothing');
  });
});
