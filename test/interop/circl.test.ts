/** Against Cloudflare's CIRCL, in Go. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { crossCheck } from '../support/cross-check.js';
import { LinePeer } from '../support/line-peer.js';
import { describeWithPrograms } from '../support/requirements.js';

const SOURCE = join(__dirname, 'circl');
const PEER = join(__dirname, '../../build', process.platform === 'win32' ? 'circl-peer.exe' : 'circl-peer');
/** The first build fetches the modules and compiles them. */
const BUILD_TIMEOUT = 300_000;

describeWithPrograms(__filename, 'with CIRCL', () => {
  let peer: LinePeer;
  beforeAll(() => {
    execFileSync('go', ['build', '-C', SOURCE, '-trimpath', '-o', PEER, '.'], { stdio: ['ignore', 'pipe', 'pipe'] });
    peer = new LinePeer(PEER, []);
  }, BUILD_TIMEOUT);
  afterAll(() => peer?.close());

  crossCheck(() => peer);
});
