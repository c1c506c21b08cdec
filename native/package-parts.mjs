// @ts-check
/**
 * Before the package is packed (`npm pack` runs it): puts in place what is in the package and not in the repository.
 * The source of liboqs as it is upstream, and the headers that the addon is compiled with.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyLiboqs } from '../deps/liboqs-source.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

await copyLiboqs({ destination: join(ROOT, 'deps', 'liboqs-src'), log: (line) => process.stderr.write(`${line}\n`) });
copyHeaders();

function copyHeaders() {
  const require = createRequire(import.meta.url);
  const into = join(ROOT, 'native', 'include');
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const headers = dirname(require.resolve('node-api-headers/package.json'));
  cpSync(join(headers, 'include'), into, { recursive: true });
  cpSync(join(headers, 'def', 'node_api.def'), join(into, 'node_api.def'));
  const wrapper = dirname(require.resolve('node-addon-api/package.json'));
  for (const name of ['napi.h', 'napi-inl.h', 'napi-inl.deprecated.h']) cpSync(join(wrapper, name), join(into, name));
}
