/** What is left when a command was interrupted and can't end: the exit code says so all the same. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const MODULE = pathToFileURL(join(__dirname, '../../dist/cli/interruption.js')).href;

it('never looks as if all had gone well', async () => {
  const script = `import(${JSON.stringify(MODULE)}).then(({ interruption }) => {
    interruption();
    setInterval(() => {}, 1000);
    console.log('ready');
  })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([143, null]);
});
