/** The client's side of the hardened handshake; server.ts is its mirror image. PROTOCOL.md, "Handshake messages". */
import { macEqual } from '../../crypto/hkdf.js';
import type { Secret } from '../../crypto/secret.js';
import { type SigName, SUITES, sigAlgorithm, sigByNumber, suiteNameOf } from '../../crypto/suites.js';
import { pqError } from '../../errors.js';
import { fingerprintOf } from '../../keys/fingerprint.js';
import type { PeerKey } from '../../trust/policy.js';
import { exactly, frame } from '../../wire/frame.js';
import type { Frame } from '../../wire/frame-decoder.js';
import {
  emitClientHello,
  KEY_CHOICE,
  keyChoice,
  MODE_KEY,
  type OfferedKey,
  SERVER_HELLO_MAX,
} from '../../wire/hello.js';
import { awaitKnown } from '../await-known.js';
import { awaitVerdict, type Output, type State } from '../machine.js';
import { FinishedValid, PeerTrusted, type SignatureValid } from '../proof.js';
import type { Agreement } from './agreement.js';
import { BATCHES, batchLengths } from './batch.js';
import { exchangeOf } from './exchange.js';
import {
  type Agreed,
  announce,
  expectFrame,
  FINISHED_LENGTH,
  type HardenedConfig,
  identityFor,
  opened,
  peerOf,
  sizeOf,
  VERSION,
} from './parts.js';
import { type Offer, parseOffer } from './server-offer.js';
import { Transcript } from './transcript.js';

/** Step 1: the connection is there; the server speaks first. */
export function startHardenedClient(config: HardenedConfig, out: Output): State {
  announce(out, 1);
  return expectServerHello(config);
}

/** Steps 2 to 4. Nothing, not even an alert, is sent to a server whose offer can't be parsed. */
function expectServerHello(config: HardenedConfig): State {
  return expectFrame({ name: 'ServerHello', least: 0, most: SERVER_HELLO_MAX }, ({ header, body }, out) => {
    const offer = parseOffer(body);
    out.tell('all');
    announce(out, 2, { received: ['ServerHello'], bytes: sizeOf({ header, body }) });
    const transcript = new Transcript(config.prologue);
    transcript.add(header, body);
    const { suite, identity } = choose(config, offer);
    announce(out, 3, { suite: suite.name });
    const [place, publicKey] = keyFor(config, offer.keys, suite.sig);
    const isChoice = keyChoice(offer.extensions) !== undefined;
    const choice = isChoice ? [{ type: KEY_CHOICE, data: Uint8Array.of(place) }] : [];
    const { batches } = offer;
    const extensions = [...(batches ? BATCHES : []), ...choice];
    const [primitives, clientRandom] = [config.primitives(suite), config.random()];
    const agreed = { config, suite, primitives, identity, transcript, clientRandom, extensions, batches };
    return awaitTrust(agreed, peerOf(config, suite, publicKey));
  });
}

/**
 * Our first suite that the server offers with a key, and whose key the policy could accept.
 *
 * @throws PQ_ERR_NO_COMMON_VERSION, PQ_ERR_NO_COMMON_SUITE: there is no second try with less
 */
function choose(config: HardenedConfig, offer: Offer): Pick<Agreed, 'suite' | 'identity'> {
  const { versions, suites, keys } = offer;
  if (!versions.includes(VERSION)) {
    throw pqError(
      'PQ_ERR_NO_COMMON_VERSION',
      `the server offers the versions ${versions.join(', ')}: ours is ${VERSION}`,
    );
  }
  const algorithms = keys.map(({ sigalg }) => sigByNumber(sigalg));
  const untrusted = new Set<SigName>();
  for (const name of config.suites) {
    const suite = SUITES[name];
    const identity = identityFor(config, suite.sig);
    if (identity === undefined || !suites.includes(suite.number)) continue;
    if (!algorithms.includes(suite.sig)) continue;
    if (config.couldAccept(suite.sig)) return { suite, identity };
    untrusted.add(suite.sig);
  }
  throw noCommonSuite(config, offer, untrusted);
}

