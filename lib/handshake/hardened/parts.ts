/** What the two machines of the hardened profile share. */
import { bytesEqual } from '../../bytes.js';
import type { HandshakeStep } from '../../channels.js';
import type { Primitives } from '../../crypto/primitives.js';
import { type SigName, SUITES, type Suite, type SuiteName } from '../../crypto/suites.js';
import { pqError } from '../../errors.js';
import { fingerprintOf } from '../../keys/fingerprint.js';
import type { Identity } from '../../keys/identity.js';
import { HardenedChannel, type RecordLimits } from '../../record/hardened-channel.js';
import type { PeerKey } from '../../trust/policy.js';
import { alertReceived } from '../../wire/alert.js';
import { acceptFrames, exactly, FRAME_TYPES, type FrameName, type Permitted } from '../../wire/frame.js';
import { type Frame, HEADER_LENGTH } from '../../wire/frame-decoder.js';
import type { Extension } from '../../wire/hello.js';
import { type ExpectState, expectMessage, type OpenState, type Output, type State } from '../machine.js';
import type { FinishedValid, PeerKnown, SignatureValid } from '../proof.js';
import type { Agreement } from './agreement.js';
import { HARDENED_STEPS, type HardenedStep } from './steps.js';
import type { Transcript } from './transcript.js';

export const VERSION = 1;
export const FINISHED_LENGTH = 64;

/** The first byte of a ServerAuth with a signature of its own. */
export const AUTH_SINGLE = 0x00;

/** What a machine is given at its start. */
export interface HardenedConfig {
  /** A client has one of an algorithm at the most; a server up to four, all different, in the order of preference. */
  readonly identities: readonly Identity[];
  /** Those that are offered, or may be chosen; the preferred one first. Each has an identity. */
  readonly suites: readonly SuiteName[];
  readonly prologue: Uint8Array;
  /** Whether a peer may have the key that we have. */
  readonly allowOwnKey: boolean;
  /** Whether a server offers to sign for several clients at once. A client takes it if it is offered. */
  readonly batchSignatures: boolean;
  readonly records: RecordLimits;
  primitives(suite: Suite): Primitives;
  /** Whether the trust policy could accept a key of this algorithm. */
  couldAccept(algorithm: SigName): boolean;
  /** Whether the trust policy has this key on record. */
  knows(fingerprint: string): boolean;
  /** 32 bytes from the system's randomness. */
  random(): Uint8Array;
}

/** What both sides have agreed on, once the choice is made. */
export interface Agreed {
  readonly config: HardenedConfig;
  readonly suite: Suite & { readonly name: SuiteName };
  readonly primitives: Primitives;
  readonly identity: Identity;
  readonly transcript: Transcript;
  readonly clientRandom: Uint8Array;
  /** Those of ClientHello. */
  readonly extensions: readonly Extension[];
  /** Whether the server may sign for several clients at once. */
  readonly batches: boolean;
}

/** Whether a ServerAuth has a signature of its own, and the form of that. */
export function isSingle({ body }: Frame, { primitives }: Agreed): boolean {
  return body[0] === AUTH_SINGLE && body.length === 1 + primitives.sig.algorithm.signatureLength;
}

const ALERT = exactly('Alert', 1);

/** Waits for one kind of frame; or for an alert, which ends the handshake. */
export function expectFrame(permitted: Permitted, receive: (frame: Frame, out: Output) => State): ExpectState {
  return expectMessage(permitted.name, acceptFrames(permitted, ALERT), (frame, out) => {
    if (frame.header[0] !== FRAME_TYPES.Alert) return receive(frame, out);
    out.tell('none'); // an alert is never answered
    throw alertReceived(frame.body);
  });
}

/** The suite with a number, if it is one of those that this side uses. */
export function suiteByNumber(config: HardenedConfig, number: number): (Suite & { name: SuiteName }) | undefined {
  return config.suites.map((name) => SUITES[name]).find((suite) => suite.number === number);
}

/** The identity that signs in a suite; of several the preferred one. */
export function identityFor(config: HardenedConfig, algorithm: SigName): Identity | undefined {
  return config.identities.find((identity) => identity.algorithm === algorithm);
}

/**
 * The peer behind a public key.
 *
 * @throws PQ_ERR_OWN_KEY if it is our own: somebody sends our messages back
 */
export function peerOf(config: HardenedConfig, suite: Suite & { name: SuiteName }, publicKey: Uint8Array): PeerKey {
  const isOwn = (own: Identity) => own.algorithm === suite.sig && bytesEqual(publicKey, own.publicKey);
  const own = config.identities.find(isOwn);
  if (own !== undefined && !config.allowOwnKey) {
    throw pqError('PQ_ERR_OWN_KEY', `the peer shows our own key ${own.fingerprint}: see the option allowOwnKey`);
  }
  const fingerprint = fingerprintOf(suite.sig, publicKey);
  // A copy of its own: a part of Node's shared buffer would hold on to all of that, as long as the connection lasts.
  const copy = Buffer.from(new Uint8Array(publicKey).buffer);
  return { algorithm: suite.sig, publicKey: copy, fingerprint, suite: suite.name };
}

/** Says that a step was taken; with the frames that it sent or took, as they are on the wire. */
export function announce(
  out: Output,
  step: HardenedStep,
  details: { sent?: FrameName[]; received?: FrameName[]; bytes?: number; fingerprint?: string; suite?: string } = {},
): void {
  if (!out.watched) return;
  const { sent, received, ...rest } = details;
  const frames = sent ?? received;
  const announced: HandshakeStep = {
    step,
    name: HARDENED_STEPS[step],
    ...(frames !== undefined && {
      message: frames.join(', '),
      direction: sent === undefined ? 'received' : 'sent',
    }),
    ...rest,
  };
  out.step(announced);
}

/** The bytes of frames on the wire. */
export function sizeOf(...frames: Frame[]): number {
  return frames.reduce((sum, { body }) => sum + HEADER_LENGTH + body.length, 0);
}

/** The connection is open. It takes the three proofs that everything was checked. */
export function opened(
  role: 'client' | 'server',
  proofs: { readonly known: PeerKnown; readonly signature: SignatureValid; readonly finished: FinishedValid },
  { config, primitives, identity: { fingerprint }, clientRandom }: Agreed,
  agreement: Agreement,
  out: Output,
): OpenState {
  const channel = new HardenedChannel(role, agreement.open(), primitives.kem, config.records, out.now());
  announce(out, 18);
  return { kind: 'open', peer: proofs.finished.peer, fingerprint, channel, clientRandom, proofs };
}
