/** The server's side of the hardened handshake; client.ts is its mirror image. PROTOCOL.md, "Handshake messages". */
import { EMPTY } from '../../bytes.js';
import { macEqual } from '../../crypto/hkdf.js';
import { SIG_ALGORITHMS, type SigName, SUITES } from '../../crypto/suites.js';
import { pqError } from '../../errors.js';
import type { Identity } from '../../keys/identity.js';
import type { PeerKey } from '../../trust/policy.js';
import { exactly, frame } from '../../wire/frame.js';
import { type Frame, HEADER_LENGTH } from '../../wire/frame-decoder.js';
import {
  CLIENT_HELLO_LEAST,
  CLIENT_HELLO_MAX,
  type ClientHello,
  type Extension,
  emitServerHello,
  KEY_CHOICE,
  keyChoice,
  MODE_TICKET,
  parseClientHello,
  RANDOM_LENGTH,
  SERVER_RANDOM_AT,
} from '../../wire/hello.js';
import { awaitKnown } from '../await-known.js';
import { awaitVerdict, type Output, type State } from '../machine.js';
import { FinishedValid, type PeerKnown, PeerTrusted, type SignatureValid } from '../proof.js';
import type { Agreement } from './agreement.js';
import { BATCHES, holdsBatches } from './batch.js';
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
  suiteByNumber,
  VERSION,
} from './parts.js';
import { Transcript } from './transcript.js';

/** Steps 1 and 2: the server speaks first. It costs random bytes and a copy, no lattice work. */
export function startHardenedServer(config: HardenedConfig, out: Output): State {
  announce(out, 1);
  out.tell('load');
  const hello = offerOf(config).slice();
  hello.set(config.random(), HEADER_LENGTH + SERVER_RANDOM_AT);
  out.send(hello);
  announce(out, 2, { sent: ['ServerHello'], bytes: hello.length });
  const transcript = new Transcript(config.prologue);
  transcript.add(hello);
  return expectClientHello(config, transcript);
}

const offers = new WeakMap<HardenedConfig, Uint8Array>();

/** The ServerHello but for its random; made once a configuration. */
function offerOf(config: HardenedConfig): Uint8Array {
  const made = offers.get(config);
  if (made !== undefined) return made;
  const keys = config.identities.map(({ algorithm, publicKey }) => ({
    sigalg: SIG_ALGORITHMS[algorithm].sigalg,
    publicKey,
  }));
  const suites = config.suites.map((name) => SUITES[name].number);
  const random = new Uint8Array(RANDOM_LENGTH);
  const extensions = extensionsOf(config);
  const offer = frame('ServerHello', emitServerHello({ versions: [VERSION], random, suites, keys, extensions }));
  offers.set(config, offer);
  return offer;
}

function extensionsOf({ identities, batchSignatures }: HardenedConfig): readonly Extension[] {
  const isChoice = new Set(identities.map(({ algorithm }) => algorithm)).size < identities.length;
  return [...(batchSignatures ? BATCHES : []), ...(isChoice ? [{ type: KEY_CHOICE, data: EMPTY }] : [])];
}

/** Step 7, first part, and step 8: the policy is asked as soon as the key is there. */
function expectClientHello(config: HardenedConfig, transcript: Transcript): State {
  const permitted = { name: 'ClientHello', least: CLIENT_HELLO_LEAST, most: CLIENT_HELLO_MAX } as const;
  return expectFrame(permitted, (hello, out) => {
    out.tell('all');
    const choice = parseClientHello(hello.body);
    const agreed = accept(config, choice, transcript);
    transcript.add(hello.header, hello.body);
    return awaitTrust(agreed, peerOf(config, agreed.suite, choice.key), sizeOf(hello));
  });
}

