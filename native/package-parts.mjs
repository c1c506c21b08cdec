// @ts-check
/**
 * Before the package is packed (`npm pack` runs it): puts in place what is in the package and not in the repository.
 * The source of liboqs as it is upstream, the headers that the addon is compiled with, the licences and the SBOM.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyLiboqs } from '../deps/liboqs-source.mjs';
import { thirdPartyLicences } from './licences.mjs';
import { sbom } from './sbom.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

await copyLiboqs({ destination: join(ROOT, 'deps', 'liboqs-src'), log: (line) => process.stderr.write(`${line}\n`) });
copyHeaders();
const folders = {
  npm: join(ROOT, 'node_modules'),
  liboqs: join(ROOT, 'deps', 'liboqs-src'),
  licences: join(ROOT, 'native', 'licences'),
};
writeFileSync(join(ROOT, 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicences(folders));
writeFileSync(join(ROOT, 'sbom.cdx.json'), sbom());

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
