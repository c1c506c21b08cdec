import { HANDSHAKE_BUFFER } from '../../lib/limits.js';
import type { Secret } from '../../lib/oqs.js';
import type { SeedIdentities } from '../support/seed-pair.js';
import { seedIdentities } from '../support/seed-pair.js';
import { type Side, seedSides, settle } from '../support/wired-sessions.js';

let identities: SeedIdentities;
let client: Side;
let server: Side;
beforeAll(async () => {
  identities = await seedIdentities();
});
beforeEach(() => {
  ({ client, server } = seedSides(identities));
});

const truncated = expect.objectContaining({ code: 'PQ_ERR_TRUNCATED' });

describe('a session', () => {
  it('opens on both sides and carries data', () => {
    settle({ client, server });
    expect(client.opened?.peer.fingerprint).toBe(identities.server.fingerprint);
    expect(server.opened?.peer.fingerprint).toBe(identities.client.fingerprint);
    client.session.write(Buffer.from('to the server'));
    server.session.write(Buffer.from('to the client'));
    settle({ client, server });
    expect(Buffer.concat(server.data).toString()).toBe('to the server');
    expect(Buffer.concat(client.data).toString()).toBe('to the client');
  });

  it('cuts what is written into records, and puts it together again', () => {
    settle({ client, server });
    const plaintext = Buffer.alloc(150_000, 'x');
    client.session.write(plaintext);
    expect(client.sent.length).toBe(3);
    settle({ client, server });
    expect(Buffer.concat(server.data).equals(plaintext)).toBe(true);
  });

  it('takes no frame while work is under way, and all of them afterwards', () => {
    client.session.receive(server.takeSent());
    expect(client.session.waiting).toBe(true);
    client.doWork(); // the verdict
    client.doWork(); // the KEM key and its signature
    server.session.receive(client.takeSent());
    expect(server.work).toMatchObject({ kind: 'verdict' });
    expect(server.steps.at(-1)?.step).toBe(7);
    server.doWork();
    expect(server.work).toMatchObject({ kind: 'operation' });
    expect(server.steps.at(-1)?.step).toBe(11);
  });

  it('keeps 32 KiB of a handshake that it has not come to, and no more', () => {
    client.session.receive(server.takeSent());
    expect(client.session.waiting).toBe(true);
    client.session.receive(Buffer.alloc(HANDSHAKE_BUFFER));
    expect(() => client.session.receive(Buffer.alloc(1))).toThrow(expect.objectContaining({ code: 'PQ_ERR_FLOOD' }));
  });

  it('ends in order between two records, after what came before', () => {
    settle({ client, server });
    client.session.write(Buffer.from('last words'));
    server.session.receive(client.takeSent());
    server.session.receiveEnd();
    expect(Buffer.concat(server.data).toString()).toBe('last words');
    expect(server.ended).toBe(true);
  });

  it('looks at the end only once the work before it is done', () => {
    client.session.receive(server.takeSent());
    client.session.receiveEnd();
    expect(() => client.doWork()).not.toThrow(); // the verdict; the next state is work again
    expect(() => client.doWork()).toThrow(truncated);
    expect(client.ended).toBe(false);
  });

  it('takes an end within a record for truncation', () => {
    settle({ client, server });
    client.session.write(Buffer.from('cut'));
    server.session.receive(client.takeSent().subarray(0, -1));
    expect(() => server.session.receiveEnd()).toThrow(truncated);
    expect(server.data).toEqual([]);
  });

  it('ignores work that comes back after it was disposed of', () => {
    client.session.receive(server.takeSent());
    const work = client.work;
    client.session.dispose();
    expect(work?.kind).toBe('verdict');
    client.doWork();
    expect(client.takeSent().length).toBe(0);
  });

  it('wipes the secrets of the handshake when it opens, and the key when it is disposed of', () => {
    const kept: Secret[] = [];
    for (const side of [client, server]) {
      const keep = side.session.keep.bind(side.session);
      side.session.keep = (secret) => {
        kept.push(secret as Secret); // the seed hands over no other kind
        keep(secret);
      };
    }
    settle({ client, server });
    expect(kept.map(({ disposed }) => disposed)).toEqual([true, true, true]); // kem_sk and twice the shared secret
    client.session.dispose();
    expect(() => client.opened?.channel.write(Buffer.alloc(1), client.session)).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_SECRET_DISPOSED' }),
    );
  });

  it('wipes the KEM secret key when the handshake fails', () => {
    let kept: Secret | undefined;
    client.session.keep = (secret) => {
      kept = secret as Secret;
      Object.getPrototypeOf(client.session).keep.call(client.session, secret);
    };
    client.session.receive(server.takeSent());
    client.doWork();
    client.doWork();
    expect(kept?.disposed).toBe(false);
    expect(() => client.session.receive(Buffer.alloc(4))).toThrow(expect.objectContaining({ code: 'PQ_ERR_DECODE' }));
    client.session.dispose();
    expect(kept?.disposed).toBe(true);
  });
});
