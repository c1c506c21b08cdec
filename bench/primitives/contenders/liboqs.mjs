// @ts-check
/** liboqs in C, without Node: bench/native/liboqs.c in a process of its own, which waits while the others run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * @typedef {import('../material.mjs').Material} Material
 * @typedef {import('../rounds.mjs').Slice} Slice
 */

/**
 * @typedef {object} Liboqs
 * @property {string} version of the library that it was linked with
 * @property {(material: Material) => Promise<void>} use hands over what its operations work on
 * @property {(operation: string, subject: string) => (calls: number) => Promise<Slice>} run
 * @property {() => void} end
 */

/**
 * @param {string} program
 * @returns {Promise<Liboqs>}
 */
export async function startLiboqs(program) {
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child, 'spawn');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ask = async (/** @type {string} */ request) => {
    child.stdin.write(`${request}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${program} ended after: ${request.slice(0, 60)}`);
    return value;
  };
  return {
    version: await ask('version'),
    async use(material) {
      const secretKey = material.secretKey.export();
      await ask(['use', material.algorithm, hex(material.publicKey), hex(secretKey), hex(dataOf(material))].join(' '));
    },
    run: (operation, subject) => async (calls) => ({
      nanoseconds: Number(await ask(`time ${operation} ${subject} ${calls}`)),
    }),
    end: () => void child.stdin.end(),
  };
}

/** @param {Material} material */
function dataOf(material) {
  if (material.kind === 'kem') return material.ciphertext;
  return Buffer.concat([material.message, material.signature]);
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Buffer.from(bytes).toString('hex');
}
