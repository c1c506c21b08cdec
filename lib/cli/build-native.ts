/** `pqsock build-native`: compiles the addon from the source that the package carries, where no prebuilt one fits. */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { CliError, interruptedBy } from './report.js';
import { Terminal } from './terminal.js';

const EXAMPLES = `
It needs CMake, a C++ compiler and make or Ninja, and no network. The addon takes the place of the prebuilt one.

examples:
  npx pqsock build-native
  CXX=clang++ CC=clang npx pqsock build-native

exit codes: 0 the addon was built and can be loaded; 1 it was not; 2 the command line is wrong; 130, 143 interrupted`;

export function addBuildNative(program: Command): void {
  const build = program.command('build-native');
  build.description('compile the addon where no prebuilt one fits');
  build.addHelpText('after', EXAMPLES);
  build.action(buildNative);
}

async function buildNative(): Promise<void> {
  if (!existsSync(HEADERS)) {
    throw new CliError(`${ROOT} has no source of the addon`, 'in a clone of the repository: npm ci && npm run build');
  }
  const generator = generatorThatIsThere();
  const terminal = new Terminal(process.stderr);
  const folder = mkdtempSync(join(tmpdir(), 'pqsock-build-'));
  try {
    terminal.line('preparing the build');
    await run(['-S', ROOT, '-B', folder, ...generator, ...definitions(folder)], folder, terminal);
    terminal.line('compiling (half a minute on two cores)');
    const jobs = String(availableParallelism());
    await run(['--build', folder, '--config', 'Release', '--target', 'pqsock', '--parallel', jobs], folder, terminal);
    const built = [join(folder, 'out'), join(folder, 'out/Release')].map((out) => join(out, NAME)).find(existsSync);
    if (built === undefined) throw new CliError(`CMake made no ${NAME}`, `see ${logOf(folder)}`);
    createRequire(import.meta.url)(built); // throws what is wrong with it, before anything is replaced
    place(built);
    terminal.line(`built ${ADDON}`);
  } finally {
    terminal.clearProgress();
    // On Windows a file that was loaded stays until the process ends.
    if (process.platform !== 'win32') rmSync(folder, { recursive: true, force: true });
  }
}

/** Those that cmake-js would make. */
function definitions(folder: string): string[] {
  const node = basename(process.execPath).startsWith('node') ? { PQSOCK_NODE: process.execPath } : {};
  const windows = {
    CMAKE_RUNTIME_OUTPUT_DIRECTORY: join(folder, 'out'),
    CMAKE_MSVC_RUNTIME_LIBRARY: 'MultiThreaded',
    CMAKE_JS_NODELIB_DEF: join(HEADERS, 'node_api.def'),
    CMAKE_JS_NODELIB_TARGET: join(folder, 'node.lib'),
  };
  const others = { CMAKE_LIBRARY_OUTPUT_DIRECTORY: join(folder, 'out') };
  const all = {
    CMAKE_BUILD_TYPE: 'Release',
    CMAKE_JS_INC: HEADERS,
    ...node,
    ...(process.platform === 'win32' ? windows : others),
  };
  return Object.entries(all).map(([name, value]) => `-D${name}=${value}`);
}

/** What CMake is told to use; names what is missing. Visual Studio is found by CMake itself. */
function generatorThatIsThere(): string[] {
  if (!isThere('cmake')) throw missing('CMake', 'cmake', 'brew install cmake', 'winget install Kitware.CMake');
  if (process.platform === 'win32') return [];
  const [chosen = ''] = (process.env['CXX'] ?? '').trim().split(/\s+/); // options may follow
  const compilers = chosen === '' ? ['c++', 'g++', 'clang++'] : [chosen];
  if (!compilers.some(isThere)) throw missing('a C++ compiler', 'g++', 'xcode-select --install', '');
  if (isThere('ninja')) return ['-G', 'Ninja'];
  if (!isThere('make')) throw missing('make or Ninja', 'make', 'xcode-select --install', '');
  return [];
}

function isThere(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

function missing(what: string, debian: string, macos: string, windows: string): CliError {
  const others = `apt-get install ${debian} (or your system's package)`;
  const hints: Partial<Record<NodeJS.Platform, string>> = { darwin: macos, win32: windows };
  return new CliError(`${what} is missing`, hints[process.platform] ?? others);
}

/** CMake, with its steps as progress. */
async function run(args: readonly string[], folder: string, terminal: Terminal): Promise<void> {
  let stopped: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    stopped = signal;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, stop); // it ends, and then we do
  const child = spawn('cmake', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const step = [...text.matchAll(/^\[ *(\d+%|\d+\/\d+)\]/gm)].at(-1)?.[1];
      if (step !== undefined) terminal.progress(step);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  for (const signal of signals) process.off(signal, stop);
  if (stopped !== undefined) throw interruptedBy(stopped);
  if (code === 0) return;
  writeFileSync(logOf(folder), log, { flag: 'wx' }); // nobody has put a link there
  throw new CliError(`the build failed: ${faultIn(log)}`, `the whole output is in ${logOf(folder)}`);
}

/** The first line that says what is wrong. */
function faultIn(log: string): string {
  const lines = log.split('\n');
  const fault = [/^error: /, /\berror: |CMake Error/i].flatMap((kind) => lines.find((line) => kind.test(line)) ?? []);
  return (fault[0] ?? 'cmake was stopped').replace(/^error: /, '').trim();
}

/** In one step: whoever loads the addon now has the old one or the new one. */
function place(built: string): void {
  const fresh = `${ADDON}.${process.pid}`;
  try {
    mkdirSync(dirname(ADDON), { recursive: true });
    copyFileSync(built, fresh);
    renameSync(fresh, ADDON);
  } catch (error) {
    rmSync(fresh, { force: true });
    const { message } = error as Error;
    throw new CliError(
      `${ADDON} could not be written: ${message}`,
      'run it as the owner of the package, and end what has it loaded',
    );
  }
}

function logOf(folder: string): string {
  return `${folder}.log`;
}

/** The package's folder, from dist/cli/ and from dist/bundle/. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HEADERS = join(ROOT, 'native', 'include');
const NAME = 'pqsock.node';
/** Where the loader looks first. */
const ADDON = join(ROOT, 'build', 'Release', NAME);
