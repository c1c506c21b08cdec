// @ts-check
/** Calls with wrong arguments that are secrets, or have some; what is said of them is shown. */
import { once } from 'node:events';
import { connect, Identity } from 'pqsock';
import { Kem, Sig } from 'pqsock/oqs';
import { outcomeOf, show, showError } from './show.mjs';

/** Writes a line `scene: …` for each. */
export async function misuse() {
  const sig = new Sig('Dilithium5');
  const kem = new Kem('ML-KEM-1024');
  const pair = sig.keypairSync();
  const { publicKey, secretKey } = kem.keypairSync();
  const made = kem.encapsulateSync(publicKey);
  const raw = pair.secretKey.export();
  const longer = secretKey.export().fill(0, 1600, 1700);
  const place = { port: 1, host: '127.0.0.1', trust: 'any' };
  const identity = Identity.from({ publicKey: pair.publicKey, secretKey: pair.secretKey });
  for (const value of [sig, kem, pair, made, { publicKey, secretKey }, identity, made.sharedSecret.toKeyObject()]) {
    show('a value', value);
  }
  const wrong = {
    'a short secret key': () => Identity.from({ publicKey: pair.publicKey, secretKey: raw.subarray(1) }),
    'a secret key as text': () => Identity.from(asAny({ ...pair, secretKey: raw.toString('hex') })),
    "another's public key": () => Identity.from({ publicKey: sig.keypairSync().publicKey, secretKey: raw }),
    'keys in the place of an identity': () => connect(asAny({ ...place, identity: { ...pair, secretKey: raw } })),
    'an unknown option': () => connect(asAny({ ...place, identity, secretKey: raw })),
    'a Secret as JSON': () => JSON.stringify({ made }),
    'a Secret as a clone': () => structuredClone({ made }),
    'a short key to sign with': () => sig.signSync(raw, raw.subarray(1)),
    'a context that there is not': () => sig.signSync(raw, raw, { context: raw.subarray(0, 32) }),
    'a changed KEM key': () => kem.decapsulateSync(longer, made.ciphertext),
    'a short KEM key': () => kem.decapsulateSync(longer.subarray(1), made.ciphertext),
    'a disposed Secret': () => {
      secretKey.dispose();
      kem.decapsulateSync(secretKey, made.ciphertext);
    },
    'a disposed identity': () => {
      identity.dispose();
      connect(asAny({ ...place, identity }));
    },
  };
  for (const [what, action] of Object.entries(wrong)) {
    let outcome = 'nothing';
    try {
      const made = action();
      if (typeof made === 'object') outcome = outcomeOf(await once(asAny(made), 'error').then(([error]) => error));
    } catch (error) {
      outcome = outcomeOf(error);
      showError(what, error);
    }
    process.stdout.write(`scene: ${what}: ${outcome}\n`);
  }
}

/** @param {any} value @returns {any} */
function asAny(value) {
  return value;
}
