// @ts-check

/**
 * Clients take turns with so many: a server that pins keys must know each beforehand, and one key for all would flatter
 * whatever it remembers of a key.
 */
export const IDENTITIES = 256;
