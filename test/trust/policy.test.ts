import { FirstUse } from '../../lib/trust/first-use.js';
import { anyOf, authorizedKeys, type Candidate, pinned, policyOf, type Trust } from '../../lib/trust/policy.js';

const fingerprint = `pqsock1:dilithium5:${'A'.repeat(43)}`;
const another = `pqsock1:dilithium5:${'B'.repeat(42)}A`;
const mldsa = `pqsock1:mldsa87:${'C'.repeat(42)}A`;
const invalid = expect.objectContaining({ code: 'PQ_ERR_INVALID_OPTION' });
const candidate = {
  algorithm: 'Dilithium5',
  publicKey: Buffer.alloc(2592),
  fingerprint,
  suite: 'kyber1024-dilithium5',
  address: '192.0.2.1',
  port: 4000,
} as const;
const dialled = { host: 'db.example', port: 7443 };

const trusts = async (trust: Trust) => (await policyOf(trust).ask(candidate)).trusted;

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
    const verdict = await policyOf(() => Promise.reject(cause)).ask(candidate);
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
    ['a list with what has no text', [Object.create(null)]],
    ['a set with what JSON has no text for', new Set([1n])],
  ])('of %s is an error at the start', (_, trust) => {
    expect(() => policyOf(trust as Trust)).toThrow(invalid);
  });

  it('that is a callback is asked once, with the key, the suite, the name and the address', async () => {
    const asked: Candidate[] = [];
    await policyOf((candidate) => asked.push(candidate) === 1, dialled).ask(candidate);
    expect(asked).toEqual([{ ...candidate, ...dialled }]);
  });

  it('of a server is asked about a peer without a name', async () => {
    const asked: Candidate[] = [];
    await trusts((candidate) => asked.push(candidate) === 1);
    expect(asked).toEqual([{ ...candidate, host: undefined }]);
  });

  it.each([
    ['at once', (reason: Error) => () => reason],
    ['later', (reason: Error) => async () => reason],
  ])('refuses when a callback gives an error %s, which is the reason', async (_, policy) => {
    const reason = new Error('not this one');
    expect(await policyOf(policy(reason)).ask(candidate)).toEqual({ trusted: false, cause: reason });
  });

  it.each([
    ['a list', [fingerprint], true],
    ['a callback', ({ fingerprint }: Candidate) => fingerprint === another, false],
  ])('says at once what is known at once: %s', (_, trust, trusted) => {
    expect(policyOf(trust).ask(candidate)).toEqual({ trusted });
  });

  it('that is a callback may write into the key: it has its own', async () => {
    const publicKey = Buffer.alloc(2592);
    await policyOf(({ publicKey: key }) => key.fill(1).length > 0).ask({ ...candidate, publicKey });
    expect(publicKey.every((byte) => byte === 0)).toBe(true);
  });

  it('that throws at once has refused as well', async () => {
    const cause = new Error('broken');
    const broken = () => {
      throw cause;
    };
    expect(await policyOf(broken).ask(candidate)).toEqual({ trusted: false, cause });
  });
});

describe('a first use', () => {
  it('accepts for the time being, and learns nothing yet', async () => {
    const learn = jest.fn();
    const verdict = await policyOf(() => new FirstUse(learn)).ask(candidate);
    expect(verdict.trusted).toBe(true);
    expect(learn).not.toHaveBeenCalled();
    expect(await verdict.learn?.()).toEqual({ trusted: true });
    expect(learn).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['throws', () => fail()],
    ['rejects', async () => fail()],
  ])('is refused when what learns %s', async (_, learn) => {
    const verdict = await policyOf(() => new FirstUse(learn)).ask(candidate);
    expect(await verdict.learn?.()).toEqual({ trusted: false, cause: new Error('no room') });
  });

  it('is nothing that looks like one', async () => {
    expect(await trusts((() => ({ learn: () => {} })) as unknown as Trust)).toBe(false);
    expect(() => new FirstUse(undefined as never)).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_INVALID_ARGUMENT' }),
    );
  });

  it('comes through several policies', async () => {
    const learn = jest.fn();
    const verdict = await policyOf(anyOf(another, () => new FirstUse(learn))).ask(candidate);
    await verdict.learn?.();
    expect(learn).toHaveBeenCalledTimes(1);
  });

  function fail(): never {
    throw new Error('no room');
  }
});

describe('a list of pinned fingerprints', () => {
  it('accepts those alone', async () => {
    expect(await trusts(pinned(another, fingerprint))).toBe(true);
    expect(await trusts(pinned(another, mldsa))).toBe(false);
  });

  it('has at least one, and nothing but fingerprints', () => {
    expect(() => pinned()).toThrow(invalid);
    expect(() => pinned(fingerprint, 'any')).toThrow(invalid);
  });

  it('can be of a hundred thousand and more', async () => {
    const many = Array.from({ length: 150_000 }, (_, i) => `pqsock1:dilithium5:${String(i).padStart(42, '0')}A`);
    expect(await trusts([...many, fingerprint])).toBe(true);
  });

  it('stays as it is when the array or set is changed afterwards', async () => {
    const [list, set] = [[another], new Set([another])];
    const policies = [policyOf(list), policyOf(set)];
    list.push(fingerprint);
    set.add(fingerprint);
    for (const policy of policies) expect((await policy.ask(candidate)).trusted).toBe(false);
  });
});

