/** What a server offers: made once, and yet each connection has its own. */
import type { Output } from '../../../lib/handshake/machine.js';
import { Identity } from '../../../lib/index.js';
import { parseSecureOptions } from '../../../lib/net/options.js';
import { HEADER_LENGTH } from '../../../lib/wire/frame-decoder.js';
import { parseServerHello } from '../../../lib/wire/hello.js';

it('is in bytes of its own for each connection, which differ in the random alone', async () => {
  const [one, other] = await Promise.all([Identity.generate(), Identity.generate({ algorithm: 'ML-DSA-87' })]);
  const config = parseSecureOptions('server', { identity: [one, other], trust: 'any' }, []);
  const hello = () => {
    let sent: Uint8Array = new Uint8Array(0);
    const send = (bytes: Uint8Array) => {
      sent = bytes;
    };
    config.startMachine({ send, watched: false, tell: () => {} } as Partial<Output> as Output);
    return sent;
  };
  const [first, second] = [hello(), hello()];
  const [a, b] = [first, second].map((bytes) => parseServerHello(bytes.subarray(HEADER_LENGTH)));
  expect(a?.random).not.toEqual(b?.random);
  expect({ ...a, random: 0 }).toEqual({ ...b, random: 0 });
  expect(a?.keys.map(({ publicKey }) => Buffer.from(publicKey))).toEqual([one.publicKey, other.publicKey]);
});
