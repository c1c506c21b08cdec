// @ts-check
/**
 * The searches in the model of the handshake: the protocol as it is against several attackers, and the protocol with
 * something left out, where an attack must be found, or is known not to be there.
 */

/**
 * @typedef {'secrecy' | 'agreement-of-client' | 'agreement-of-server' | 'injectivity' | 'possession'
 *   | 'unknown-key-share' | 'downgrade' | 'two-directions'} Property
 * @typedef {'own-key-allowed' | 'steal-identities' | 'malleable-signatures' | 'borrowed-signatures'
 *   | 'signatures-alone' | 'no-mac-s' | 'no-mac-c' | 'one-kem-key' | 'static-kem-key' | 'one-signature-label'
 *   | 'one-mac-label' | 'one-traffic-label'} Change a power of the attacker, or a weakening
 * @typedef {'sigC' | 'sigS' | 'macs' | 'keys'} Place what covers the transcript
 * @typedef {'ns' | 'offer' | 'pkS' | 'suite' | 'nc' | 'pkC' | 'kemPk' | 'sigC' | 'kemCt' | 'sigS'
 *   | 'transcript'} Field
 * @typedef {object} HandshakeCase
 * @property {string} name
 * @property {string} what
 * @property {string} [clients] the owners of the clients' sessions, a letter each
 * @property {string} [servers]
 * @property {{ clients: string, servers: string }} [short] the sessions of the short form, if they are others
 * @property {Change[]} [has]
 * @property {Partial<Record<Place, Field[]>>} [drop] what a place leaves out
 * @property {'strong' | 'weak'} [broken] the suite whose KEM the attacker can undo
 * @property {number[]} [stealFrom] clients whose kem_sk he gets when they are open
 * @property {string} [stolen] whose signature key he has from the start
 * @property {boolean} [twoSuites]
 * @property {Property} [breaks] what an attack must be found on
 * @property {string} [because] for a weakening without an attack: what else prevents it
 */

const ALIKE = { clients: 'AA', servers: 'BB', short: { clients: 'A', servers: 'BB' } };
const TWO_AND_TWO = { clients: 'AA', servers: 'BB' };
const MIXED = { clients: 'AB', servers: 'AB', short: { clients: 'AB', servers: 'B' } };
const TWO_AND_ONE = { clients: 'AA', servers: 'B' };
const ONE = { clients: 'A', servers: 'B' };
/** The attacker knows every shared secret, and can make every MAC: what the signatures do by themselves. */
const SIGNATURES_ALONE = {
  has: /** @type {Change[]} */ (['signatures-alone']),
  broken: /** @type {const} */ ('strong'),
};
const TWO_SUITES_ALIKE = { clients: 'A', servers: 'BB', short: { clients: 'A', servers: 'B' } };
const TWO_SUITES = { twoSuites: true, broken: /** @type {const} */ ('weak') };

/** The protocol as it is: no attack. @type {HandshakeCase[]} */
export const PROTOCOL = [
  { name: 'alike', what: 'one client identity, one server identity', ...ALIKE },
  { name: 'mixed', what: 'both identities in both roles', ...MIXED },
  { name: 'kem-key', what: "both roles, and a client's old kem_sk was stolen", ...MIXED, stealFrom: [1] },
  { name: 'kem-keys', what: 'all old kem_sk were stolen', ...ALIKE, stealFrom: [1, 2] },
  { name: 'own-key', what: 'both roles, and each may talk to itself', ...MIXED, has: ['own-key-allowed'] },
  {
    name: 'three',
    what: 'three honest identities',
    clients: 'AB',
    servers: 'BC',
    short: { clients: 'AB', servers: 'C' },
  },
  {
    name: 'impersonation',
    what: "A's signature key was stolen: nobody poses as B to A",
    ...MIXED,
    short: { clients: 'A', servers: 'AB' },
    stolen: 'A',
  },
  { name: 'later-theft', what: 'all signature keys are stolen at some time', ...ALIKE, has: ['steal-identities'] },
  { name: 'malleable', what: 'signatures can be changed into others', ...ALIKE, has: ['malleable-signatures'] },
  {
    name: 'borrowed',
    what: 'a signature that was seen is also one by E, of whatever E likes',
    clients: 'AB',
    servers: 'B',
    has: ['borrowed-signatures'],
  },
  {
    name: 'together',
    what: 'own keys, changed signatures, and all old kem_sk stolen',
    ...MIXED,
    short: { clients: 'A', servers: 'AB' },
    has: ['own-key-allowed', 'malleable-signatures'],
    stealFrom: [1, 2],
  },
  { name: 'broken-kem', what: 'the KEM is broken: the signatures alone', ...MIXED, ...SIGNATURES_ALONE },
  { name: 'broken-kem-alike', what: 'the same, one identity in each role', ...ALIKE, ...SIGNATURES_ALONE },
  { name: 'two-suites', what: "two suites, and the weak one's KEM is broken", ...TWO_SUITES_ALIKE, ...TWO_SUITES },
  { name: 'two-suites-2', what: 'the same, two clients', ...TWO_AND_ONE, short: ONE, ...TWO_SUITES },
];