/** @param untrusted algorithms that would do if the policy had a key of them on record */
function noCommonSuite(config: HardenedConfig, { suites, keys }: Offer, untrusted: ReadonlySet<SigName>): Error {
  const offered = suites.map((number) => suiteNameOf(number) ?? number);
  const shown = keys.flatMap(({ sigalg, publicKey }) => {
    const name = sigByNumber(sigalg);
    return name !== undefined && untrusted.has(name) ? [fingerprintOf(name, publicKey)] : [];
  });
  const hint =
    shown.length === 0 ? '' : `. It shows ${shown.join(', ')}: the keys that we trust are of another algorithm`;
  return pqError(
    'PQ_ERR_NO_COMMON_SUITE',
    `the server offers ${offered.join(', ')}: with our suites, identity and trust (${config.suites.join(', ')}) none of them works${hint}`,
  );
}

/** The server's key for a suite, and its place in the list; of several the first that the policy has on record, if any. */
function keyFor({ knows }: HardenedConfig, keys: readonly OfferedKey[], sig: SigName): [number, Uint8Array] {
  const { sigalg } = sigAlgorithm(sig);
  const all = keys.flatMap((key, i): [number, Uint8Array][] => (key.sigalg === sigalg ? [[i, key.publicKey]] : []));
  const known = all.length > 1 ? all.find(([, publicKey]) => knows(fingerprintOf(sig, publicKey))) : undefined;
  return known ?? (all[0] as [number, Uint8Array]);
}

/** Step 4: no lattice operation is done for a server that the policy does not accept, and nothing is sent to it. */
function awaitTrust(agreed: Agreed, peer: PeerKey): State {
  return awaitVerdict(peer, (verdict, out) => {
    const trusted = PeerTrusted.by(verdict, peer);
    announce(out, 4, { fingerprint: peer.fingerprint });
    return awaitOffer(agreed, trusted);
  });
}

/** Steps 5 to 7. */
function awaitOffer(agreed: Agreed, trusted: PeerTrusted): State {
  const { suite, clientRandom: random, identity, transcript } = agreed;
  const [key, extensions] = [identity.publicKey, agreed.extensions];
  const choice = { version: VERSION, suite: suite.number, random, mode: MODE_KEY, key, extensions };
  const hello = frame('ClientHello', emitClientHello(choice));
  transcript.add(hello);
  return exchangeOf(agreed).offer(agreed, (frames, kemSecretKey, out) => {
    out.send(hello, ...frames);
    const bytes = [hello, ...frames].reduce((sum, { length }) => sum + length, 0);
    announce(out, 7, { sent: ['ClientHello', 'ClientKem', 'ClientAuth'], bytes, fingerprint: identity.fingerprint });
    return expectServerKem(agreed, trusted, kemSecretKey);
  });
}

/** Step 12, first part. */
function expectServerKem(agreed: Agreed, trusted: PeerTrusted, kemSecretKey: Secret): State {
  const { ciphertextLength } = agreed.primitives.kem.algorithm;
  return expectFrame(exactly('ServerKem', ciphertextLength), (kem) => {
    agreed.transcript.add(kem.header, kem.body);
    return expectServerAuth(agreed, trusted, kemSecretKey, kem);
  });
}

/** Step 12, second part. */
function expectServerAuth(agreed: Agreed, trusted: PeerTrusted, kemSecretKey: Secret, kem: Frame): State {
  const { signatureLength } = agreed.primitives.sig.algorithm;
  const also = agreed.batches ? batchLengths(signatureLength) : [];
  return expectFrame({ ...exactly('ServerAuth', 1 + signatureLength), also }, (auth, out) => {
    announce(out, 12, { received: ['ServerKem', 'ServerAuth'], bytes: sizeOf(kem, auth) });
    return exchangeOf(agreed).accept(agreed, trusted, kemSecretKey, kem, auth, (signature, agreement) =>
      expectServerFinished(agreed, signature, agreement),
    );
  });
}

/** Steps 15, 16 and 18. */
function expectServerFinished(agreed: Agreed, signature: SignatureValid, agreement: Agreement): State {
  return expectFrame(exactly('ServerFinished', FINISHED_LENGTH), ({ body }, out) => {
    const finished = FinishedValid.by(macEqual(body, agreement.serverMac), signature);
    announce(out, 15);
    return awaitKnown(signature, out, (known, out) => {
      const confirmation = frame('ClientFinished', agreement.clientMac);
      out.send(confirmation);
      out.tell('none'); // from here on what we have to say goes into a record
      announce(out, 16, { sent: ['ClientFinished'], bytes: confirmation.length });
      return opened('client', { known, signature, finished }, agreed, agreement, out);
    });
  });
}
