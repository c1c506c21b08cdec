// @ts-check
/** Many tasks, some at once. */

/**
 * @param {number} times
 * @param {number} atOnce
 * @param {(turn: number) => Promise<unknown>} task
 */
export async function inTurns(times, atOnce, task) {
  let turn = 0;
  const line = async () => {
    while (turn < times) {
      turn += 1;
      await task(turn - 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, line));
}
