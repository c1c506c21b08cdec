/** Against kyber-py and dilithium-py, in Python alone. */
import { join } from 'node:path';
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
});
