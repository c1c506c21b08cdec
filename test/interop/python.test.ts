/** Against kyber-py and dilithium-py, in Python alone. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Sig } from '../../lib/oqs.js';
import { crossCheck } from '../support/cross-check.js';
import { LinePeer } from '../support/line-peer.js';
import { pythonWith } from '../support/python-environment.js';
import { describeWithPrograms } from '../support/requirements.js';

const SOURCE = join(__dirname, 'python');
/** The first time fetches the packages. */
const BUILD_TIMEOUT = 300_000;

describeWithPrograms(__filename, 'with kyber-py and dilithium-py', () => {
  let peer: LinePeer;
  beforeAll(() => {
    const python = pythonWith(join(SOURCE, 'requirements.txt'), join(__dirname, '../../build/python-peer'));
    peer = new LinePeer(python, [join(SOURCE, 'peer.py')]);
  }, BUILD_TIMEOUT);
  afterAll(() => peer?.close());

  crossCheck(() => peer);

  it.each(Sig.algorithms)('make the key pair of %s of a seed that we make', async (name) => {
    for (let i = 0; i < 10; i += 1) {
      const seed = randomBytes(32);
      const { publicKey, secretKey } = new Sig(name).keypairSync({ seed });
      expect(await peer.keypair(name, seed)).toEqual({ publicKey, secretKey: secretKey.export() });
    }
  });
});
