/** The README's examples run as they stand, against the built package. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const examples = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/```js\n(.*?)```/gs)].map(
  ([, code]) => code,
);

/** Runs a module inside the package, so that `pqsock` is the package itself. */
function run(code: string): { status: number | null; stdout: string; stderr: string } {
  const file = join(ROOT, 'build', `readme-example-${process.pid}.mjs`);
  writeFileSync(file, code);
  const result = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 20_000 });
  rmSync(file);
  return result;
}

/** A port that nobody listens on, for the one that the README names. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the README', () => {
  it('has two examples', () => {
    expect(examples.length).toBe(2);
  });

  it('has an example of a connection that says hello', async () => {
    const port = await freePort();
    const { status, stdout, stderr } = run((examples[0] as string).replaceAll('7000', String(port)));
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^connected: pqsock1:dilithium5:.{43}\nhello\n$/);
    expect(status).toBe(0);
  });

  it('has an example of the algorithms that agrees with itself', () => {
    const { status, stdout } = run(examples[1] as string);
    expect(stdout).toBe('true\n');
    expect(status).toBe(0);
  });
});
