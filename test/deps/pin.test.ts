/** The data of deps/: the manifest, the patches and the lock file, as they are in the repository. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DEPS = join(__dirname, '..', '..', 'deps');

describe('what the project pins', () => {
  const manifest = readFileSync(join(DEPS, 'liboqs.manifest'), 'utf8').trimEnd().split('\n');
  const paths = manifest.map((line) => line.slice(42));
  const patches = readdirSync(join(DEPS, 'patches'));

  it('is a manifest sorted by path, each path once', () => {
    for (const line of manifest) expect(line).toMatch(/^[0-9a-f]{40} {2}[\w.][\w./-]*$/);
    expect(paths).toEqual([...new Set(paths)].sort());
  });

  it.each(patches)('has a patch %s that says why and names its test and listed files', (name) => {
    const text = readFileSync(join(DEPS, 'patches', name), 'utf8');
    for (const heading of ['What is wrong: ', 'Why it matters: ', 'Reported: ', 'Test: ']) {
      expect(text).toContain(`\n${heading}`);
    }
    const changed = [...text.matchAll(/^--- a\/(.*)$/gm)].map((match) => match[1]);
    expect(changed.length).toBeGreaterThan(0);
    expect(paths).toEqual(expect.arrayContaining(changed));
  });

  it('is one crate, with its checksum, in a lock file that cargo 1.70 reads', () => {
    const lock = readFileSync(join(DEPS, 'Cargo.lock'), 'utf8');
    expect(lock).toMatch(/^version = 3$/m);
    expect(lock).toMatch(
      /name = "oqs-sys"\nversion = "0\.11\.0\+liboqs-0\.13\.0"\nsource = .*\nchecksum = "[0-9a-f]{64}"/,
    );
  });
});
