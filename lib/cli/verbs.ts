/** All verbs that need the addon. */
import type { Command } from 'commander';
import { addConnect } from './connect.js';
import { addDemo } from './demo.js';
import { addFingerprint } from './fingerprint.js';
import { addInfo } from './info.js';
import { addInspect } from './inspect.js';
import { addKeygen } from './keygen.js';
import { addListen } from './listen.js';
import { addTunnel } from './tunnel.js';

export function addVerbs(program: Command): void {
  for (const add of [addKeygen, addFingerprint, addInspect, addTunnel, addListen, addConnect, addDemo, addInfo])
    add(program);
}
