// @ts-check
/**
 * Makes the folder that the npm package carries: `node deps/trim-liboqs.mjs deps/liboqs-src`. It is
 * upstream's source, proven and not corrected; the correcting is done where it is built.
 */
import { copyLiboqs } from './liboqs-source.mjs';
import { runMain } from './run-main.mjs';

await runMain('node deps/trim-liboqs.mjs <destination>', (destination) =>
  copyLiboqs({ destination, log: console.log }),
);
