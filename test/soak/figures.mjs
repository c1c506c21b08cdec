// @ts-check
/** Figures of two measurements, and how they are written. */

export const MIB = 2 ** 20;

/** @typedef {Record<string, number>} Counts */

/**
 * What was done between two measurements.
 *
 * @param {{ operations: Counts }} before
 * @param {{ operations: Counts }} after
 * @returns {Counts}
 */
export function spent(before, after) {
  return Object.fromEntries(
    Object.entries(after.operations).map(([name, times]) => [name, times - (before.operations[name] ?? 0)]),
  );
}

/**
 * Whether that is what a server does for so many whole handshakes, and nothing else.
 *
 * @param {number} handshakes
 * @param {Counts} work
 */
export function isWorkOf(handshakes, { keypair, sign, verify, encapsulate, decapsulate }) {
  return [sign, verify, encapsulate].every((count) => count === handshakes) && keypair === 0 && decapsulate === 0;
}

/** @param {number} bytes */
export function inMib(bytes) {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
