/** Key files of others, and ours for them: node:crypto of Node 26, and the package cryptography of Python. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Identity, publicKeyFromPem, publicKeyToPem } from '../../lib/index.js';
import { der, derInteger, derOid, encodeDer, TAG } from '../../lib/keys/der.js';
import { encodePem } from '../../lib/keys/pem.js';
import { Secret, Sig } from '../../lib/oqs.js';
import { askModule } from '../bench/ask-module.js';
import { JsonLines } from '../support/json-lines.js';
import { pythonWith } from '../support/python-environment.js';
import { describeWithPrograms } from '../support/requirements.js';

const SOURCE = join(__dirname, 'key-files');
/** The first time fetches the packages. */
const FETCH_TIMEOUT = 300_000;
const PASSPHRASE = 'ein längeres Wort';

interface Made {
  readonly pem: string;
  readonly publicPem: string;
}

/** What a peer does with a key. */
class KeyPeer extends JsonLines {
  async make(passphrase?: string): Promise<Made> {
    return (await this.request('make', { passphrase })) as unknown as Made;
  }

  async read(pem: string, message: Uint8Array, passphrase?: string): Promise<Made & { readonly signature: string }> {
    return (await this.request('read', { pem, message, passphrase })) as unknown as Made & { signature: string };
  }
}

describeWithPrograms(__filename, 'key files', () => {
  let node: KeyPeer;
  let python: KeyPeer;
  beforeAll(() => {
    const runtime = askModule<{ path: string }>('connections/runtime.mjs', "return module.findRuntime('26');");
    node = new KeyPeer(runtime.path, [join(SOURCE, 'peer.mjs')]);
    const interpreter = pythonWith(join(SOURCE, 'requirements.txt'), join(__dirname, '../../build/key-files-peer'));
    python = new KeyPeer(interpreter, [join(SOURCE, 'peer.py')]);
  }, FETCH_TIMEOUT);
  afterAll(() => Promise.all([node?.close(), python?.close()]));

  const text = async (pem: Promise<Secret>) => (await pem).export().toString();

  describe.each([
    ['Node 26', () => node],
    ['cryptography', () => python],
  ])('of %s', (_, peer) => {
    const sig = new Sig('ML-DSA-87');
    const message = randomBytes(100);

    it('are read here, private and public, and written again as they were', async () => {
      for (let i = 0; i < 5; i += 1) {
        const { pem, publicPem } = await peer().make();
        const identity = await Identity.fromPem(pem);
        expect(await text(identity.toPem())).toBe(pem);
        expect(publicKeyToPem(identity)).toBe(publicPem);
        expect(publicKeyFromPem(publicPem).fingerprint).toBe(identity.fingerprint);
      }
    });

    it('are read here with their passphrase', async () => {
      const { pem, publicPem } = await peer().make(PASSPHRASE);
      expect(pem).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
      expect(publicKeyToPem(await Identity.fromPem(pem, { passphrase: PASSPHRASE }))).toBe(publicPem);
      await expect(Identity.fromPem(pem, { passphrase: 'x' })).rejects.toMatchObject({
        code: 'PQ_ERR_PASSPHRASE_WRONG',
      });
    });

    it('are read there as we write them, with and without a passphrase, and sign what we accept', async () => {
      const identity = await Identity.generate({ algorithm: 'ML-DSA-87' });
      const plain = await text(identity.toPem());
      const encrypted = await text(identity.toPem({ passphrase: PASSPHRASE }));
      for (const read of [await peer().read(plain, message), await peer().read(encrypted, message, PASSPHRASE)]) {
        expect([read.pem, read.publicPem]).toEqual([plain, publicKeyToPem(identity)]);
        expect(sig.verifySync(message, Buffer.from(read.signature, 'base64'), identity.publicKey)).toBe(true);
      }
      const signature = sig.signSync(message, Identity.secretKeyOf(identity));
      const verified = await peer().request('verify', { publicPem: publicKeyToPem(identity), message, signature });
      expect(verified).toEqual({ valid: true });
    });
  });

  it('in the other two forms are the same key for Node 26 and here', async () => {
    const seed = randomBytes(32);
    const identity = Identity.from({ algorithm: 'ML-DSA-87', seed });
    const secretKey = Secret.bytesOf(Identity.secretKeyOf(identity));
    const octets = (bytes: Uint8Array) => der(TAG.octetString, bytes);
    for (const key of [octets(secretKey), der(TAG.sequence, [octets(seed), octets(secretKey)])]) {
      const name = der(TAG.sequence, [derOid('2.16.840.1.101.3.4.3.19')]);
      const info = encodeDer(der(TAG.sequence, [derInteger(0), name, der(TAG.octetString, [key])]));
      const pem = await text(Promise.resolve(encodePem('PRIVATE KEY', info.export())));
      const read = await node.read(pem, randomBytes(10));
      expect(read.publicPem).toBe(publicKeyToPem(identity));
      expect((await Identity.fromPem(pem)).fingerprint).toBe(identity.fingerprint);
      expect((await Identity.fromPem(read.pem)).fingerprint).toBe(identity.fingerprint);
    }
  });

  it('are the same key as JWK of Node 26', async () => {
    const identity = await Identity.generate({ algorithm: 'ML-DSA-87' });
    const pem = await text(identity.toPem());
    const { jwk } = await node.request('jwk', { pem });
    expect(jwk).toEqual(identity.toJwk());
    expect((await Identity.fromJwk(jwk as never)).fingerprint).toBe(identity.fingerprint);
    expect(await node.request('fromJwk', { jwk: identity.toJwk() })).toEqual({ pem });
  });
});
