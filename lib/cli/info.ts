/** `pqsock info`: what a bug report needs. */
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
  const { liboqs, platform, arch, cpuFeatures, records, path, prebuilt } = addonInfo();
  return {
    version,
    liboqs,
    node: process.versions.node,
    napi: Number(process.versions['napi']),
    openssl: process.versions.openssl,
    platform,
    arch,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpuFeatures,
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
    ['cpu features', features.join(' ') || 'none that liboqs has faster code for'],
    ['records', info.records === 'native' ? 'native, many at a time' : 'portable, one by one'],
    ['addon', `${addon.path} (${addon.prebuilt ? 'prebuilt' : 'built here'})`],
  ]);
}
