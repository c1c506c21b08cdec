// @ts-check
/** A registry for installers, on this machine: the packed package, and what it depends on from node_modules. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

/** @typedef {{ manifest: { name: string, version: string }, tarball: Buffer }} Published */

/**
 * @param {string} root the repository
 * @param {string} tarball
 * @param {string} folder for what is packed
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startRegistry(root, tarball, folder) {
  mkdirSync(folder, { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const tarballs = [
    tarball,
    ...Object.keys(dependencies).map((name) => pack(join(root, 'node_modules', name), folder)),
  ];
  const packages = new Map(tarballs.map((path) => publish(path)).map((found) => [found.manifest.name, found]));
  const server = createServer(({ url = '', headers }, response) => {
    const [, name = '', isTarball] = /^\/(.+?)(\/-\/.*\.tgz)?$/.exec(decodeURIComponent(url)) ?? [];
    const found = packages.get(name);
    if (found === undefined) response.writeHead(404).end('{}');
    else if (isTarball === undefined) response.end(JSON.stringify(describe(found, `http://${headers.host}`)));
    else response.end(found.tarball);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close().closeAllConnections() };
}

/**
 * @param {Published} published
 * @param {string} base
 */
function describe({ manifest, tarball }, base) {
  const { name, version } = manifest;
  const dist = {
    tarball: `${base}/${name}/-/${name}-${version}.tgz`,
    shasum: createHash('sha1').update(tarball).digest('hex'),
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
  };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } }, time: {} };
}

/**
 * @param {string} path of a tarball
 * @returns {Published}
 */
function publish(path) {
  const manifest = execFileSync('tar', ['-xzOf', path, 'package/package.json'], { encoding: 'utf8' });
  return { manifest: JSON.parse(manifest), tarball: readFileSync(path) };
}

/**
 * @param {string} from
 * @param {string} into
 */
function pack(from, into) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', into, from];
  const [{ filename }] = JSON.parse(
    execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  return join(into, filename);
}
