// @ts-check
/** The whole state of an object: to go on from it twice, and to know it again. */

/**
 * A copy of an object and of all that it holds; what is held twice is copied once. Functions are shared.
 *
 * @template T
 * @param {T} value
 * @param {Map<unknown, unknown>} [copies]
 * @returns {T}
 */
export function copyOf(value, copies = new Map()) {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return /** @type {T} */ (known);
  /** @type {any} */
  const copy = value instanceof Uint8Array ? Uint8Array.from(value) : emptyLike(value);
  copies.set(value, copy);
  if (value instanceof Uint8Array) return copy;
  for (const [name, member] of Object.entries(value)) copy[name] = copyOf(member, copies);
  return copy;
}

/** @param {object} value */
function emptyLike(value) {
  return Array.isArray(value) ? [] : Object.create(Object.getPrototypeOf(value));
}

/**
 * All members of an object and of what it holds.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function textOf(value) {
  if (typeof value === 'function') {
    const at = functions.indexOf(/** @type {() => void} */ (value));
    return `f${at >= 0 ? at : functions.push(/** @type {() => void} */ (value)) - 1}`;
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).filter(([name]) => name !== 'closed' && name !== 'exporter');
  return `{${members.map(([name, member]) => `${name}:${textOf(member)}`).join()}}`;
}

/** Functions by number: of a channel's, only what it accepts next is state. */
const functions = [() => {}];
