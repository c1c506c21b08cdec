// @ts-check
/** How a batch of calls is timed, whoever makes them. */

/** @typedef {import('../rounds.mjs').Slice} Slice */

/**
 * One after the other, inline.
 *
 * @param {() => unknown} call
 * @returns {(calls: number) => Slice}
 */
export function inline(call) {
  return (calls) => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < calls; ++i) call();
    return { nanoseconds: Number(process.hrtime.bigint() - start) };
  };
}

/**
 * Promises, `width` of them under way at a time. Of the time, `loop` is what the event loop was busy.
 *
 * @param {() => Promise<unknown>} call
 * @param {{ width: number }} options
 * @returns {(calls: number) => Promise<Slice>}
 */
export function awaited(call, { width }) {
  return async (calls) => {
    let left = calls;
    const lane = async () => {
      while (left-- > 0) await call();
    };
    const before = performance.eventLoopUtilization();
    const start = process.hrtime.bigint();
    await Promise.all(Array.from({ length: width }, lane));
    const nanoseconds = Number(process.hrtime.bigint() - start);
    return { nanoseconds, loop: performance.eventLoopUtilization(before).active * 1e6 };
  };
}
