/** The second implementation (test/interop/go) for a suite: built, started, and ended with all that was opened. */
import { SUITES, type SuiteName } from '../../lib/crypto/suites.js';
import { type GoIdentities, type GoPair, type GoPairOptions, goIdentities, goPair } from './go-pair.js';
import { buildGoPeer, GO_BUILD_TIMEOUT, GoPeer } from './go-peer.js';

/** What there is from the suite's `beforeAll` on. */
export interface GoFixture {
  readonly peer: GoPeer;
  /** Both sides' identities for a suite. */
  both(suite: SuiteName): GoIdentities;
  /** A connection, which is closed after the test. */
  open(options: GoPairOptions): Promise<GoPair>;
}

/** Adds the hooks to the suite that is being described. */
export function useGoPeer(): GoFixture {
  let peer: GoPeer | undefined;
  const identities = new Map<SuiteName, GoIdentities>();
  const pairs: GoPair[] = [];
  const both = (suite: SuiteName) => identities.get(suite) as GoIdentities;
  beforeAll(async () => {
    buildGoPeer();
    peer = new GoPeer();
    for (const suite of Object.keys(SUITES) as SuiteName[]) identities.set(suite, await goIdentities(peer, suite));
  }, GO_BUILD_TIMEOUT);
  afterEach(async () => {
    await Promise.all(pairs.splice(0).map((pair) => pair.close()));
  });
  afterAll(() => peer?.close());
  return {
    get peer() {
      return peer as GoPeer;
    },
    both,
    open: async (options) => {
      const pair = await goPair(peer as GoPeer, both(options.suite), options);
      pairs.push(pair);
      return pair;
    },
  };
}