/** @throws PQ_ERR_NO_COMMON_VERSION, PQ_ERR_NO_COMMON_SUITE, PQ_ERR_TICKET, PQ_ERR_DECODE */
function accept(config: HardenedConfig, choice: ClientHello, transcript: Transcript): Agreed {
  const { version, mode, key, extensions } = choice;
  const batches = holdsBatches('ClientHello', extensions);
  if (version !== VERSION) {
    throw pqError('PQ_ERR_NO_COMMON_VERSION', `the client chose version ${version}, which was not offered`);
  }
  const suite = suiteByNumber(config, choice.suite);
  if (suite === undefined || identityFor(config, suite.sig) === undefined) {
    throw pqError('PQ_ERR_NO_COMMON_SUITE', `the client chose suite ${choice.suite}, which was not offered`);
  }
  if (mode === MODE_TICKET) throw pqError('PQ_ERR_TICKET', 'the client sent a ticket: this version gives out none');
  const primitives = config.primitives(suite);
  if (key.length !== primitives.sig.algorithm.publicKeyLength) {
    throw pqError('PQ_ERR_DECODE', `the client's ClientHello has a key of ${key.length} bytes`);
  }
  const offered = extensionsOf(config).map(({ type }) => type);
  if (!extensions.every(({ type }) => offered.includes(type))) {
    const types = extensions.map(({ type }) => type).join(', ');
    throw pqError('PQ_ERR_DECODE', `the client's ClientHello has the extensions ${types}: not all were offered`);
  }
  const identity = offered.includes(KEY_CHOICE)
    ? chosenIdentity(config, suite.sig, extensions)
    : (identityFor(config, suite.sig) as Identity);
  const clientRandom = new Uint8Array(choice.random); // a view would hold on to all that came with it
  return { config, suite, primitives, identity, transcript, clientRandom, extensions, batches };
}

/**
 * The identity that the client means.
 *
 * @throws PQ_ERR_DECODE if it doesn't say, or means none for its suite
 */
function chosenIdentity({ identities }: HardenedConfig, sig: SigName, extensions: readonly Extension[]): Identity {
  const place = keyChoice(extensions)?.[0];
  if (place === undefined) throw pqError('PQ_ERR_DECODE', "the client's ClientHello does not say which key it chose");
  const identity = identities[place];
  if (identity?.algorithm === sig) return identity;
  throw pqError('PQ_ERR_DECODE', `the client's ClientHello chose key ${place}, which is none of ${sig} that was shown`);
}

function awaitTrust(agreed: Agreed, peer: PeerKey, flightSize: number): State {
  return awaitVerdict(peer, (verdict, out) => {
    const trusted = PeerTrusted.by(verdict, peer);
    announce(out, 8, { fingerprint: peer.fingerprint });
    return expectClientKem(agreed, trusted, flightSize);
  });
}

/** Step 7, second part. */
function expectClientKem(agreed: Agreed, trusted: PeerTrusted, flightSize: number): State {
  const { publicKeyLength } = agreed.primitives.kem.algorithm;
  return expectFrame(exactly('ClientKem', publicKeyLength), (kem) => {
    agreed.transcript.add(kem.header, kem.body);
    return expectClientAuth(agreed, trusted, kem, flightSize + sizeOf(kem));
  });
}

/** Step 7, third part: the flight is complete. */
function expectClientAuth(agreed: Agreed, trusted: PeerTrusted, kem: Frame, flightSize: number): State {
  const { primitives } = agreed;
  return expectFrame(exactly('ClientAuth', primitives.sig.algorithm.signatureLength), (auth, out) => {
    const bytes = flightSize + sizeOf(auth);
    announce(out, 7, { received: ['ClientHello', 'ClientKem', 'ClientAuth'], bytes });
    if (!primitives.kem.isPublicKey(kem.body)) {
      throw pqError('PQ_ERR_DECODE', 'the peer sent a kem_pk that is no public key: a coefficient is 3329 or more');
    }
    return awaitAnswer(agreed, trusted, kem, auth);
  });
}

/** Steps 9 to 12. */
function awaitAnswer(agreed: Agreed, trusted: PeerTrusted, kem: Frame, auth: Frame): State {
  return exchangeOf(agreed).answer(agreed, trusted, kem, auth, (frames, signature, agreement, out) =>
    awaitKnown(signature, out, (known, out) => {
      out.send(...frames);
      const bytes = frames.reduce((sum, { length }) => sum + length, 0);
      announce(out, 12, { sent: ['ServerKem', 'ServerAuth', 'ServerFinished'], bytes });
      return expectClientFinished(agreed, known, signature, agreement);
    }),
  );
}

/** Steps 16 to 18: the connection is open, and not before, once the client has shown that it has the same keys. */
function expectClientFinished(
  agreed: Agreed,
  known: PeerKnown,
  signature: SignatureValid,
  agreement: Agreement,
): State {
  return expectFrame(exactly('ClientFinished', FINISHED_LENGTH), ({ header, body }, out) => {
    announce(out, 16, { received: ['ClientFinished'], bytes: sizeOf({ header, body }) });
    const finished = FinishedValid.by(macEqual(body, agreement.clientMac), signature);
    announce(out, 17);
    return opened('server', { known, signature, finished }, agreed, agreement, out);
  });
}
