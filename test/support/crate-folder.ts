/** Crates that carry test vectors: cargo fetches them, proves them with the checksums of Cargo.lock, and unpacks them. */
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';

interface Metadata {
  readonly packages: readonly { readonly name: string; readonly manifest_path: string }[];
}

/** The folder of a crate that the manifest depends on. Nothing is compiled; the network is used only the first time. */
export function crateFolder(manifest: string, crate: string): string {
  cargo(manifest, 'fetch', '--locked');
  const metadata: Metadata = JSON.parse(cargo(manifest, 'metadata', '--locked', '--offline', '--format-version', '1'));
  const found = metadata.packages.find(({ name }) => name === crate);
  if (found === undefined) throw new Error(`${manifest} does not depend on ${crate}`);
  return dirname(found.manifest_path);
}

function cargo(manifest: string, command: string, ...options: string[]): string {
  return execFileSync('cargo', [command, ...options, '--manifest-path', manifest], {
    cwd: dirname(manifest),
    encoding: 'utf8',
    maxBuffer: METADATA_BYTES,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const METADATA_BYTES = 64 * 1024 * 1024;
