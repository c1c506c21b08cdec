// @ts-check
/** What a client tells a server to do with a connection, in its first bytes there. */

/**
 * @typedef {object} Order
 * @property {'send' | 'receive' | 'answer' | 'part'} what `send` and `receive`: a flow of data, as the server sees it;
 *   `answer`: to requests; `part`: to say one byte and end
 * @property {number} [size] bytes of a request, and of its answer
 */

const ORDERS = /** @type {const} */ (['send', 'receive', 'answer', 'part']);

/** Bytes. */
export const ORDER_LENGTH = 5;

/** @param {Order} order */
export function encodeOrder({ what, size = 0 }) {
  const bytes = Buffer.alloc(ORDER_LENGTH);
  bytes.writeUInt8(ORDERS.indexOf(what));
  bytes.writeUInt32BE(size, 1);
  return bytes;
}

/**
 * @param {Buffer} bytes at least as many as an order has
 * @returns {Order}
 */
export function decodeOrder(bytes) {
  return { what: /** @type {Order['what']} */ (ORDERS[bytes.readUInt8()]), size: bytes.readUInt32BE(1) };
}
