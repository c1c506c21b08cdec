/** How much these tests do: in `npm test` the same each time, and with `npm run fuzz` more, and something else. */

export const campaign = {
  /** Where fast-check begins. */
  seed: Number(process.env['PQSOCK_FUZZ_SEED'] ?? 1) | 0,

  /** How often a property is tried that `npm test` tries so many times. */
  times: (usual: number): number => Math.ceil(usual * Number(process.env['PQSOCK_FUZZ_FACTOR'] ?? 1)),
};
