/** What the options of a command permit is what the connections take. */
import { DAY, IDLE_OPTIONS } from '../../lib/cli/connection-options.js';
import { createServer, Identity } from '../../lib/index.js';

it.each([IDLE_OPTIONS['idle-timeout'].most, DAY])('%d seconds are no longer than a timer can be', async (seconds) => {
  const identity = await Identity.generate();
  const times = { idleTimeout: 1000 * seconds, handshakeTimeout: 1000 * DAY };
  expect(() => createServer({ identity, trust: 'any', ...times })).not.toThrow();
});
