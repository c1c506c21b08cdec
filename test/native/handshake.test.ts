/** A side's turn in one native operation, beside what the package makes of single ones. The vectors have it all once. */
import { sha512 } from '../../lib/crypto/hash.js';
import { primitivesOf } from '../../lib/crypto/primitives.js';
import { Secret } from '../../lib/crypto/secret.js';
import { SUITES } from '../../lib/crypto/suites.js';
import { KeySchedule } from '../../lib/handshake/hardened/key-schedule.js';
import { signingInput } from '../../lib/handshake/hardened/transcript.js';
import { addon } from '../../lib/native/load.js';
import { STATUS, unpackStatus } from '../../lib/native/status.js';
import { operationCounts } from '../../lib/oqs.js';
import { frame } from '../../lib/wire/frame.js';
import { addonCalls, inRequest, submitted } from './addon-calls.js';

const SECRET_LENGTHS = { serverMac: 64, clientMac: 64, client: 108, server: 108, master: 64 };

describe.each(Object.values(SUITES).filter(({ row }) => row !== undefined))('a handshake of $name', (suite) => {
  const { kem, sig, handshake } = primitivesOf(suite);
  if (handshake === undefined) throw new Error('there is no native handshake');
  const identity = () => {
    const [publicKey, secretKey] = [new Uint8Array(sig.algorithm.publicKeyLength), sig.algorithm.secretKeyLength];
    const secret = Secret.allocate(secretKey);
    expect(addon.sigKeypair(sig.algorithm.number, publicKey, Secret.bytesOf(secret))).toBe(STATUS.ok);
    return { publicKey, secretKey: secret };
  };
  const [client, server] = [identity(), identity()];
  const start = Buffer.alloc(100, 'T0, ServerHello and ClientHello');
  const isSigned = (label: string, transcript: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) =>
    sig.verify(signingInput(label, sha512(transcript)), signature, publicKey).runSync();

  /** The transcript up to ClientAuth, and the KEM's secret key. */
  function offered(transcript: Uint8Array) {
    const { frames, kemSecretKey } = handshake?.offer(client.secretKey, () => transcript).runSync() ?? never();
    return { offer: frames, kemSecretKey, transcript: Buffer.concat([transcript, frames]) };
  }

  it('is offered with a signature of the transcript, whatever the length of that is', () => {
    const clientKem = 4 + kem.algorithm.publicKeyLength;
    const { offer } = offered(start);
    const frames = [
      frame('ClientKem', offer.subarray(4, clientKem)),
      frame('ClientAuth', offer.subarray(clientKem + 4)),
    ];
    expect(Buffer.concat(frames).equals(offer)).toBe(true);
    for (let length = 0; length <= 260; length += 1) {
      const { transcript, offer } = offered(Buffer.alloc(length, length));
      const signed = transcript.subarray(0, length + clientKem);
      expect(isSigned('pqsock1 client auth', signed, offer.subarray(clientKem + 4), client.publicKey)).toBe(true);
    }
  });

  it('is answered and accepted with the secrets of the key schedule', () => {
    const { transcript, kemSecretKey } = offered(start);
    const { frames, secrets } =
      handshake.answer(server.secretKey, client.publicKey, () => transcript).runSync() ?? never();
    const [kemEnd, end] = [4 + kem.algorithm.ciphertextLength, frames.length - 68];
    const [serverKem, serverAuth] = [frames.subarray(0, kemEnd), frames.subarray(kemEnd, end)];
    const [toKem, toAuth] = [
      Buffer.concat([transcript, serverKem]),
      Buffer.concat([transcript, serverKem, serverAuth]),
    ];
    expect([serverAuth[4], serverAuth.length]).toEqual([0, 5 + sig.algorithm.signatureLength]);
    expect(isSigned('pqsock1 server auth', toKem, serverAuth.subarray(5), server.publicKey)).toBe(true);

    const schedule = new KeySchedule(kem.decapsulate(kemSecretKey, serverKem.subarray(4)).runSync(), sha512(toKem));
    const serverMac = schedule.serverMac(sha512(toAuth));
    const finished = frame('ServerFinished', serverMac);
    expect(Uint8Array.from(frames.subarray(end))).toEqual(finished);
    const clientMac = schedule.clientMac(sha512(toAuth, finished));
    const expected = schedule.open(sha512(toAuth, finished, frame('ClientFinished', clientMac)));
    const accepted = handshake.accept(server.publicKey, kemSecretKey, () => toAuth).runSync() ?? never();
    for (const made of [secrets, accepted]) {
      expect(lengthsOf(made)).toEqual(SECRET_LENGTHS);
      expect([made.serverMac.export(), made.clientMac.export()]).toEqual([serverMac, clientMac]);
      expect(made.master.equals(expected.master)).toBe(true);
      for (const role of ['client', 'server'] as const) {
        expect(made[role].export().subarray(0, 64)).toEqual(expected[role].export());
      }
    }
  });

  it('is not answered, and nothing is made, if a byte of the transcript, or the key, is another', () => {
    const { transcript } = offered(start);
    const before = operationCounts();
    const seed = start.length + 4 + 1536; // of the KEM's key, behind its coefficients
    for (const at of [0, start.length - 1, start.length, seed, transcript.length - 1]) {
      expect(
        handshake.answer(server.secretKey, client.publicKey, () => changed(transcript, at)).runSync(),
      ).toBeUndefined();
    }
    expect(handshake.answer(server.secretKey, server.publicKey, () => transcript).runSync()).toBeUndefined();
    expect(operationCounts()).toEqual({ ...before, verify: before.verify + 6 });
  });

  it('is not accepted, and nothing is decapsulated, if a byte of the transcript, or the key, is another', () => {
    const { transcript, kemSecretKey } = offered(start);
    const { frames } = handshake.answer(server.secretKey, client.publicKey, () => transcript).runSync() ?? never();
    const whole = Buffer.concat([transcript, frames.subarray(0, -68)]);
    const before = operationCounts();
    for (const at of [0, start.length + 9, transcript.length + 9, whole.length - 1]) {
      expect(handshake.accept(server.publicKey, kemSecretKey, () => changed(whole, at)).runSync()).toBeUndefined();
    }
    expect(handshake.accept(client.publicKey, kemSecretKey, () => whole).runSync()).toBeUndefined();
    expect(operationCounts()).toEqual({ ...before, verify: before.verify + 5 });
  });

  it('is asked for its transcript once it is begun, and then only', async () => {
    const gather = jest.fn(() => start);
    const offer = handshake.offer(client.secretKey, gather);
    expect(gather).not.toHaveBeenCalled();
    const begun = offer.run();
    expect(gather).toHaveBeenCalledTimes(1);
    await begun;
    expect(gather).toHaveBeenCalledTimes(1);
  });

  it('counts what it is made of', () => {
    const counted = (work: () => void) => {
      const before = operationCounts();
      work();
      const after = operationCounts();
      return Object.entries(after).flatMap(([name, count]) =>
        count > before[name as keyof typeof before] ? [`${name} ${count - before[name as keyof typeof before]}`] : [],
      );
    };
    const { transcript, kemSecretKey } = offered(start);
    expect(counted(() => void offered(start))).toEqual(['keypair 1', 'sign 1']);
    const answer = () => handshake.answer(server.secretKey, client.publicKey, () => transcript).runSync() ?? never();
    const whole = Buffer.concat([transcript, answer().frames.subarray(0, -68)]);
    expect(counted(() => void answer())).toEqual(['sign 1', 'verify 1', 'encapsulate 1']);
    const accept = () => void handshake.accept(server.publicKey, kemSecretKey, () => whole).runSync();
    expect(counted(accept)).toEqual(['verify 1', 'decapsulate 1']);
  });
});

