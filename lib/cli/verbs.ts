/** All verbs that need the addon. */
import type { Command } from 'commander';
import { addDemo } from './demo.js';
import { addFingerprint } from './fingerprint.js';
import { addInfo } from './info.js';
import { addInspect } from './inspect.js';
import { addKeygen } from './keygen.js';
import { addTunnel } from './tunnel.js';

export function addVerbs(program: Command): void {
  for (const add of [addKeygen, addFingerprint, addInspect, addTunnel, addDemo, addInfo]) add(program);
}
