// @ts-check
/** Fuzz target: all that JavaScript can hand to the addon, and what it can do between. */
import { Program, Thrown } from './program.mjs';

/**
 * @param {Uint8Array} bytes
 * @param {(text: string) => void} fail
 */
export async function runBorder(bytes, fail) {
  const program = new Program(bytes, fail);
  let uncaught = 0;
  const count = (/** @type {unknown} */ error) => {
    if (error instanceof Thrown) uncaught += 1;
    else fail(`not caught: ${/** @type {Error} */ (error)?.stack ?? String(error)}`);
  };
  process.on('uncaughtException', count);
  await program.run();
  process.off('uncaughtException', count);
  if (uncaught !== program.uncaught) fail(`${program.uncaught} errors were thrown, ${uncaught} came out`);
}
