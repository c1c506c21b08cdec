/** The options of the hardened profile. */
import { type Primitives, primitivesOf } from '../crypto/primitives.js';
import { randomBytes } from '../crypto/random.js';
import { DEFAULT_SUITES, type SigName, SUITES, type Suite, type SuiteName } from '../crypto/suites.js';
import { quoted } from '../errors.js';
import { startHardenedClient } from '../handshake/hardened/client.js';
import type { HardenedConfig } from '../handshake/hardened/parts.js';
import { startHardenedServer } from '../handshake/hardened/server.js';
import type { Identity } from '../keys/identity.js';
import { RECORD_PLAINTEXT_MAX, RECORD_SIZE, RECORD_SIZE_MAX } from '../limits.js';
import type { Role } from '../record/channel.js';
import type { Policy } from '../trust/policy.js';
import { KEYS_MAX, RANDOM_LENGTH } from '../wire/hello.js';
import { usableIdentity } from './identity-option.js';
import { connectionLimits } from './limits.js';
import { invalid, trueOrFalse, wholeNumber } from './option-checks.js';
import type { HardenedOptions, ProfileConfig } from './options.js';

export const HARDENED_NAMES = [
  'suites',
  'prologue',
  'padding',
  'maxRecordSize',
  'allowOwnKey',
  'batchSignatures',
  'limits',
] as const satisfies readonly (keyof HardenedOptions)[];

const PROLOGUE_MAX = 255;

/**
 * @param primitives of a suite; others can be put in their place
 * @throws PQ_ERR_INVALID_OPTION
 */
export function parseHardened(
  role: Role,
  options: HardenedOptions,
  policy: Policy,
  primitives: HardenedConfig['primitives'] = primitivesFor,
): ProfileConfig {
  const identities = parseIdentities(role, options.identity);
  const batchSignatures = trueOrFalse('batchSignatures', options.batchSignatures ?? false);
  if (role === 'client' && options.batchSignatures !== undefined) {
    throw invalid('batchSignatures is for servers: a client takes what it is offered');
  }
  const config: HardenedConfig = {
    identities,
    suites: parseSuites(options.suites, identities),
    prologue: parsePrologue(options.prologue),
    allowOwnKey: trueOrFalse('allowOwnKey', options.allowOwnKey ?? false),
    records: {
      ...connectionLimits(role, options.limits),
      padding: wholeNumber('padding', options.padding ?? 1, 1, RECORD_PLAINTEXT_MAX),
      maxRecordSize: wholeNumber('maxRecordSize', options.maxRecordSize ?? RECORD_SIZE, 1, RECORD_SIZE_MAX),
    },
    batchSignatures,
    primitives,
    couldAccept: (algorithm) => policy.couldAccept(algorithm),
    knows: (fingerprint) => policy.knows(fingerprint),
    random: () => randomBytes(RANDOM_LENGTH),
  };
  const start = role === 'client' ? startHardenedClient : startHardenedServer;
  const fingerprints = identities.map(({ fingerprint }) => fingerprint);
  return { fingerprints, batchSignatures, startMachine: (out) => start(config, out) };
}

/** A server shows several of an algorithm while its key is changed, and the client chooses; a client has but one. */
function parseIdentities(role: Role, option: HardenedOptions['identity']): readonly Identity[] {
  const identities = (Array.isArray(option) ? option : [option]).map((each) => usableIdentity(each, 'hardened'));
  if (identities.length === 0) throw invalid('identity is an empty list: see Identity.generate');
  if (identities.length > KEYS_MAX)
    throw invalid(`there are ${identities.length} identities: ${KEYS_MAX} are the most`);
  const same = (one: Identity, other: Identity) =>
    role === 'client' ? one.algorithm === other.algorithm : one.fingerprint === other.fingerprint;
  const twice = identities.find((each, i) => i !== identities.findIndex((one) => same(one, each)));
  if (twice === undefined) return identities;
  if (role === 'server') throw invalid(`the identity ${twice.fingerprint} is there twice`);
  throw invalid(`there are two identities with ${twice.algorithm}: a client has one of an algorithm`);
}

function parseSuites(option: readonly SuiteName[] | undefined, identities: readonly Identity[]): readonly SuiteName[] {
  const algorithms = identities.map(({ algorithm }): SigName => algorithm);
  if (option === undefined) return DEFAULT_SUITES.filter((name) => algorithms.includes(SUITES[name].sig));
  const known = Object.keys(SUITES).join(', ');
  const listed: readonly SuiteName[] = Array.isArray(option) ? option : [];
  if (listed.length === 0) throw invalid(`suites must be a list of some of ${known}`);
  for (const name of listed) {
    if (typeof name !== 'string' || !Object.hasOwn(SUITES, name)) {
      throw invalid(`suites has ${quoted(name)}: there are ${known}`);
    }
    if (!algorithms.includes(SUITES[name].sig)) {
      throw invalid(`suites has ${name}, which needs an identity with ${SUITES[name].sig}`);
    }
  }
  if (new Set(listed).size < listed.length) throw invalid('suites has the same suite twice');
  return [...listed];
}

function parsePrologue(option: string | Uint8Array = ''): Uint8Array {
  if (typeof option !== 'string' && !(option instanceof Uint8Array)) throw invalid('prologue must be a text or bytes');
  const prologue = Uint8Array.from(typeof option === 'string' ? Buffer.from(option) : option);
  if (prologue.length <= PROLOGUE_MAX) return prologue;
  throw invalid(`prologue has ${prologue.length} bytes: ${PROLOGUE_MAX} are the most`);
}

const made = new Map<Suite, Primitives>();

/** Made once a suite. */
function primitivesFor(suite: Suite): Primitives {
  const primitives = made.get(suite) ?? primitivesOf(suite, true);
  made.set(suite, primitives);
  return primitives;
}
