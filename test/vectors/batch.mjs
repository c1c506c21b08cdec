// @ts-check
/** A signature for five handshakes, of which one is whole: computed from its inputs as PROTOCOL.md chapter 6 says. */
import { createHash } from 'node:crypto';
import { keyExchange, sigKeypair, sign } from './algorithms.mjs';
import { handshakeOf, signingInput } from './connection.mjs';

/** @typedef {import('./algorithms.mjs').Suite} Suite */

/**
 * @param {Suite} suite
 * @param {ReturnType<typeof import('./inputs.mjs').inputsOf>} inputs
 */
export function batchOf(suite, { prologue, client, server, batch }) {
  const keys = { client: sigKeypair(suite, client.sig_seed), server: sigKeypair(suite, server.sig_seed) };
  const random = { x25519_sk_c: client.x25519_sk, x25519_sk_s: server.x25519_sk };
  const kem = keyExchange(suite, { kem_seed: client.kem_seed, kem_m: server.kem_m, ...random });
  /** @type {ReturnType<typeof treeOf> | undefined} */
  let tree;
  let signed = Buffer.alloc(0);
  let sig_b = Buffer.alloc(0);
  const { frames, transcript, schedule } = handshakeOf(
    suite,
    { prologue, server, client: { ...client, sig_rnd: batch.client_sig_rnd } },
    keys,
    kem,
    {
      batch: (/** @type {Buffer} */ TH_SK) => {
        const hashes = [...batch.th_sk];
        hashes.splice(batch.place, 0, TH_SK);
        tree = treeOf(batch, hashes);
        signed = signingInput('pqsock1 server batch', batch.id, Buffer.of(tree.depth), tree.root);
        sig_b = sign(suite, keys.server.sk, signed, batch.server_sig_rnd);
        return Buffer.concat([Buffer.of(1), /** @type {Buffer} */ (tree.proofs[batch.place]), sig_b]);
      },
    },
  );
  const { depth, nodes, proofs } = /** @type {ReturnType<typeof treeOf>} */ (tree);
  return { depth, nodes, proofs, signed, sig_b, frames, transcript, key_schedule: schedule };
}

/**
 * @param {{ id: Buffer, r: Buffer[], nodes: Buffer[] }} random `nodes` are those without a handshake
 * @param {Buffer[]} hashes TH_SK of each
 */
function treeOf({ id, r, nodes: fillers }, hashes) {
  const free = [...fillers];
  /** @type {Buffer[][]} */
  const nodes = [];
  /** @type {Buffer[]} */
  let level = hashes.map((TH_SK, i) =>
    sha256(Buffer.of(0), id, u32(i), /** @type {Buffer} */ (r[i]), signingInput('pqsock1 server auth', TH_SK)),
  );
  for (let l = 1; level.length > 1; l += 1) {
    if (level.length % 2 === 1) level.push(/** @type {Buffer} */ (free.shift()));
    nodes.push(level);
    const below = level;
    const children = (/** @type {number} */ j) => below.slice(2 * j, 2 * j + 2);
    level = Array.from({ length: level.length / 2 }, (_, j) =>
      sha256(Buffer.of(1), id, Buffer.of(l), u32(j), ...children(j)),
    );
  }
  const depth = nodes.length;
  const proofs = hashes.map((_, i) => {
    const way = nodes.map((each, l) => /** @type {Buffer} */ (each[(i >> l) ^ 1]));
    return Buffer.concat([id, u32(i), /** @type {Buffer} */ (r[i]), Buffer.of(depth), ...way]);
  });
  return { depth, nodes: [...nodes, level], root: /** @type {Buffer} */ (level[0]), proofs };
}

/** @param {Uint8Array[]} parts */
function sha256(...parts) {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

/** @param {number} value */
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
