// @ts-check
/** Brings together the rivals of the primitives: installs what may be installed, and names what is missing. */
import { findRuntime } from '../../connections/runtime.mjs';
import { installOnce, installRivals } from '../../packages.mjs';
import { noble, nobleDraft } from './noble.mjs';
import { startOtherNode } from './other-node.mjs';
import { pqclean } from './pqclean.mjs';
import { loadRivals } from './rivals.mjs';
import { crystalsKyber, dilithiumCrystals, mlkem } from './small-packages.mjs';

/**
 * @typedef {import('./rivals.mjs').Gap} Gap
 * @typedef {import('./rival.mjs').Rival} Rival
 * @typedef {import('./other-node.mjs').OtherNode} OtherNode
 */

/**
 * @param {import('../../options.mjs').Options} options
 * @returns {Promise<{ rivals: Rival[], other: OtherNode | undefined, gaps: Gap[] }>}
 */
export async function gatherRivals({ offline, quick, node }) {
  const what = 'pqclean, which is compiled: a minute or two';
  const rule = offline ? '--offline' : '--quick';
  const missing = [
    installRivals({ offline }),
    installOnce('rivals/pqclean', { what, allowed: !offline && !quick, rule }),
  ].filter((why) => why !== undefined);
  const here = await loadRivals({
    'noble 0.7.1': noble,
    'noble 0.1.0': nobleDraft,
    'crystals-kyber': crystalsKyber,
    mlkem,
    'dilithium-crystals-js': dilithiumCrystals,
    pqclean,
  });
  const there = await startOther(node, offline);
  return { rivals: here.rivals, other: there.other, gaps: [...missing, ...here.gaps, ...there.gaps] };
}

/**
 * The Node that has the standards in node:crypto: the one that was asked for, else that of npm.
 *
 * @param {string | undefined} wanted
 * @param {boolean} offline
 * @returns {Promise<{ other?: OtherNode, gaps: Gap[] }>}
 */
async function startOther(wanted, offline) {
  try {
    const asked = findRuntime(wanted, { offline });
    const other = await startOtherNode(asked.hasMlDsa ? asked : findRuntime('26', { offline }));
    const none = `it has no ML-KEM and no ML-DSA; that of Node ${other.runtime.node} has`;
    const gaps = asked.hasMlDsa ? [] : [`node:crypto of Node ${asked.node}: ${none}`];
    return { other, gaps: [...gaps, ...other.gaps] };
  } catch (error) {
    const why = `no Node 26: ${/** @type {Error} */ (error).message}`;
    return { gaps: ['@openforge-sh/liboqs', 'node:crypto'].map((name) => `${name}: ${why}`) };
  }
}
