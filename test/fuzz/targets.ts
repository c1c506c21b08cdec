/** All that is fuzzed by bytes. */
import type { Target } from './target.js';
import { decoders } from './targets/decoders.js';
import { keys } from './targets/keys.js';
import { options } from './targets/options.js';
import { records } from './targets/records.js';
import { client, seedClient, seedServer, server } from './targets/sessions.js';
import { trustFiles } from './targets/trust-files.js';

export const TARGETS: readonly Target[] = [
  decoders,
  server,
  client,
  records,
  seedServer,
  seedClient,
  keys,
  options,
  trustFiles,
];
