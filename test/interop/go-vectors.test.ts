/** The test vectors, recomputed from their inputs by the second implementation; and that it would see any change. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithPrograms } from '../support/requirements.js';
import { useGoPeer } from '../support/use-go-peer.js';

const FOLDER = join(__dirname, '../vectors');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
/** CIRCL signs Dilithium5 without randomness: there the signatures of the file are verified. */
const UNUSED: Record<string, string[]> = {
  'kyber1024-dilithium5.json': [
    'inputs.client.sig_rnd',
    'inputs.server.sig_rnd',
    'inputs.batch.client_sig_rnd',
    'inputs.batch.server_sig_rnd',
    'inputs.key_choice.client_sig_rnd',
    'inputs.key_choice.server_sig_rnd',
  ],
};
/** What an exporter is asked for is known from the file only: another output shows it. */
const ASKED = /^(exporter\.\d+)\.(label|context|length)$/;

type Node = string | number | { [name: string]: Node } | Node[];

describeWithPrograms(__filename, 'a second implementation', () => {
  const fixture = useGoPeer();
  const check = (vectors: Node) => fixture.peer.request('vectors', { vectors });

  it('is given a file for each suite', () => {
    expect(FILES).toHaveLength(3);
  });

  describe.each(FILES)('with %s', (name) => {
    const file = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as { [name: string]: Node };
    const { inputs, ...expected } = file;

    it('computes every value that the file expects', async () => {
      const leaves = paths(expected).length;
      expect(leaves).toBeGreaterThan(200);
      expect(await check(file)).toEqual({ agree: leaves, differing: null });
    });

    it('names each value of which a bit is changed', async () => {
      for (const path of paths(expected)) {
        const { differing } = await check(changed(file, path));
        expect(differing).toContain(path.replace(ASKED, '$1.output'));
      }
    });

    it('sees each input of which a bit is changed', async () => {
      for (const path of paths(inputs as Node, 'inputs')) {
        const outcome = await check(changed(file, path)).catch((error: Error) => ({ differing: [error.message] }));
        expect({ path, seen: outcome.differing !== null }).toEqual({ path, seen: !UNUSED[name]?.includes(path) });
      }
    });

    it('misses a value, an element of a list and a whole group that are taken away', async () => {
      for (const path of ['key_schedule.exp', 'records.3.seq', 'traffic_secrets.server.2', 'transcript']) {
        const copy = structuredClone(file);
        const [parent, key] = place(copy, path);
        delete (parent as Record<string, Node>)[key];
        const { differing } = await check(copy);
        expect((differing as string[]).some((each) => each.startsWith(path))).toBe(true);
      }
    });
  });
});

/** The paths of all strings and numbers. */
function paths(node: Node, path = ''): string[] {
  if (typeof node !== 'object') return [path];
  return Object.entries(node).flatMap(([name, child]) => paths(child, path === '' ? name : `${path}.${name}`));
}

/** A copy with one bit of one value changed; of one without bits, with a byte more. */
function changed(file: Node, path: string): Node {
  const copy = structuredClone(file);
  const [parent, key] = place(copy, path);
  parent[key] = flipped(parent[key] as string | number);
  return copy;
}

function place(file: Node, path: string): [Record<string, Node>, string] {
  const names = path.split('.');
  const key = names.pop() as string;
  let node = file as Record<string, Node>;
  for (const name of names) node = node[name] as Record<string, Node>;
  return [node, key];
}

/**
 * In the first half, as the second one of a KEM's seed shows in no honest connection; and not in the ends of an X25519
 * key, which has fixed bits there.
 */
function flipped(value: string | number): string | number {
  if (typeof value === 'number') return value ^ 1;
  if (value === '') return '00';
  const at = Math.floor(value.length / 4);
  const digit = value.charAt(at);
  const other = /^[0-9a-f]+$/.test(value)
    ? (Number.parseInt(digit, 16) ^ 1).toString(16)
    : String.fromCharCode(digit.charCodeAt(0) ^ 1);
  return value.slice(0, at) + other + value.slice(at + 1);
}
