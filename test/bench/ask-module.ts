/** Calls what a module of bench/ exports, in a process of its own: Jest takes no ES modules. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const BENCH = join(__dirname, '../../bench');

/**
 * @param body of an async function that is given the module's exports as `module` and what was handed over as `input`
 * @returns what it returns, through JSON
 */
export function askModule<T>(path: string, body: string, input: unknown = null): T {
  const program = `
    const module = await import(${JSON.stringify(pathToFileURL(join(BENCH, path)).href)});
    const input = JSON.parse(process.argv[1]);
    const answer = async () => {${body}};
    process.stdout.write(JSON.stringify(await answer()));
  `;
  const args = ['--input-type=module', '-e', program, JSON.stringify(input)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' }));
}
