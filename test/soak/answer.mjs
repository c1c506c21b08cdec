// @ts-check
/** A process that takes part in a scenario, as it sees itself; actor.mjs is the other end. */

/** The number of the answer that nobody has asked for: commands before it would be lost. */
export const READY = 0;

/**
 * Does what it is asked for. A command that fails ends the process, and so does the end of whoever asks.
 *
 * @param {Record<string, (argument: any) => unknown>} commands
 */
export function answer(commands) {
  process.on('disconnect', () => process.exit());
  process.on('message', async (/** @type {any} */ { id, command, argument }) => {
    const result = await /** @type {(argument: any) => unknown} */ (commands[command])(argument);
    if (process.connected) process.send?.({ id, result });
  });
  process.send?.({ id: READY });
}