/** The protocol with something left out, or with too much stolen. @type {HandshakeCase[]} */
export const WEAKENED = [
  {
    name: 'sig_c-without-server',
    what: "sig_c without the server's key, and old kem_sk stolen",
    ...ALIKE,
    drop: { sigC: ['pkS'] },
    stealFrom: [1, 2],
    breaks: 'agreement-of-server',
  },
  {
    name: 'sig_c-without-server-2',
    what: "sig_c without the server's key, signatures alone",
    ...ONE,
    ...SIGNATURES_ALONE,
    drop: { sigC: ['pkS'] },
    breaks: 'agreement-of-server',
  },
  {
    name: 'sig_c-without-server-3',
    what: "sig_c without the server's key, and nothing stolen",
    ...ALIKE,
    drop: { sigC: ['pkS'] },
    because: 'mac_c covers it, and needs the secret that only the true client has',
  },
  {
    name: 'no-server-anywhere',
    what: "the server's key and signature under nothing",
    ...ONE,
    drop: { sigC: ['pkS'], sigS: ['pkS'], macs: ['pkS', 'sigS'], keys: ['pkS', 'sigS'] },
    breaks: 'unknown-key-share',
  },
  {
    name: 'sig_s-without-client',
    what: "sig_s without the client's key and signature, signatures alone",
    ...ONE,
    ...SIGNATURES_ALONE,
    drop: { sigS: ['pkC', 'sigC'] },
    breaks: 'agreement-of-client',
  },
  {
    name: 'sig_s-without-client-2',
    what: "sig_s without the client's key, signatures alone",
    ...TWO_AND_ONE,
    ...SIGNATURES_ALONE,
    drop: { sigS: ['pkC'] },
    because: 'sig_s still covers sig_c, which is by the client and covers its key',
  },
  {
    name: 'sig_s-without-client-3',
    what: "sig_s without the client's key and signature",
    ...ALIKE,
    drop: { sigS: ['pkC', 'sigC'] },
    because: 'mac_s covers both',
  },
  {
    name: 'sig_s-without-client-4',
    what: "sig_s without the client's key, signatures alone, which are also E's",
    ...ONE,
    ...SIGNATURES_ALONE,
    has: ['signatures-alone', 'borrowed-signatures'],
    drop: { sigS: ['pkC'] },
    breaks: 'agreement-of-client',
  },
  {
    name: 'no-client-anywhere',
    what: "the client's key and signature under nothing but sig_c",
    ...ALIKE,
    drop: { sigS: ['pkC', 'sigC'], macs: ['pkC', 'sigC'], keys: ['pkC', 'sigC'] },
    breaks: 'unknown-key-share',
  },
  { name: 'no-mac_s', what: 'no mac_s', ...ONE, has: ['no-mac-s'], breaks: 'possession' },
  { name: 'no-mac_c', what: 'no mac_c', ...ONE, has: ['no-mac-c'], breaks: 'possession' },
  { name: 'no-mac_c-2', what: 'no mac_c', ...ONE, has: ['no-mac-c'], breaks: 'agreement-of-server' },
  {
    name: 'no-mac_s-2',
    what: 'no mac_s, and signatures can be changed into others',
    ...ONE,
    has: ['no-mac-s', 'malleable-signatures'],
    breaks: 'agreement-of-client',
  },
  {
    name: 'macs-without-signatures',
    what: 'MACs without sig_c and sig_s',
    ...ALIKE,
    drop: { macs: ['sigC', 'sigS'] },
    because: 'sig_s covers sig_c, and nobody else has another sig_s',
  },
  {
    name: 'macs-without-signatures-2',
    what: 'MACs without sig_s, which can be changed into others',
    ...ONE,
    has: ['malleable-signatures'],
    drop: { macs: ['sigS'] },
    breaks: 'agreement-of-client',
  },
  {
    name: 'no-server-random',
    what: "sig_c without the server's random, and old kem_sk stolen: a replay",
    ...ALIKE,
    drop: { sigC: ['ns'] },
    stealFrom: [1, 2],
    breaks: 'injectivity',
  },
  {
    name: 'no-server-random-2',
    what: "sig_c without the server's random, signatures alone",
    ...ALIKE,
    ...SIGNATURES_ALONE,
    drop: { sigC: ['ns'] },
    breaks: 'agreement-of-server',
  },
  {
    name: 'no-server-random-3',
    what: "sig_c without the server's random, and nothing stolen",
    ...ALIKE,
    drop: { sigC: ['ns'] },
    because: 'kem_pk is fresh, and mac_c needs its kem_sk',
  },
  {
    name: 'no-client-freshness',
    what: 'sig_s without random, kem_pk and sig_c of the client, signatures alone',
    ...TWO_AND_ONE,
    ...SIGNATURES_ALONE,
    drop: { sigS: ['nc', 'kemPk', 'sigC'] },
    breaks: 'injectivity',
  },
  {
    name: 'no-client-random',
    what: "sig_s without the client's random, signatures alone",
    ...TWO_AND_ONE,
    ...SIGNATURES_ALONE,
    drop: { sigS: ['nc'] },
    because: 'kem_pk and sig_c are as fresh as it, and sig_s covers them',
  },
  {
    name: 'one-kem-key',
    what: 'one kem_pk for all connections, and an old kem_sk stolen',
    ...TWO_AND_TWO,
    has: ['one-kem-key'],
    stealFrom: [1],
    breaks: 'agreement-of-server',
  },
  {
    name: 'both-stolen',
    what: "all of the protocol, but A's signature key and an old kem_sk of B were stolen",
    clients: 'B',
    servers: 'A',
    stolen: 'A',
    stealFrom: [1],
    breaks: 'agreement-of-server',
  },
  {
    name: 'static-kem-key',
    what: 'kem_sk is kept as long as the signature key, and is stolen with it',
    ...ONE,
    has: ['steal-identities', 'static-kem-key'],
    breaks: 'secrecy',
  },
  {
    name: 'no-offer',
    what: 'sig_c without the offer',
    ...ONE,
    ...TWO_SUITES,
    drop: { sigC: ['offer'] },
    breaks: 'downgrade',
  },
  {
    name: 'no-offer-2',
    what: 'sig_s without offer and sig_c',
    ...TWO_SUITES_ALIKE,
    ...TWO_SUITES,
    drop: { sigS: ['offer', 'sigC'] },
    because: 'the server looks at sig_c before, which covers the offer',
  },
  {
    name: 'no-suite',
    what: 'signatures without the suite',
    ...ONE,
    ...TWO_SUITES,
    drop: { sigC: ['suite'], sigS: ['suite', 'sigC'] },
    breaks: 'downgrade',
  },
  { name: 'no-kem_pk', what: 'sig_c without kem_pk', ...ONE, drop: { sigC: ['kemPk'] }, breaks: 'secrecy' },
  { name: 'no-kem_ct', what: 'sig_s without kem_ct', ...ONE, drop: { sigS: ['kemCt'] }, breaks: 'secrecy' },
  {
    name: 'no-transcript-sig_c',
    what: 'sig_c over its label alone',
    ...ONE,
    drop: { sigC: ['transcript'] },
    breaks: 'secrecy',
  },
  {
    name: 'no-transcript-sig_s',
    what: 'sig_s over its label alone',
    ...ALIKE,
    drop: { sigS: ['transcript'] },
    breaks: 'secrecy',
  },
  {
    name: 'no-transcript-macs',
    what: 'MACs without the transcript',
    ...ONE,
    drop: { macs: ['transcript'] },
    breaks: 'possession',
  },
  {
    name: 'no-transcript-keys',
    what: 'traffic secrets from ss alone',
    ...ONE,
    drop: { keys: ['transcript'] },
    breaks: 'unknown-key-share',
  },
  {
    name: 'one-signature-label',
    what: 'one label for sig_c and sig_s',
    ...MIXED,
    has: ['one-signature-label', 'own-key-allowed'],
    because: 'what sig_s covers goes on to ServerKem, and what sig_c covers ends before it',
  },
  {
    name: 'one-signature-label-2',
    what: 'one label, both up to ClientKem, and each may talk to itself',
    ...MIXED,
    has: ['one-signature-label', 'own-key-allowed'],
    drop: { sigS: ['sigC', 'kemCt'] },
    breaks: 'agreement-of-client',
  },
  {
    name: 'one-mac-label',
    what: 'one label for mac_s and mac_c',
    ...MIXED,
    has: ['one-mac-label'],
    because: 'what mac_c covers goes on to ServerFinished, and what mac_s covers ends before it',
  },
  {
    name: 'one-mac-label-2',
    what: 'one label for mac_s and mac_c, which cover nothing',
    ...ONE,
    has: ['one-mac-label'],
    drop: { macs: ['transcript'] },
    breaks: 'agreement-of-server',
  },
  {
    name: 'one-traffic-label',
    what: 'one label for c_0 and s_0',
    ...ONE,
    has: ['one-traffic-label'],
    breaks: 'two-directions',
  },
];
