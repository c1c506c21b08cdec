// @ts-check
/**
 * Certificates for node:tls, fresh in each run: a CA, and below it one for each side. Node reads X.509 (RFC 5280) and
 * does not write it; this writes as much of it as the benchmark needs.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** @typedef {'ecdsa-p256' | 'ml-dsa-87'} Algorithm */
/** @typedef {import('node:crypto').KeyObject} KeyObject */
/** @typedef {{ key: string, cert: string, ca: string }} Credentials all in PEM; `ca` is the only one to be trusted */

/** How key pairs are made, with which hash they sign, and the name of that in a certificate (RFC 5758, RFC 9881). */
const ALGORITHMS = {
  'ecdsa-p256': {
    pair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    hash: 'sha256',
    oid: '2a8648ce3d040302',
  },
  'ml-dsa-87': { pair: () => generateAny('ml-dsa-87'), hash: null, oid: '608648016503040313' },
};

// From 2020 on, for good (RFC 5280, 4.1.2.5): nothing ends while the benchmark runs.
const VALIDITY = [utf8('17', '200101000000Z'), utf8('18', '99991231235959Z')];

/**
 * @param {Algorithm} algorithm
 * @param {string} host the name of the server, and the client's
 * @returns {{ server: Credentials, client: Credentials }}
 */
export function makeCertificates(algorithm, host) {
  const authority = ALGORITHMS[algorithm].pair();
  const make = (/** @type {string} */ name, /** @type {KeyObject} */ publicKey, /** @type {Buffer} */ extension) =>
    certificate(algorithm, { name, publicKey, extension, signer: authority.privateKey });
  const ca = make('pqsock benchmark CA', authority.publicKey, BASIC_CONSTRAINTS_CA);
  const credentials = () => {
    const { publicKey, privateKey } = ALGORITHMS[algorithm].pair();
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { key, cert: make(host, publicKey, nameExtension(host)), ca };
  };
  return { server: credentials(), client: credentials() };
}

/** An extension: its name, whether it must be understood, its content. */
const BASIC_CONSTRAINTS_CA = der('30', oid('551d13'), der('01', hex('ff')), der('04', der('30', der('01', hex('ff')))));

/** @param {string} host */
function nameExtension(host) {
  return der('30', oid('551d11'), der('04', der('30', utf8('82', host))));
}

/**
 * @param {Algorithm} algorithm
 * @param {{ name: string, publicKey: KeyObject, extension: Buffer, signer: KeyObject }} parts
 */
function certificate(algorithm, { name, publicKey, extension, signer }) {
  const { hash, oid: signature } = ALGORITHMS[algorithm];
  const signedWith = der('30', oid(signature));
  const body = der(
    '30',
    der('a0', der('02', hex('02'))), // version 3
    der('02', hex('01'), randomBytes(15)),
    signedWith,
    distinguishedName('pqsock benchmark CA'),
    der('30', ...VALIDITY),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der('a3', der('30', extension)),
  );
  const whole = der('30', body, signedWith, der('03', hex('00'), sign(hash, body, signer)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** @param {string} commonName */
function distinguishedName(commonName) {
  return der('30', der('31', der('30', oid('550403'), utf8('0c', commonName))));
}

/**
 * @param {string} tag in hexadecimal, like everything here that is not content
 * @param {...Buffer} content
 */
function der(tag, ...content) {
  const { length } = Buffer.concat(content);
  const digits = length.toString(16);
  const bytes = digits.padStart(digits.length + (digits.length % 2), '0');
  const prefix = length < 128 ? '' : (0x80 + bytes.length / 2).toString(16);
  return Buffer.concat([hex(tag + prefix + bytes), ...content]);
}

/** @param {string} encoded */
function oid(encoded) {
  return der('06', hex(encoded));
}

/**
 * @param {string} tag
 * @param {string} text
 */
function utf8(tag, text) {
  return der(tag, Buffer.from(text));
}

/** @param {string} digits */
function hex(digits) {
  return Buffer.from(digits, 'hex');
}

/**
 * An algorithm that the types of Node 20 don't know.
 *
 * @param {string} type
 * @returns {{ publicKey: KeyObject, privateKey: KeyObject }}
 */
function generateAny(type) {
  return /** @type {(type: string) => any} */ (generateKeyPairSync)(type);
}
