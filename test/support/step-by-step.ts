/** The other way to the bytes of a handshake: transcript and key schedule in TypeScript, the reference of native code. */
import { type Primitives, primitivesOf } from '../../lib/crypto/primitives.js';
import type { Suite } from '../../lib/crypto/suites.js';

export function stepByStep(suite: Suite): Primitives {
  return primitivesOf({ ...suite, row: undefined });
}

/** Both ways, for tests of what they have in common; undefined is what the package does by itself. */
export const WAYS = [
  { way: 'as it comes', primitives: undefined },
  { way: 'step by step', primitives: stepByStep },
] as const;
