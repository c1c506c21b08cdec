// @ts-check
/**
 * A client in a process of its own: connects as often as it is told, and prints how many keys are prepared here then,
 * its own and its peers'. `node visitor.mjs PORT TIMES FINGERPRINT PROFILE`, its own key on its input.
 */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { connect, Identity } from '../../dist/index.js';
import { addon } from '../../dist/native/load.js';

const [port, times, trust, profile] = process.argv.slice(2);
const { publicKey, secretKey } = JSON.parse(await text(process.stdin));
const identity = Identity.from({
  profile: /** @type {any} */ (profile),
  publicKey: Buffer.from(publicKey, 'base64'),
  secretKey: Buffer.from(secretKey, 'base64'),
});
for (let i = 0; i < Number(times); i += 1) {
  const options = { profile, host: '127.0.0.1', port: Number(port), identity, trust };
  const socket = connect(/** @type {any} */ (options));
  await once(socket.resume(), 'secureConnect');
  socket.end();
  await once(socket, 'close');
}
const counts = new Float64Array(2);
addon.matrixCounts(counts);
process.stdout.write(JSON.stringify([...counts]));
