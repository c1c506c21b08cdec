// @ts-check
/** How many seconds each suite may take, in the order in which they run; a full run is to end within ten minutes. */

/** @type {Record<string, { full: number, quick: number }>} */
export const BUDGETS = {
  primitives: { full: 90, quick: 8 },
  handshake: { full: 140, quick: 14 },
  bulk: { full: 90, quick: 8 },
  messages: { full: 80, quick: 8 },
};
