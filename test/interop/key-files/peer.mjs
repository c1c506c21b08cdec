// @ts-check
/**
 * Keys of ML-DSA-87 as node:crypto of Node 26 has them. Answers requests, lines of JSON, by such lines; bytes are
 * base64, keys are PEM. `make` gives a new key; `read` what is in a private one, and a signature by it; `verify`, `jwk`
 * and `fromJwk` say it themselves.
 */
import crypto from 'node:crypto';
import { createInterface } from 'node:readline';

/** @type {any} Its types are those of Node 20. */
const { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } = crypto;
const PKCS8 = { format: 'pem', type: 'pkcs8' };
const SPKI = { format: 'pem', type: 'spki' };

/** @type {Record<string, (request: any) => object>} */
const OPERATIONS = {
  make: ({ passphrase }) => {
    const { privateKey, publicKey } = generateKeyPairSync('ml-dsa-87');
    const how = passphrase === undefined ? PKCS8 : { ...PKCS8, cipher: 'aes-256-cbc', passphrase };
    return { pem: privateKey.export(how), publicPem: publicKey.export(SPKI) };
  },
  read: ({ pem, passphrase, message }) => {
    const key = createPrivateKey({ key: pem, passphrase });
    const signature = sign(null, Buffer.from(message, 'base64'), key).toString('base64');
    return { pem: key.export(PKCS8), publicPem: createPublicKey(key).export(SPKI), signature };
  },
  verify: ({ publicPem, message, signature }) => {
    const [data, signed] = [message, signature].map((text) => Buffer.from(text, 'base64'));
    return { valid: verify(null, data, createPublicKey(publicPem), signed) };
  },
  jwk: ({ pem }) => ({ jwk: createPrivateKey(pem).export({ format: 'jwk' }) }),
  fromJwk: ({ jwk }) => ({ pem: createPrivateKey({ key: jwk, format: 'jwk' }).export(PKCS8) }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, op, ...request } = JSON.parse(line);
  let answer;
  try {
    answer = OPERATIONS[op]?.(request) ?? { error: `no operation ${op}` };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`);
}
