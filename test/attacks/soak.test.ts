/**
 * Peers that want to cost much, by the thousand: the scenarios of `npm run soak`, in their short form. Each has its
 * server in a process of its own; what is measured there is compared with bounds, and stderr names those violated.
 */
import { runFixture } from '../hazards/run-fixture.js';

const TIME_LIMIT = 120_000;

it.each([
  ['half-open', 'handshakes that are never completed take no more than their places and their memory'],
  ['strangers', 'garbage and unknown keys cost no lattice work, and keep out nobody of the same address'],
  ['random-signatures', 'a known key with random signatures costs verifications, as many as the queue has room for'],
  ['silent', 'peers of either role that go silent anywhere are given up in time, and leave no timer and no handle'],
  ['slow-policy', 'what peers sent is let go at the timeout, although a policy never answers'],
  ['not-reading', 'peers that do not read take a bounded memory, and nothing from the others'],
  ['crowd', 'a connection that is idle takes little, and one that has come and gone nothing'],
  ['tunnel', 'a tunnel carries data both ways at once as it was sent, and holds little while nobody reads'],
  ['churn', 'connections that come and go in every way leave nothing, and their data is right'],
])(
  '%s: %s',
  async (name) => {
    const { code, stdout, stderr } = await runFixture('../soak/run.mjs', '--built', '--short', '--scenario', name);
    expect(stderr).toBe('');
    expect(stdout).toContain('every bound holds');
    expect(code).toBe(0);
  },
  TIME_LIMIT,
);