describe.each(addonCalls().filter(({ operation }) => operation.startsWith('handshake')))('$title', (call) => {
  it('refuses a transcript that is shorter than the frames at its end may be, and none else', async () => {
    const at = call.args.length - 1;
    const free = call.operation === 'handshakeOffer';
    const least = leastTranscript(call.algorithm);
    const codeOf = async (length: number) => {
      const args = call.args.with(at, new Uint8Array(length));
      const { code, argument } = unpackStatus(await submitted(...inRequest({ ...call, args })));
      return { code, argument };
    };
    for (const length of [0, 1, least - 1]) {
      expect(await codeOf(length)).toEqual(
        free ? { code: STATUS.ok, argument: 0 } : { code: STATUS.wrongLength, argument: at },
      );
    }
    expect(await codeOf(least)).toMatchObject({ code: free ? STATUS.ok : STATUS.notVerified });
  });

  it('refuses a kem_pk whose coefficients are too big before it verifies, and a kem_sk of another', async () => {
    const before = operationCounts();
    if (call.operation === 'handshakeAnswer') {
      const transcript = Buffer.from(call.args[4] as Uint8Array).fill(255, 5004, 5010);
      const status = unpackStatus(await submitted(...inRequest({ ...call, args: call.args.with(4, transcript) })));
      expect(status).toEqual({ code: STATUS.badPublicKey, argument: 4, call: 0 });
      expect(operationCounts()).toEqual(before);
    }
    if (call.operation === 'handshakeAccept' && call.algorithm === SUITES['mlkem1024-mldsa87'].row) {
      const status = unpackStatus(
        await submitted(...inRequest({ ...call, args: call.args.with(2, new Uint8Array(3168)) })),
      );
      expect(status).toEqual({ code: STATUS.badSecretKey, argument: 2, call: 0 });
      expect(operationCounts()).toEqual({ ...before, verify: before.verify + 1 });
    }
  });
});

/** As long as all of the server's frames, which is more than any turn looks for. */
function leastTranscript(row: number): number {
  const suite = Object.values(SUITES).find((one) => one.row === row) ?? never();
  const { kem, sig } = primitivesOf(suite);
  return 4 + kem.algorithm.ciphertextLength + 4 + 1 + sig.algorithm.signatureLength + 4 + 64;
}

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

function lengthsOf(secrets: object): Record<string, number> {
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.length]));
}

function never(): never {
  throw new Error('there is no result');
}
