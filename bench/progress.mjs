// @ts-check
/** Says how far a measurement has come: on a terminal all the time, elsewhere that it has begun. */

/** @typedef {(progress: { done: number, what: string }) => void} Report `done`: from 0 to 1 */

/**
 * @param {NodeJS.WriteStream} out
 * @param {string} suite
 * @returns {Report}
 */
export function progressTo(out, suite) {
  if (!out.isTTY) {
    out.write(`measuring: ${suite}\n`);
    return () => {};
  }
  return ({ done, what }) => {
    out.write(`\r\x1b[K${done < 1 ? `${suite}: ${Math.floor(done * 100)} %  ${what}` : ''}`);
  };
}
