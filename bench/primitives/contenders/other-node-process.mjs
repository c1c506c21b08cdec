// @ts-check
/** The process of other-node.mjs: loads its rivals, proves each on the addon, and times what it is asked to. */
import { answer } from '../../child.mjs';
import { fromPlain } from '../material.mjs';
import { addonTasks } from './addon.mjs';
import { nodeCrypto } from './node-crypto.mjs';
import { openforge } from './openforge.mjs';
import { callsOf } from './rival.mjs';
import { about, loadRivals } from './rivals.mjs';
import { inline } from './timing.mjs';

/** @type {import('./rival.mjs').Rival[]} */
let rivals = [];

/** By contender, algorithm and operation. @type {Map<string, import('../rounds.mjs').Task['run']>} */
const runs = new Map();

answer({
  async load() {
    const loaded = await loadRivals({ '@openforge-sh/liboqs': openforge, 'node:crypto': nodeCrypto });
    rivals = loaded.rivals;
    return { rivals: rivals.map(about), gaps: loaded.gaps };
  },

  use(material) {
    const { algorithm } = material;
    for (const [operation, tasks] of Object.entries(addonTasks(fromPlain(material)))) {
      for (const { contender, run } of tasks) runs.set(`${contender} ${algorithm} ${operation}`, run);
    }
    for (const rival of rivals.filter(({ algorithms }) => algorithm in algorithms)) {
      for (const [operation, call] of Object.entries(callsOf(rival, material))) {
        runs.set(`${rival.name} ${algorithm} ${operation}`, inline(call));
      }
    }
  },

  time({ contender, operation, algorithm, calls }) {
    const run = runs.get(`${contender} ${algorithm} ${operation}`);
    if (run === undefined) throw new Error(`${contender} has no ${operation} of ${algorithm}`);
    return run(calls);
  },
});
