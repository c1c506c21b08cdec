import { policyOf, type Trust } from '../../lib/trust/policy.js';

const fingerprint = `pqsock1:dilithium5:${'A'.repeat(43)}`;
const another = `pqsock1:dilithium5:${'B'.repeat(42)}A`;
const candidate = { algorithm: 'Dilithium5', publicKey: Buffer.alloc(2592), fingerprint } as const;

const trusts = async (trust: Trust) => (await policyOf(trust)(candidate)).trusted;

describe('a trust policy', () => {
  it.each<[string, Trust, boolean]>([
    ['the fingerprint', fingerprint, true],
    ['another fingerprint', another, false],
    ['a list with it', [another, fingerprint], true],
    ['a set with it', new Set([fingerprint]), true],
    ['a list without it', [another], false],
    ["'any'", 'any', true],
    ['a callback that says true', () => true, true],
    ['a callback that says true later', async () => true, true],
    ['a callback that says false', () => false, false],
    ['a callback that says something truthy', () => 1 as unknown as boolean, false],
  ])('of %s answers rightly', async (_, trust, expected) => {
    expect(await trusts(trust)).toBe(expected);
  });

  it('refuses when a callback fails, and keeps the reason', async () => {
    const cause = new Error('no database');
    const verdict = await policyOf(() => Promise.reject(cause))(candidate);
    expect(verdict).toEqual({ trusted: false, cause });
  });

  it.each<[string, unknown]>([
    ['none', undefined],
    ['null', null],
    ['an empty list', []],
    ['an empty string', ''],
    ['something that is no fingerprint', 'ANY'],
    ['a list with something that is none', [fingerprint, 'x']],
    ['true', true],
  ])('of %s is an error at the start', (_, trust) => {
    expect(() => policyOf(trust as Trust)).toThrow(expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' }));
  });
});
