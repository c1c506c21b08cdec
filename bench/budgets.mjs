// @ts-check
/**
 * How many seconds each suite may take, in the order in which they run. Setting up, and the rounds that there must be,
 * come on top of that: all is to end within twelve minutes, and within one if it is quick.
 */

/** @type {Record<string, { full: number, quick: number }>} */
export const BUDGETS = {
  primitives: { full: 80, quick: 6 },
  handshake: { full: 130, quick: 11 },
  bulk: { full: 80, quick: 8 },
  messages: { full: 70, quick: 7 },
  memory: { full: 60, quick: 7 },
  'event-loop': { full: 55, quick: 8 },
  'start-up': { full: 20, quick: 2 },
  tunnel: { full: 100, quick: 8 },
};
