/** The Compose file of examples/: that it is YAML, and that what it names is there. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseConfig } from '../../lib/cli/tunnel/config-file.js';
import { describeWithPrograms } from '../support/requirements.js';

const FOLDER = join(__dirname, '../../examples/compose');
const AS_JSON = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))';

interface Service {
  readonly build?: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly secrets?: readonly string[];
}

describeWithPrograms(__filename, 'the Compose file', () => {
  let services: Readonly<Record<string, Service>>;
  let top: Readonly<Record<'networks' | 'secrets' | 'volumes', Readonly<Record<string, unknown>>>>;
  beforeAll(() => {
    top = JSON.parse(execFileSync('python3', ['-c', AS_JSON, join(FOLDER, 'compose.yaml')], { encoding: 'utf8' }));
    services = (top as unknown as { services: typeof services }).services;
  });

  it('names networks, secrets and volumes that it has', () => {
    const used = (what: 'networks' | 'secrets') => Object.values(services).flatMap((service) => service[what] ?? []);
    expect(new Set(used('networks'))).toEqual(new Set(Object.keys(top.networks)));
    expect(new Set(used('secrets'))).toEqual(new Set(Object.keys(top.secrets)));
    expect(services['postgres']?.volumes).toEqual([`${Object.keys(top.volumes)[0]}:/var/lib/postgresql/data`]);
  });

  it('lets nobody but its tunnel reach the database, and nobody but the client the other’s plain end', () => {
    const withOpenPorts = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
    expect(withOpenPorts.map(([name]) => name)).toEqual(['server']);
    const members = (network: string) =>
      Object.keys(services).filter((name) => services[name]?.networks.includes(network));
    expect(members('database')).toEqual(['postgres', 'server']);
    expect(members('application')).toEqual(['client', 'psql']);
    for (const network of ['database', 'application']) expect(top.networks[network]).toEqual({ internal: true });
  });

  it('has tunnels whose image and configuration are there, and that go to services and ports of it', () => {
    for (const [name, to] of [
      ['server', 'tcp://postgres:5432'],
      ['client', 'pq://server:7443'],
    ] as const) {
      const { build = '', command = [], volumes = [] } = services[name] as Service;
      expect(existsSync(join(FOLDER, build, 'Dockerfile'))).toBe(true);
      const [here = '', there = ''] = (volumes[0] as string).split(':');
      const file = join(FOLDER, here, posix.relative(there, command.at(-1) as string));
      expect(parseConfig(file, readFileSync(file, 'utf8')).tunnels).toEqual([expect.objectContaining({ to })]);
    }
  });
});
