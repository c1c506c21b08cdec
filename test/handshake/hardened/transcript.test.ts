import { createHash } from 'node:crypto';
import { Transcript } from '../../../lib/handshake/hardened/transcript.js';
import { checkText, checkValue, fillerFrames, shown } from '../../support/check-values.js';

const sha512 = (...parts: Uint8Array[]) => createHash('sha512').update(Buffer.concat(parts)).digest();
const { ServerHello, ClientHello, ClientKem, ClientAuth, ServerKem, ServerAuth } = fillerFrames;

describe('the frames of the check values', () => {
  it('begin as PROTOCOL.md says', () => {
    const [server, client] = checkText(/frames begin `([0-9a-f ]+)` and `([0-9a-f ]+)`/).map((hex) =>
      Buffer.from(hex.replaceAll(' ', ''), 'hex'),
    );
    expect(Buffer.from(ServerHello.subarray(0, server?.length))).toEqual(server);
    expect(Buffer.from(ClientHello.subarray(0, client?.length))).toEqual(client);
  });
});

describe('a transcript', () => {
  it('has the hashes of PROTOCOL.md, one after the other', () => {
    const transcript = new Transcript(new Uint8Array(0));
    expect(shown(transcript.hash())).toBe(checkValue('H(T0)'));
    transcript.add(ServerHello, ClientHello, ClientKem);
    expect(shown(transcript.hash())).toBe(checkValue('TH_CK'));
    expect(shown(sha512(transcript.signedBy('client')))).toBe(checkValue('H(the 148 bytes of sig_c)'));
    transcript.add(ClientAuth, ServerKem);
    expect(shown(transcript.hash())).toBe(checkValue('TH_SK'));
    transcript.add(ServerAuth);
    expect(shown(transcript.hash())).toBe(checkValue('TH_SA'));
  });

  it('is SHA-512 of its label, the prologue with its length, and the frames as they were sent', () => {
    const start = Buffer.from('pqsock1 transcript\0');
    const prologue = Buffer.from('a protocol');
    const transcript = new Transcript(prologue);
    expect(transcript.hash()).toEqual(sha512(start, Uint8Array.of(10), prologue));
    transcript.add(ServerHello);
    expect(transcript.hash()).toEqual(sha512(start, Uint8Array.of(10), prologue, ServerHello));
  });

  it('is given in one piece, by turns with others that are longer or shorter', () => {
    const start = Buffer.from('pqsock1 transcript\0\0');
    const [long, short] = [new Transcript(new Uint8Array(0)), new Transcript(new Uint8Array(0))];
    long.add(ServerHello, ClientHello);
    expect(Buffer.from(long.bytes())).toEqual(Buffer.concat([start, ServerHello, ClientHello]));
    expect(Buffer.from(short.bytes())).toEqual(start);
    long.add(ClientKem);
    expect(Buffer.from(long.bytes())).toEqual(Buffer.concat([start, ServerHello, ClientHello, ClientKem]));
    expect(Buffer.from(short.bytes())).toEqual(start);
  });

  it('takes a frame in parts as well as whole', () => {
    const [whole, parts] = [new Transcript(new Uint8Array(0)), new Transcript(new Uint8Array(0))];
    whole.add(ServerHello);
    parts.add(ServerHello.subarray(0, 4), ServerHello.subarray(4));
    expect(parts.hash()).toEqual(whole.hash());
  });

  it('depends on the prologue, which can’t be taken for a frame', () => {
    const hashes = [[], [0], [0, 0], [1]].map((bytes) => new Transcript(Uint8Array.from(bytes)).hash().toString('hex'));
    expect(new Set(hashes).size).toBe(hashes.length);
    const [empty, one] = [new Transcript(new Uint8Array(0)), new Transcript(Uint8Array.of(7))];
    empty.add(Uint8Array.of(7));
    expect(empty.hash()).not.toEqual(one.hash());
  });

  it('takes a prologue of 255 bytes', () => {
    const prologue = Buffer.alloc(255, 'x');
    const expected = sha512(Buffer.from('pqsock1 transcript\0'), Uint8Array.of(255), prologue);
    expect(new Transcript(prologue).hash()).toEqual(expected);
  });

  it.each(['client', 'server'] as const)('is signed by a %s in 148 bytes, with its role', (role) => {
    const transcript = new Transcript(new Uint8Array(0));
    transcript.add(ServerHello);
    const expected = Buffer.concat([
      Buffer.alloc(64, 0x20),
      Buffer.from(`pqsock1 ${role} auth`),
      Buffer.alloc(1),
      transcript.hash(),
    ]);
    expect(Buffer.from(transcript.signedBy(role))).toEqual(expected);
    expect(expected.length).toBe(148);
  });
});
