/** The protocol that an identity is for. The seed profile signs bare keys, so that its keys must serve nothing else. */
export type Profile = 'hardened' | 'seed';

export const PROFILES: readonly Profile[] = ['hardened', 'seed'];
export const DEFAULT_PROFILE = 'hardened' satisfies Profile;
