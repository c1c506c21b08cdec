/** The vectors, of which lib/ has no part, are what lib/ makes of their inputs: every byte, in both roles. */
import '../support/use-test-addon.js';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { RunningSha512, sha512 } from '../../lib/crypto/hash.js';
import { type SigName, SUITES, type SuiteName } from '../../lib/crypto/suites.js';
import { signedInBatch } from '../../lib/handshake/hardened/batch.js';
import { signingInput, Transcript } from '../../lib/handshake/hardened/transcript.js';
import { Sig } from '../../lib/oqs.js';
import type { Role } from '../../lib/record/channel.js';
import { stepByStep } from '../support/step-by-step.js';
import { bytes, type Replay, replay } from './replay.js';
import { readVectors, type VectorFile } from './vector-file.js';

const PEER: Record<Role, Role> = { client: 'server', server: 'client' };
/** Of all replays: what every connection begins with is made once a process. */
const constants = new Set<string>();

it('the files are what make.mjs makes', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(__dirname, 'make.mjs'), '--check'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

describe.each(Object.keys(SUITES) as SuiteName[])('%s', (suite) => {
  const file = readVectors(suite);

  const ways = SUITES[suite].row === undefined ? ['step by step'] : ['step by step', 'in one job'];
  const cases = (['client', 'server'] as const).flatMap((role) => ways.map((way) => ({ role, way })));

  describe.each(cases)('as $role, $way,', ({ role, way }) => {
    let made: Replay;
    beforeAll(() => {
      made = replay(file, role, way === 'step by step' ? stepByStep : undefined);
      for (const secret of made.secrets) constants.add(secret);
    });

    it('sends every frame and every record, and takes all random bytes', () => {
      const own = [...file.frames.map(({ sender, frame }) => ({ sender, record: frame })), ...file.records];
      expect(framesOf(made.sent)).toEqual(own.filter(({ sender }) => sender === role).map(({ record }) => record));
      expect(made.left).toBe(0);
    });

    it('takes every record of the peer, to its CLOSE', () => {
      const expected = file.records.flatMap(({ sender, type, content }) =>
        sender === role ? [] : type === 'DATA' ? [content] : type === 'CLOSE' ? ['end'] : [],
      );
      expect(made.received).toEqual(expected);
    });

    it('hashes the transcript', () => {
      const { T0: _, ...hashes } = file.transcript;
      expect(made.hashes).toEqual(way === 'in one job' ? [] : Object.values(hashes)); // native code shows none
    });

    it('derives every secret, key and iv', () => {
      const { early, d, mac_s: _, mac_c: __, ...schedule } = file.key_schedule;
      const withinNative = way === 'in one job' ? ['ss', 'hs', 's_finished', 'c_finished'] : [];
      for (const name of withinNative) delete (schedule as Record<string, string>)[name];
      const { kem_pk: ___, kem_ct: ____, ctx: _____, ...rekey } = file.rekey;
      const traffic = Object.values(file.traffic_secrets).flatMap((secrets) =>
        secrets.flatMap(({ secret, key, iv }) => [secret, key + iv]),
      );
      const expected = [...Object.values(schedule), ...Object.values(rekey), ...traffic];
      expect(expected.filter((secret) => !made.secrets.has(secret))).toEqual([]);
      expect([early, d].map((secret) => constants.has(secret as string))).toEqual([true, true]);
    });

    it('writes the key log', () => {
      const lines = Object.values(file.traffic_secrets).flatMap((secrets) => secrets.map(({ key_log }) => key_log));
      expect([...made.keyLog].sort()).toEqual(lines.map((line) => `${line}\n`).sort());
    });

    it('exports', () => {
      expect(made.exported).toEqual(file.exporter.map(({ output }) => output));
    });

    it('has the fingerprint', () => {
      expect(made.fingerprint).toBe(file.identities[role].fingerprint);
    });

    it('signs what the peer takes', () => {
      const { sig } = SUITES[suite];
      const auth = bytes(file.frames.find(({ name }) => name === AUTH[role])?.frame ?? '');
      const signature = auth.subarray(role === 'client' ? 4 : 5);
      const hash = file.transcript[role === 'client' ? 'TH_CK' : 'TH_SK'];
      const message = Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from(`pqsock1 ${role} auth\0`), bytes(hash)]);
      expect(new Sig(sig).verifySync(message, signature, bytes(file.identities[role].pk))).toBe(true);
      const other = bytes(file.identities[PEER[role]].pk);
      expect(new Sig(sig).verifySync(message, signature, other)).toBe(false);
    });
  });

  describe('as a client for which the server signs together with others', () => {
    const { batch, identities } = file;
    let made: Replay;
    beforeAll(() => {
      made = replay(inBatch(file), 'client', stepByStep);
    });

    it('sends every frame, and takes all random bytes', () => {
      const own = batch.frames.filter(({ sender }) => sender === 'client').map(({ frame }) => frame);
      expect(framesOf(made.sent)).toEqual(own);
      expect(made.left).toBe(0);
    });

    it('hashes the transcript, in which batches are agreed and the batch is', () => {
      const { T0: _, ...hashes } = batch.transcript;
      expect(made.hashes).toEqual(Object.values(hashes));
    });

    it('derives every secret', () => {
      const { early: _, d: __, mac_s: ___, mac_c: ____, rk_0, ...schedule } = batch.key_schedule;
      expect(made.secrets).not.toContain(rk_0); // there is no REKEY
      expect(Object.values(schedule).filter((secret) => !made.secrets.has(secret))).toEqual([]);
    });

    it('computes what the server has signed for each of them, and takes the signature', () => {
      const { sig } = SUITES[suite];
      const signature = bytes(batch.sig_b);
      const hashes = [...file.inputs.batch.th_sk];
      hashes.splice(file.inputs.batch.place, 0, batch.transcript.TH_SK);
      for (const [place, hash] of hashes.entries()) {
        const body = Buffer.concat([Uint8Array.of(1), bytes(batch.proofs[place] as string), signature]);
        const signed = signedInBatch(body, signingInput('pqsock1 server auth', bytes(hash)), signature.length);
        expect(Buffer.from(signed.message).toString('hex')).toBe(batch.signed);
        expect(new Sig(sig).verifySync(signed.message, signed.signature, bytes(identities.server.pk))).toBe(true);
      }
    });
  });

  describe.each(cases)('as $role, $way, where the server shows two keys,', ({ role, way }) => {
    const { key_choice } = file;
    let made: Replay;
    beforeAll(() => {
      const before = role === 'server' ? file.inputs.key_choice.new_sig_seed : undefined;
      made = replay(withKeyChoice(file), role, way === 'step by step' ? stepByStep : undefined, before);
    });

    it('sends every frame, and takes all random bytes', () => {
      const own = key_choice.frames.filter(({ sender }) => sender === role).map(({ frame }) => frame);
      expect(framesOf(made.sent)).toEqual(own);
      expect(made.left).toBe(0);
    });

    it('hashes the transcript, and derives every secret of the open connection', () => {
      const { T0: _, ...hashes } = key_choice.transcript;
      expect(made.hashes).toEqual(way === 'in one job' ? [] : Object.values(hashes));
      const { c_0, s_0, ms, exp } = key_choice.key_schedule;
      expect([c_0, s_0, ms, exp].filter((secret) => !made.secrets.has(secret as string))).toEqual([]);
    });

    it('has another key besides, which is not the one that signs', () => {
      const { sig } = SUITES[suite];
      const [hello, , , , , auth] = key_choice.frames.map(({ frame }) => bytes(frame)) as Buffer[];
      expect(hello?.includes(bytes(key_choice.new_pk))).toBe(true);
      const message = signingInput('pqsock1 server auth', bytes(key_choice.transcript.TH_SK));
      const holds = (pk: string) => new Sig(sig).verifySync(message, auth?.subarray(5) as Buffer, bytes(pk));
      expect([holds(key_choice.new_pk), holds(file.identities.server.pk)]).toEqual([false, true]);
    });
  });

  it('has values that belong together', () => {
    const { suite: named, frames, transcript, key_schedule, rekey, records } = file;
    expect([named.id, named.sigalg]).toEqual([SUITES[suite].number, SIGALG[SUITES[suite].sig]]);
    expect(sha512(bytes(transcript.T0))).toEqual(new Transcript(bytes(file.inputs.prologue)).hash());
    const bodyOf = (name: string) => frames.find((frame) => frame.name === name)?.frame.slice(8);
    expect([bodyOf('ServerFinished'), bodyOf('ClientFinished')]).toEqual([key_schedule.mac_s, key_schedule.mac_c]);
    const contentOf = (type: string) => records.find((record) => record.type === type)?.content;
    expect([contentOf('REKEY_INIT'), contentOf('REKEY_RESP')]).toEqual([rekey.kem_pk, rekey.kem_ct]);
    expect(new RunningSha512().add(bytes(rekey.kem_pk), bytes(rekey.kem_ct)).digest()).toEqual(bytes(rekey.ctx));
  });

  it('numbers and pads its records as it says', () => {
    for (const { sender, content, padding, generation, seq, record } of file.records) {
      const before = file.records.filter((each) => each.sender === sender && each.generation === generation);
      expect(before.findIndex((each) => each.record === record)).toBe(seq);
      expect(record.length / 2).toBe(4 + content.length / 2 + 1 + padding + 16);
    }
    expect(file.records.some(({ padding }) => padding > 0)).toBe(true);
  });
});

