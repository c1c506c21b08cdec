/** `pqsock info`: what a bug report needs. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Command } from 'commander';
import { addonInfo } from '../index.js';
import { alignedRows, type Row } from './rows.js';
import { version } from './version.js';

const EXAMPLES = `
examples:
  pqsock info
  pqsock info --json | jq -r .records

exit codes: 0 all went well; 1 there is no addon for this platform; 2 the command line is wrong`;

export function addInfo(program: Command): void {
  const info = program.command('info');
  info.description('say which package this is, and what it runs on');
  info.option('--json', 'one JSON object instead of text');
  info.addHelpText('after', EXAMPLES);
  info.action(({ json }: { readonly json?: true }) => {
    process.stdout.write(json === true ? `${JSON.stringify(all())}\n` : asText(all()));
  });
}

type Info = ReturnType<typeof all>;

function all() {
  const { liboqs, records, path, prebuilt } = addonInfo();
  return {
    version,
    liboqs,
    node: process.versions.node,
    napi: Number(process.versions['napi']),
    openssl: process.versions.openssl,
    platform: process.platform,
    arch: process.arch,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    /** Of those that our code looks for; null where the system does not say. */
    cpuFeatures: cpuFeatures(),
    records,
    addon: { path, prebuilt },
  };
}

function asText(info: Info): string {
  const { liboqs, addon, cpuFeatures: features } = info;
  return alignedRows([
    ['pqsock', info.version],
    ['liboqs', `${liboqs.version}, with ${liboqs.patches.length} patches: ${liboqs.patches[0]}`],
    ...liboqs.patches.slice(1).map((patch): Row => ['', patch]),
    ['node', `${info.node}, Node-API ${info.napi}, OpenSSL ${info.openssl}`],
    ['platform', `${info.platform} ${info.arch}`],
    ['cpu', info.cpu],
    ['cpu features', features === null ? 'not known here' : features.join(' ') || 'none that we use'],
    ['records', info.records === 'native' ? 'native, many at a time' : 'portable, one by one'],
    ['addon', `${addon.path} (${addon.prebuilt ? 'prebuilt' : 'built here'})`],
  ]);
}

function cpuFeatures(): readonly string[] | null {
  try {
    const [, flags] = /^(?:flags|Features)\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'latin1')) ?? [];
    const has = new Set(flags?.split(' '));
    return flags === undefined ? null : FEATURES.filter((name) => has.has(name));
  } catch {
    return null;
  }
}

/** As Linux calls them: what liboqs's and libcrypto's faster code asks for, on x86-64 and on ARM. */
const FEATURES = [
  ...['avx2', 'bmi1', 'bmi2', 'popcnt', 'aes', 'pclmulqdq', 'vaes', 'vpclmulqdq', 'avx512vl'],
  ...['asimd', 'pmull', 'sha3'],
];
