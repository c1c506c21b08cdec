import { Secret } from '../../lib/oqs.js';
import { SeedNonces } from '../../lib/record/seed-nonce.js';
import { type SeedCipher, seedRecords } from '../../lib/record/seed-records.js';

const CIPHERS: SeedCipher[] = ['aes-256-gcm', 'aes-256-ctr'];
const secret = Secret.from(Buffer.alloc(32, 7));

/** The body of a record: what is after the four bytes of its length. */
function bodyOf(parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts).subarray(4);
}

describe.each(CIPHERS)('the records of the seed profile under %s', (cipher) => {
  const client = seedRecords('client', secret, cipher);
  const server = seedRecords('server', secret, cipher);

  it('open on the other side', () => {
    const plaintext = Buffer.from('some text');
    expect(Buffer.from(server.open(bodyOf(client.seal(plaintext))))).toEqual(plaintext);
  });

  it('never have a nonce twice, in either direction', () => {
    const nonces = [client, server].flatMap((side) =>
      Array.from({ length: 100 }, () => bodyOf(side.seal(Buffer.alloc(1))).toString('hex', 0, 12)),
    );
    expect(new Set(nonces).size).toBe(200);
  });

  it('say their length in their header', () => {
    const record = Buffer.concat(client.seal(Buffer.alloc(10)));
    expect(record.readUInt32BE()).toBe(record.length - 4);
  });

  it('are refused where they were made', () => {
    expect(() => client.open(bodyOf(client.seal(Buffer.alloc(10))))).toThrow(/came back/);
  });

  it('can’t be made after the connection is closed', () => {
    const closed = seedRecords('client', secret, cipher);
    closed.dispose();
    expect(() => closed.seal(Buffer.alloc(1))).toThrow(expect.objectContaining({ code: 'PQ_ERR_SECRET_DISPOSED' }));
  });
});

describe('a record under aes-256-gcm', () => {
  const client = seedRecords('client', secret, 'aes-256-gcm');
  const server = seedRecords('server', secret, 'aes-256-gcm');

  it('does not open with any one of its bits changed', () => {
    const body = bodyOf(client.seal(Buffer.from('sixteen bytes it')));
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const changed = Buffer.from(body);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => server.open(changed)).toThrow(expect.objectContaining({ code: 'PQ_ERR_BAD_RECORD' }));
    }
    expect(Buffer.from(server.open(body)).toString()).toBe('sixteen bytes it');
  });

  it('is AES-256-GCM under the shared secret itself, with the direction and the counter as nonce', () => {
    const fresh = seedRecords('client', secret, 'aes-256-gcm');
    const first = bodyOf(fresh.seal(Buffer.alloc(0)));
    const second = bodyOf(fresh.seal(Buffer.alloc(0)));
    expect(first.toString('hex', 0, 12)).toBe('430000000000000000000000');
    expect(second.toString('hex', 0, 12)).toBe('430000000000000000000001');
    expect(first.length).toBe(28);
  });
});

describe('the nonces of one direction', () => {
  it('come to an end', () => {
    const nonces = new SeedNonces('server', 2);
    const into = Buffer.alloc(12);
    nonces.write(into);
    nonces.write(into);
    expect(() => nonces.write(into)).toThrow(expect.objectContaining({ code: 'PQ_ERR_LIMIT_EXCEEDED' }));
    expect(into.toString('hex')).toBe('530000000000000000000001');
  });

  it('are known again, those that were used and no others', () => {
    const nonces = new SeedNonces('server');
    nonces.write(Buffer.alloc(12));
    const ours = (hex: string) => nonces.isOurs(Buffer.from(hex, 'hex'));
    expect(ours('530000000000000000000000')).toBe(true);
    expect(ours('530000000000000000000001')).toBe(false);
    expect(ours('430000000000000000000000')).toBe(false);
    expect(ours('530000010000000000000000')).toBe(false);
  });
});
