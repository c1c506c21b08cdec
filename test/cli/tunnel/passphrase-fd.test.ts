/** A passphrase from a descriptor, for a tunnel that reads its keys again. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Identity, writeIdentity } from '../../../lib/index.js';
import { PipedCommand } from '../../support/piped-command.js';

it('is read once and kept: upon SIGHUP it opens a new key with the same one, and not a key with another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pqsock-fd-'));
  const [key, words, file] = ['a.pem', 'words', 'tunnels.toml'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const replaceKey = async (passphrase: string) => {
    rmSync(key, { force: true });
    await writeIdentity(key, await Identity.generate(), { passphrase });
  };
  await replaceKey('open sesame');
  writeFileSync(words, 'open sesame\n');
  const trust = (await Identity.generate()).fingerprint;
  const table = (name: string) =>
    `[[tunnel]]\nname = "${name}"\nlisten = "pq://127.0.0.1:0"\nto = "unix:/a"\nidentity = "a.pem"\n` +
    `passphrase-fd = 3\ntrust = "${trust}"\n`;
  writeFileSync(file, table('a') + table('b'));
  const descriptor = openSync(words, 'r');
  const command = PipedCommand.pqsock(['tunnel', '--config', file], { third: descriptor });
  closeSync(descriptor);
  try {
    for (const name of ['a', 'b']) await command.line(new RegExp(`listening: tunnel=${name} `));
    writeFileSync(words, 'nothing that anybody may read again\n');
    await replaceKey('open sesame');
    command.kill('SIGHUP');
    await command.line(/reloaded: tunnels=2/);
    await replaceKey('open barley');
    command.kill('SIGHUP');
    await command.line(/not reloaded.*PQ_ERR_PASSPHRASE_WRONG/);
    expect(command.stderr).not.toContain('sesame');
    command.kill('SIGTERM');
    expect((await command.end).code).toBe(0);
  } finally {
    command.kill('SIGKILL');
    await command.end;
    rmSync(folder, { recursive: true });
  }
});
