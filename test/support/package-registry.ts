/** A registry for npm on a Unix socket: the packed package, and what is in node_modules. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

interface Manifest {
  readonly name: string;
  readonly version: string;
}

/** One version of a package: what npm asks about it, and its tarball. */
interface Version {
  readonly manifest: Manifest;
  readonly tarball: () => Buffer;
}

export class PackageRegistry {
  readonly #versions: ReadonlyMap<string, readonly Version[]>;
  readonly #server: Server;

  private constructor(versions: ReadonlyMap<string, readonly Version[]>) {
    this.#versions = versions;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /**
   * @param tarball the package that `npm pack` made
   * @param path of the Unix socket
   */
  static async start(tarball: string, path: string): Promise<PackageRegistry> {
    const registry = new PackageRegistry(byName([packed(tarball), ...installed()]));
    registry.#server.listen(path);
    await once(registry.#server, 'listening');
    return registry;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** `/name` is about a package, `/name/version.tgz` one of its tarballs. */
  #answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const [, name = '', wanted] = /^\/((?:@[^/]+\/)?[^/]+)(?:\/(.+)\.tgz)?$/.exec(decodeURIComponent(url)) ?? [];
    const versions = this.#versions.get(name) ?? [];
    const [newest] = versions;
    if (newest === undefined) response.writeHead(404).end();
    else if (wanted === undefined) response.end(JSON.stringify(describe(versions, newest, `http://${headers.host}`)));
    else response.end(versions.find(({ manifest }) => manifest.version === wanted)?.tarball());
  }
}

function describe(versions: readonly Version[], newest: Version, base: string): object {
  const { name } = newest.manifest;
  const entries = versions.map(({ manifest }) => {
    const { version } = manifest;
    return [version, { ...manifest, dist: { tarball: `${base}/${name}/${version}.tgz` } }];
  });
  return { name, 'dist-tags': { latest: newest.manifest.version }, versions: Object.fromEntries(entries) };
}

function packed(file: string): Version {
  const manifest = JSON.parse(execFileSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' }));
  return { manifest, tarball: () => readFileSync(file) };
}

/** Of a name with several versions the first is the one that the project itself has. */
function installed(): Version[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: object };
  const folders = Object.keys(lock.packages).filter((folder) => existsSync(join(ROOT, folder, 'package.json')));
  const byDepth = folders.filter((folder) => folder !== '').sort((a, b) => depth(a) - depth(b));
  return byDepth.map((folder) => {
    const path = join(ROOT, folder);
    const args = ['-cz', '--exclude=./node_modules', '--transform=s,^\\.,package,', '-C', path, '.'];
    return {
      manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')),
      tarball: () => execFileSync('tar', args, { maxBuffer: 2 ** 28 }),
    };
  });
}

function byName(versions: readonly Version[]): Map<string, Version[]> {
  const names = new Map<string, Version[]>();
  for (const version of versions) {
    const { name } = version.manifest;
    names.set(name, [...(names.get(name) ?? []), version]);
  }
  return names;
}

const depth = (folder: string): number => folder.split('node_modules/').length;
