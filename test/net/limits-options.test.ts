/** The option `limits`: each name, what it is unless said otherwise, and what it can be. */
import { connect, createServer, Identity } from '../../lib/index.js';
import { connectionLimits, serverLimits } from '../../lib/net/limits.js';

let identity: Identity;
beforeAll(async () => {
  identity = await Identity.generate();
});

/** Usual, least, most; and whether Infinity turns it off. */
type Row = readonly [name: string, usual: number, least: number, most: number, endless: boolean];

const LONGEST = 2 ** 31 - 1;

const CONNECTION: readonly Row[] = [
  ['keyRecords', 2 ** 24, 2, 2 ** 24, false],
  ['keyBytes', 2 ** 30, 1, 2 ** 34 - 65_537, false],
  ['keyAge', 3_600_000, 1, LONGEST, false],
  ['rekeyInterval', 3_600_000, 1, LONGEST, true],
  ['rekeyLeast', 10_000, 0, LONGEST, false],
  ['emptyRecords', 32, 0, 2 ** 24, false],
  ['keyUpdates', 16, 1, 2 ** 24, false],
  ['tickets', 4, 0, 2 ** 24, false],
];

const SERVER: readonly Row[] = [
  ['pendingHandshakes', 1024, 1, 2 ** 24, true],
  ['earlyDrop', 512, 0, 2 ** 24, true],
  ['pendingPerAddress', 256, 1, 2 ** 24, true],
  ['verifyQueue', 512, 1, 2 ** 24, true],
  ['signQueue', 512, 1, 2 ** 24, true],
  ['faultsPerMinute', 10, 0, 1000, true],
  ['preparedPeers', 64, 0, 2 ** 16, false],
];

const startServer = (limits: object) => () => createServer({ identity, trust: 'any', limits });
const startClient = (limits: object) => () =>
  connect({ identity, trust: 'any', limits, port: 1 })
    .on('error', () => {})
    .destroy();

describe('the limits', () => {
  it('unless said otherwise are these, and there are no others', () => {
    expect(connectionLimits('client')).toEqual(Object.fromEntries(CONNECTION.map(([name, usual]) => [name, usual])));
    expect(serverLimits()).toEqual(Object.fromEntries(SERVER.map(([name, usual]) => [name, usual])));
  });

  it.each([...CONNECTION, ...SERVER])('%s can be from its least to its most', (name, _, least, most, endless) => {
    const own = CONNECTION.some(([one]) => one === name);
    for (const value of [least, most]) {
      expect(startServer({ [name]: value })).not.toThrow();
      if (own) expect(startClient({ [name]: value })).not.toThrow();
    }
    const wrong: unknown[] = [least - 1, most + 1, least + 0.5, Number.NaN, -Infinity, String(most), true, []];
    if (!endless) wrong.push(Number.POSITIVE_INFINITY);
    for (const value of wrong) {
      const thrown = expect.objectContaining({
        code: 'PQ_ERR_INVALID_OPTION',
        message: `limits.${name} must be a whole number from ${least} to ${most}${endless ? ', or Infinity' : ''}`,
      });
      expect(startServer({ [name]: value })).toThrow(thrown);
      if (own) expect(startClient({ [name]: value })).toThrow(thrown);
    }
  });

  it.each([...CONNECTION, ...SERVER].filter((row) => row[4]))('%s can be off', (name) => {
    expect(startServer({ [name]: Number.POSITIVE_INFINITY })).not.toThrow();
  });

  it.each(SERVER)('%s is for servers only', (name, usual) => {
    expect(startClient({ [name]: usual })).toThrow(
      expect.objectContaining({
        code: 'PQ_ERR_INVALID_OPTION',
        message: expect.stringMatching(new RegExp(`^unknown limit ${name}: there are keyRecords, `)),
      }),
    );
  });

  it.each(['handshakes', 'KeyAge', 'padding', 'toString'])('with the unknown name %s are an error', (name) => {
    for (const start of [startServer({ [name]: 1 }), startClient({ [name]: 1 })]) {
      expect(start).toThrow(`unknown limit ${name}`);
    }
  });

  it('of a server are there in the seed profile, too; those of records are not, and a client has none', async () => {
    const seed = { profile: 'seed', identity: await Identity.generate({ profile: 'seed' }), trust: 'any' } as const;
    for (const [name, usual] of SERVER) {
      const limits = { [name]: usual };
      expect(() => createServer({ ...seed, limits })).not.toThrow();
      expect(() => connect({ ...seed, limits, port: 1 } as never)).toThrow(`unknown limit ${name}`);
    }
    for (const [name, usual] of CONNECTION) {
      expect(() => createServer({ ...seed, limits: { [name]: usual } } as never)).toThrow(`unknown limit ${name}`);
    }
    expect(() => createServer({ ...seed, limits: { signQueue: 0 } })).toThrow(/limits.signQueue must be/);
  });

  it('that are undefined are the usual ones', () => {
    expect(connectionLimits('server', { keyAge: undefined }).keyAge).toBe(3_600_000);
    expect(startServer({ pendingHandshakes: undefined, keyRecords: undefined })).not.toThrow();
  });
});
