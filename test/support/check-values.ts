/**
 * The check values of PROTOCOL.md, read out of the document itself: it is tested together with the code. The frames
 * are made here as its text describes them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeySchedule } from '../../lib/handshake/hardened/key-schedule.js';
import { Transcript } from '../../lib/handshake/hardened/transcript.js';
import { Secret } from '../../lib/oqs.js';
import type { ChannelSecrets } from '../../lib/record/hardened-channel.js';
import { frame } from '../../lib/wire/frame.js';
import { emitClientHello, emitServerHello } from '../../lib/wire/hello.js';

const chapter = chapterOf('Check values');

/** The first 16 bytes of a value of 64, or all 16 of an exporter's, as they are in the table; in hex. */
export function checkValue(name: string): string {
  const cells = chapter.split('\n').flatMap((line) => (line.startsWith('|') ? line.split('|') : []));
  const at = cells.findIndex((cell) => cell.trim() === name || cell.trim().startsWith(`${name} = `));
  const value = cells[at + 1]?.trim() ?? '';
  if (at >= 0 && /^[0-9a-f]{32}$/.test(value)) return value;
  throw new Error(`PROTOCOL.md has no check value ${name}`);
}

/** What a pattern's parentheses find in the chapter. */
export function checkText(pattern: RegExp): string[] {
  const found = chapter.replaceAll('\n', ' ').match(pattern);
  if (found === null) throw new Error(`PROTOCOL.md has nothing like ${pattern} among its check values`);
  return found.slice(1);
}

/** As much of a value as the table shows. */
export function shown(value: Uint8Array | Secret): string {
  return Buffer.from(value instanceof Secret ? Secret.bytesOf(value) : value).toString('hex', 0, 16);
}

const filled = (byte: number, length: number) => new Uint8Array(length).fill(byte);

/** The handshake's frames but for the two MACs, which are to be computed. */
export const fillerFrames = {
  ServerHello: frame(
    'ServerHello',
    emitServerHello({
      versions: [1],
      random: filled(0x11, 32),
      suites: [2],
      keys: [{ sigalg: 2, publicKey: filled(0x22, 2592) }],
      extensions: [],
    }),
  ),
  ClientHello: frame(
    'ClientHello',
    emitClientHello({
      version: 1,
      suite: 2,
      random: filled(0x33, 32),
      mode: 0,
      key: filled(0x44, 2592),
      extensions: [],
    }),
  ),
  ClientKem: frame('ClientKem', filled(0x55, 1568)),
  ClientAuth: frame('ClientAuth', filled(0x66, 4627)),
  ServerKem: frame('ServerKem', filled(0x77, 1568)),
  ServerAuth: frame('ServerAuth', Uint8Array.of(0), filled(0x88, 4627)),
} as const;

/** Its shared secret; each time another copy, as whoever takes it wipes it. */
export function fillerSecret(): Secret {
  return Secret.from(filled(0x99, 32));
}

/** The handshake that these frames and this secret are, from its ServerKem on; the results are new copies each time. */
export function fillerHandshake(): {
  readonly serverMac: Buffer;
  readonly clientMac: Buffer;
  readonly upToServerFinished: Buffer;
  readonly upToClientFinished: Buffer;
  readonly secrets: ChannelSecrets;
} {
  const { ServerHello, ClientHello, ClientKem, ClientAuth, ServerKem, ServerAuth } = fillerFrames;
  const transcript = new Transcript(new Uint8Array(0));
  transcript.add(ServerHello, ClientHello, ClientKem, ClientAuth, ServerKem);
  const schedule = new KeySchedule(fillerSecret(), transcript.hash());
  transcript.add(ServerAuth);
  const serverMac = schedule.serverMac(transcript.hash());
  transcript.add(frame('ServerFinished', serverMac));
  const upToServerFinished = transcript.hash();
  const clientMac = schedule.clientMac(upToServerFinished);
  transcript.add(frame('ClientFinished', clientMac));
  const upToClientFinished = transcript.hash();
  const secrets = schedule.open(upToClientFinished);
  return { serverMac, clientMac, upToServerFinished, upToClientFinished, secrets };
}

/** What the open connection of the check values begins with. */
export function fillerSecrets(): ChannelSecrets {
  return fillerHandshake().secrets;
}

function chapterOf(title: string): string {
  const text = readFileSync(join(__dirname, '../../PROTOCOL.md'), 'utf8');
  const found = text.split(/^## \d+\. /m).find((part) => part.startsWith(`${title}\n`));
  if (found === undefined) throw new Error(`PROTOCOL.md has no chapter ${title}`);
  return found;
}
