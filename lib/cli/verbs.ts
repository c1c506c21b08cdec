/** All verbs that need the addon. */
import type { Command } from 'commander';
import { addConnect } from './connect.js';
import { addDemo } from './demo.js';
import { addFingerprint } from './fingerprint.js';
import { addInfo } from './info.js';
import { addInspect } from './inspect.js';
import { addKeygen } from './keygen.js';
import { addListen } from './listen.js';
import { addSpeed } from './speed.js';
import { addTunnel } from './tunnel.js';

export function addVerbs(program: Command): void {
  for (const add of VERBS) add(program);
}

/** In the order of the help. */
const VERBS = [addKeygen, addFingerprint, addInspect, addTunnel, addListen, addConnect, addDemo, addSpeed, addInfo];