/** The connection's inputs, for the handshake of the batch that is whole. */
function inBatch(file: VectorFile): VectorFile {
  const { batch, inputs } = file;
  const client = { ...inputs.client, sig_rnd: inputs.batch.client_sig_rnd };
  const rekey = { kem_seed: '', kem_m: '' }; // there is none
  return { ...file, ...batch, records: [], inputs: { ...inputs, client, rekey } };
}

/** The connection's inputs, where the server shows two keys. */
function withKeyChoice(file: VectorFile): VectorFile {
  const { key_choice, inputs } = file;
  const client = { ...inputs.client, sig_rnd: inputs.key_choice.client_sig_rnd };
  const server = { ...inputs.server, sig_rnd: inputs.key_choice.server_sig_rnd };
  const rekey = { kem_seed: '', kem_m: '' }; // there is none
  return { ...file, ...key_choice, records: [], inputs: { ...inputs, client, server, rekey } };
}

function framesOf(sent: string): string[] {
  const frames: string[] = [];
  for (let at = 0; at < sent.length; ) {
    const length = 8 + 2 * Number.parseInt(sent.slice(at + 2, at + 8), 16);
    frames.push(sent.slice(at, at + length));
    at += length;
  }
  return frames;
}

const AUTH: Record<Role, string> = { client: 'ClientAuth', server: 'ServerAuth' };
const SIGALG: Record<SigName, number> = { Dilithium5: 1, 'ML-DSA-87': 2 };