describe('a set of authorized keys', () => {
  it('is looked at for each connection', async () => {
    const keys = new Set<string>();
    const policy = policyOf(authorizedKeys(keys));
    const answers: boolean[] = [];
    for (const change of [() => {}, () => keys.add(fingerprint), () => keys.delete(fingerprint)]) {
      change();
      answers.push((await policy.ask(candidate)).trusted);
    }
    expect(answers).toEqual([false, true, false]);
  });

  it('has nothing but fingerprints at the start', () => {
    for (const wrong of [new Set(['x']), [fingerprint], null]) {
      expect(() => authorizedKeys(wrong as Set<string>)).toThrow(invalid);
    }
  });

  it('that somebody puts something else into later accepts nobody for it', async () => {
    const keys = new Set([another]);
    const policy = policyOf(authorizedKeys(keys));
    keys.add('rubbish');
    expect((await policy.ask(candidate)).trusted).toBe(false);
    expect([policy.couldAccept('Dilithium5'), policy.couldAccept('ML-DSA-87')]).toEqual([true, false]);
  });
});

describe('any of several policies', () => {
  it('accepts whom one of them accepts, and asks no more than it has to', async () => {
    const last = jest.fn(() => true);
    expect(await trusts(anyOf(another, () => false, last))).toBe(true);
    expect(await trusts(anyOf(fingerprint, last))).toBe(true);
    expect(last).toHaveBeenCalledTimes(1);
    expect(await trusts(anyOf([another], mldsa))).toBe(false);
    expect(await trusts(anyOf(() => 1 as unknown as boolean))).toBe(false);
  });

  it('refuses with the first reason that one of them gives', async () => {
    const [first, second] = [new Error('first'), new Error('second')];
    const policy = anyOf(
      another,
      () => first,
      () => second,
      mldsa,
    );
    expect(await policyOf(policy).ask(candidate)).toEqual({ trusted: false, cause: first });
    expect(await trusts(anyOf(() => first, fingerprint))).toBe(true);
  });

  it('refuses when one that is asked fails', async () => {
    const failing = () => Promise.reject(new Error('x'));
    expect(await trusts(anyOf(failing, fingerprint))).toBe(false);
    expect(await trusts(anyOf(fingerprint, failing))).toBe(true);
  });

  it('has at least one, and each is checked', () => {
    expect(() => anyOf()).toThrow(invalid);
    expect(() => anyOf(fingerprint, undefined as never)).toThrow(invalid);
  });
});

describe('which algorithms a policy could accept', () => {
  const could = (trust: Trust) => {
    const policy = policyOf(trust);
    return (['Dilithium5', 'ML-DSA-87'] as const).filter((algorithm) => policy.couldAccept(algorithm));
  };
  const BOTH = ['Dilithium5', 'ML-DSA-87'];

  it.each<[string, Trust, string[]]>([
    ['a fingerprint', fingerprint, ['Dilithium5']],
    ['another', mldsa, ['ML-DSA-87']],
    ['a list of both', [fingerprint, mldsa], BOTH],
    ["'any'", 'any', BOTH],
    ['a callback, of which nobody knows', () => false, BOTH],
    ['an empty set of authorized keys', authorizedKeys(new Set()), []],
    ['any of several fingerprints', anyOf(fingerprint, another), ['Dilithium5']],
    ['any of fingerprints of both', anyOf(fingerprint, [mldsa]), BOTH],
    ['any of a fingerprint and a callback', anyOf(fingerprint, () => false), BOTH],
  ])('is known of %s', (_, trust, expected) => {
    expect(could(trust)).toEqual(expected);
  });

  it('can depend on where a client connects to, also within several', () => {
    const asked: unknown[] = [];
    const policy = Object.assign(() => false, {
      algorithms: (to: unknown) => {
        asked.push(to);
        return new Set(['ML-DSA-87'] as const);
      },
    });
    expect(policyOf(policy, dialled).couldAccept('ML-DSA-87')).toBe(true);
    expect(policyOf(anyOf(policy), dialled).couldAccept('Dilithium5')).toBe(false);
    expect(asked).toEqual([dialled, dialled]);
  });

  it('changes with a set of authorized keys, also within several', () => {
    const keys = new Set([fingerprint]);
    const policies = [policyOf(authorizedKeys(keys)), policyOf(anyOf(another, authorizedKeys(keys)))];
    const answers = () => policies.map((policy) => policy.couldAccept('ML-DSA-87'));
    expect(answers()).toEqual([false, false]);
    keys.add(mldsa);
    expect(answers()).toEqual([true, true]);
  });
});

describe('which keys a policy knows', () => {
  const known = (trust: Trust) => {
    const policy = policyOf(trust);
    return [fingerprint, another, mldsa].filter((each) => policy.knows(each));
  };

  it.each<[string, Trust, string[]]>([
    ['a fingerprint', fingerprint, [fingerprint]],
    ['a list', [mldsa, another], [another, mldsa]],
    ["'any'", 'any', []],
    ['a callback', () => true, []],
    ['an empty set of authorized keys', authorizedKeys(new Set()), []],
    ['any of several', anyOf(fingerprint, [mldsa]), [fingerprint, mldsa]],
    ['any of a fingerprint and a callback', anyOf(() => true, another), [another]],
    ['a policy whose answer is no boolean', Object.assign(() => true, { knows: () => 1 as never }), []],
  ])('is known of %s', (_, trust, expected) => {
    expect(known(trust)).toEqual(expected);
  });

  it('can depend on where a client connects to, also within several', () => {
    const policy = Object.assign(() => false, {
      knows: (one: string, to: unknown) => one === mldsa && to === dialled,
    });
    expect(policyOf(policy, dialled).knows(mldsa)).toBe(true);
    expect(policyOf(anyOf('any', policy), dialled).knows(mldsa)).toBe(true);
    expect(policyOf(policy).knows(mldsa)).toBe(false);
  });
});
