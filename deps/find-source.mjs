// @ts-check
/**
 * Finds a liboqs tree: LIBOQS_SOURCE_DIR, what lies in deps/, git, cargo, in this order. It only
 * finds; whether the tree is the pinned one is decided by the manifest, whichever way it came.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { runCommand } from './run-command.mjs';
import { SourceError } from './source-error.mjs';

/**
 * @typedef {import('./manifest.mjs').Source} Source
 * @typedef {{ deps: string, version: string, env: NodeJS.ProcessEnv, whole?: boolean }} Surroundings whole: with what is
 *   not compiled, which the npm package does not carry
 */

/**
 * @param {Surroundings} surroundings
 * @returns {Promise<Source>}
 */
export async function findSource(surroundings) {
  const named = sourceNamed(surroundings.env);
  if (named) return named;
  const tried = [`${VARIABLE} is not set`];
  for (const way of [fromSubmodule, fromPackage, fromGit, fromCargo]) {
    const found = await way(surroundings);
    if (typeof found !== 'string') return found;
    tried.push(found);
  }
  throw new SourceError(
    `no source of liboqs ${surroundings.version}: ${tried.join('; ')}`,
    `one of the four is enough: set ${VARIABLE} to an unpacked liboqs ${surroundings.version}; ` +
      'or run git submodule update --init deps/liboqs in a clone (git: https://git-scm.com/downloads); ' +
      'or let the build fetch it with git; or install cargo 1.70 or newer (https://rustup.rs), with ' +
      'which the build fetches the crate oqs-sys',
  );
}

/**
 * A tree that somebody names is used or refused, never passed over.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Source | undefined}
 */
export function sourceNamed(env) {
  const folder = env[VARIABLE];
  if (!folder) return undefined;
  if (!isLiboqs(folder)) {
    throw new SourceError(
      `${VARIABLE} names ${folder}, which is not a liboqs tree`,
      `name the folder that holds liboqs's CMakeLists.txt and src, or unset ${VARIABLE}`,
    );
  }
  const how = `${VARIABLE} (${resolve(folder)})`;
  return {
    folder: resolve(folder),
    how,
    remedy: `unset ${VARIABLE}, or name the pinned version, unchanged`,
  };
}

/** @param {Surroundings} surroundings */
function fromSubmodule({ deps }) {
  const folder = join(deps, 'liboqs');
  if (!isLiboqs(folder)) return 'deps/liboqs is empty';
  return { folder, how: 'deps/liboqs', remedy: SUBMODULE_REMEDY };
}

/** @param {Surroundings} surroundings */
function fromPackage({ deps, whole = false }) {
  if (whole) return 'deps/liboqs-src has only what is compiled';
  const folder = join(deps, 'liboqs-src');
  if (!isLiboqs(folder)) return 'deps/liboqs-src, which the npm package carries, is not there';
  return {
    folder,
    how: 'deps/liboqs-src',
    remedy: 'delete deps/liboqs-src, or install the package again',
  };
}

/** @param {Surroundings} surroundings */
async function fromGit({ deps, env }) {
  const root = dirname(deps);
  if (!existsSync(join(root, '.git'))) return 'git: this is not a git checkout';
  /** @type {NodeJS.ProcessEnv} */
  const quiet = { ...env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '' };
  // In a git hook these point at the index that is being committed, or at another repository.
  for (const name of REPOSITORY_VARIABLES) delete quiet[name];
  const { failure } = await runCommand(
    'git',
    [
      ...['-c', 'core.autocrlf=false', 'submodule', '--quiet'],
      ...['update', '--init', '--depth', '1', '--', 'deps/liboqs'],
    ],
    { cwd: root, env: quiet, seconds: GIT_SECONDS },
  );
  if (failure) return `git submodule update: ${failure}`;
  const folder = join(deps, 'liboqs');
  if (!isLiboqs(folder)) return 'git submodule update: it left deps/liboqs empty';
  return { folder, how: 'deps/liboqs, fetched by git', remedy: SUBMODULE_REMEDY };
}

/** @param {Surroundings} surroundings */
async function fromCargo({ deps, env }) {
  const options = { cwd: deps, env, seconds: CARGO_SECONDS };
  const fetched = await runCommand('cargo', ['fetch', '--locked', ...MANIFEST], options);
  if (fetched.failure) return `cargo fetch: ${fetched.failure}`;
  const { stdout, failure } = await runCommand(
    'cargo',
    ['metadata', '--locked', '--offline', '--format-version', '1', ...MANIFEST],
    options,
  );
  if (failure) return `cargo metadata: ${failure}`;
  /** @type {{ packages: { name: string, manifest_path: string }[] }} */
  const { packages } = JSON.parse(stdout);
  const crate = packages.find(({ name }) => name === 'oqs-sys');
  const folder = crate && join(dirname(crate.manifest_path), 'liboqs');
  if (!folder || !isLiboqs(folder)) return 'cargo: the crate oqs-sys holds no liboqs';
  return {
    folder,
    how: `the crate oqs-sys (${folder})`,
    remedy: "delete the crate from cargo's registry/src and build again: cargo unpacks it anew",
  };
}

/** @param {string} folder */
function isLiboqs(folder) {
  return existsSync(join(folder, 'CMakeLists.txt')) && existsSync(join(folder, 'src', 'oqs.h'));
}

const VARIABLE = 'LIBOQS_SOURCE_DIR';
const SUBMODULE_REMEDY = 'run git submodule update --init --force deps/liboqs';
const MANIFEST = ['--manifest-path', 'Cargo.toml'];
/** A remote that answers needs a few seconds; a network that swallows packets never ends. */
const GIT_SECONDS = 60;
const CARGO_SECONDS = 300;
const REPOSITORY_VARIABLES = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
];
