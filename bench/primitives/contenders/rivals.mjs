// @ts-check
/** The other implementations that are there, and what is missing. */

/**
 * @typedef {import('./rival.mjs').Rival} Rival
 * @typedef {Pick<Rival, 'name' | 'title' | 'how' | 'apart' | 'every'> & { algorithms: string[] }} About
 * @typedef {string} Gap what is missing, and why
 */

/**
 * @param {Record<string, () => Promise<Rival>>} loaders by what the user reads if one fails
 * @returns {Promise<{ rivals: Rival[], gaps: Gap[] }>}
 */
export async function loadRivals(loaders) {
  /** @type {{ rivals: Rival[], gaps: Gap[] }} */
  const found = { rivals: [], gaps: [] };
  for (const [name, load] of Object.entries(loaders)) {
    try {
      found.rivals.push(await load());
    } catch (error) {
      found.gaps.push(`${name}: ${/** @type {Error} */ (error).message.split('\n')[0]}`);
    }
  }
  return found;
}

/**
 * What figures say of it.
 *
 * @param {Rival} rival
 * @returns {About}
 */
export function about({ algorithms, ...rest }) {
  return { ...rest, algorithms: Object.keys(algorithms) };
}
