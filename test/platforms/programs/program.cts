/** The same from CommonJS. */
import pqsock = require('pqsock');
import oqs = require('pqsock/oqs');

async function main(): Promise<pqsock.PqSocket> {
  const identity: pqsock.Identity = await pqsock.Identity.generate();
  const { secretKey } = new oqs.Kem('ML-KEM-1024').keypairSync();
  secretKey.dispose();
  return pqsock.connect({ port: 1, identity, trust: identity.fingerprint });
}
// @ts-expect-error: it is no number
export const made: Promise<number> = main();
