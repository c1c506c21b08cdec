/** How much lattice work this process has done: what a server spends on its peers. */
import { addon } from '../native/load.js';

/** How often each operation was done. */
export interface OperationCounts {
  readonly keypair: number;
  readonly sign: number;
  readonly verify: number;
  readonly encapsulate: number;
  readonly decapsulate: number;
}

/** The operations that were done so far, over all threads; those that were refused for a bad input don't count. */
export function operationCounts(): OperationCounts {
  const counts = new Float64Array(5);
  addon.operationCounts(counts);
  const [keypair = 0, sign = 0, verify = 0, encapsulate = 0, decapsulate = 0] = counts;
  return { keypair, sign, verify, encapsulate, decapsulate };
}
