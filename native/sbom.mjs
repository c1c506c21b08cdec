// @ts-check
/**
 * The SBOM of the package, CycloneDX 1.5 in JSON: what npm says of the packages that are installed beside it, and what
 * is inside, of native/third-party.mjs. It has neither a date nor a random number: the same package has the same SBOM.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { THIRD_PARTY } from './third-party.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** @typedef {import('./third-party.mjs').Component} Component */

/** @returns {string} */
export function sbom() {
  const args = ['sbom', '--package-lock-only', '--omit=dev', '--sbom-format=cyclonedx'];
  const bom = JSON.parse(
    execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  const { serialNumber, metadata, ...rest } = bom;
  const { timestamp, component, ...others } = metadata;
  const inside = THIRD_PARTY.map((part) => ({ part, version: part.version ?? versionOf(part) }));
  const refs = new Map(inside.map(({ part, version }) => [part.name, `${part.name}@${version}`]));
  const partsOf = (/** @type {string | undefined} */ whole) =>
    inside.filter(({ part }) => part.partOf === whole).map(({ part }) => refs.get(part.name));
  const dependencies = rest.dependencies.map((/** @type {{ ref: string, dependsOn: string[] }} */ entry) =>
    entry.ref === component['bom-ref'] ? { ...entry, dependsOn: [...entry.dependsOn, ...partsOf(undefined)] } : entry,
  );
  const all = {
    ...rest,
    metadata: { ...others, component: { ...component, name: 'pqsock' } },
    components: [...rest.components, ...inside.map(({ part, version }) => describe(part, version))],
    dependencies: [
      ...dependencies,
      ...inside.map(({ part }) => ({ ref: refs.get(part.name), dependsOn: partsOf(part.name) })),
    ],
  };
  return `${JSON.stringify(all, null, 2)}\n`;
}

/**
 * @param {Component} part
 * @param {string} version
 */
function describe({ name, what, licence, from, partOf }, version) {
  const { commit } = readJson('deps/liboqs.json');
  const patches =
    name === 'liboqs' ? { pedigree: { notes: `commit ${commit}, with the patches in deps/patches` } } : {};
  const purls = { liboqs: `pkg:github/open-quantum-safe/liboqs@${version}`, npm: `pkg:npm/${name}@${version}` };
  const purl = name === 'liboqs' ? purls.liboqs : name.startsWith('node-a') ? purls.npm : undefined;
  return {
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    description: partOf === undefined ? what : `${what}; the copy in ${partOf}`,
    scope: 'required',
    licenses: [SPDX.test(licence) ? { expression: licence } : { license: { name: licence } }],
    ...(purl === undefined ? {} : { purl }),
    ...patches,
    externalReferences: [{ type: 'website', url: from }],
  };
}

/**
 * Parts have the version of the whole, for they have none of their own; zig's have zig's.
 *
 * @param {Component} part
 * @returns {string}
 */
function versionOf({ name, partOf }) {
  if (partOf !== undefined) return `${partOf}-${readJson('deps/liboqs.json').version}`;
  if (name.startsWith('node-a')) return createRequire(import.meta.url)(`${name}/package.json`).version;
  const [, zig] = /^ziglang==(\S+)/m.exec(readFileSync(join(ROOT, 'native', 'zig.txt'), 'utf8')) ?? [];
  return `zig-${zig}`;
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}

/** Identifiers and expressions that SPDX knows. */
const SPDX = /^\(?(MIT|CC0-1\.0|Apache-2\.0|ZPL-2\.1|NIST-Software)\b/;
