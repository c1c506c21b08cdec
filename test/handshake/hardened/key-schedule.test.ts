import { createHmac, hkdfSync } from 'node:crypto';
import { KeySchedule } from '../../../lib/handshake/hardened/key-schedule.js';
import { Secret } from '../../../lib/oqs.js';
import { checkValue, fillerHandshake, fillerSecret, shown } from '../../support/check-values.js';
import { secretsMade } from '../../support/secrets-made.js';

const disposed = expect.objectContaining({ code: 'PQ_ERR_SECRET_DISPOSED' });

describe('a key schedule', () => {
  it('has the MACs, hashes and secrets of PROTOCOL.md', () => {
    const { serverMac, clientMac, upToServerFinished, upToClientFinished, secrets } = fillerHandshake();
    expect(shown(serverMac)).toBe(checkValue('mac_s'));
    expect(shown(clientMac)).toBe(checkValue('mac_c'));
    expect(shown(upToServerFinished)).toBe(checkValue('TH_SF'));
    expect(shown(upToClientFinished)).toBe(checkValue('TH_CF'));
    expect(shown(secrets.client)).toBe(checkValue('c_0'));
    expect(shown(secrets.server)).toBe(checkValue('s_0'));
    expect(shown(secrets.master)).toBe(checkValue('ms'));
    expect(Object.values(secrets).map(({ length }) => length)).toEqual([64, 64, 64]);
  });

  it('is what HKDF of node:crypto gives, label by label', () => {
    const sharedSecret = Buffer.alloc(64, 0x5a); // as long as a hybrid's
    const [upToServerKem, later] = [Buffer.alloc(64, 1), Buffer.alloc(64, 2)];
    const zeros = Buffer.alloc(64);
    const info = (label: string, context: Uint8Array) => {
      const name = Buffer.from(`pqsock1 ${label}`);
      return Buffer.concat([Buffer.from([0, 64, name.length]), name, Buffer.from([context.length]), context]);
    };
    const d = hkdfSync('sha512', zeros, zeros, info('derived', Buffer.alloc(0)), 64);
    const derive = (label: string, context: Uint8Array) =>
      Buffer.from(hkdfSync('sha512', sharedSecret, Buffer.from(d), info(label, context), 64));

    const schedule = new KeySchedule(Secret.from(sharedSecret), upToServerKem);
    const mac = (label: string) => createHmac('sha512', derive(label, upToServerKem)).update(later).digest();
    expect(schedule.serverMac(later)).toEqual(mac('s finished'));
    expect(schedule.clientMac(later)).toEqual(mac('c finished'));
    const { client, server, master } = schedule.open(later);
    expect([client, server, master].map((secret) => secret.export())).toEqual(
      ['c ap', 's ap', 'master'].map((label) => derive(label, later)),
    );
  });

  it('wipes the shared secret at once, and everything of its own when it is opened', () => {
    const sharedSecret = fillerSecret();
    const made = secretsMade(() => {
      const schedule = new KeySchedule(sharedSecret, Buffer.alloc(64));
      expect(sharedSecret.disposed).toBe(true);
      const { client, server, master } = schedule.open(Buffer.alloc(64));
      expect(() => schedule.serverMac(Buffer.alloc(64))).toThrow(disposed);
      for (const secret of [client, server, master]) secret.dispose();
    });
    const alive = made.filter((secret) => !secret.disposed).map((secret) => shown(secret));
    // What no ticket leads to is the same for everybody: it stays.
    const constants = [checkValue('d'), checkValue('early'), '00'.repeat(16)];
    expect(alive.filter((value) => !constants.includes(value))).toEqual([]);
  });

  it('makes no MAC and no key once it is disposed of', () => {
    const schedule = new KeySchedule(fillerSecret(), Buffer.alloc(64));
    schedule.dispose();
    expect(() => schedule.serverMac(Buffer.alloc(64))).toThrow(disposed);
    expect(() => schedule.clientMac(Buffer.alloc(64))).toThrow(disposed);
    expect(() => schedule.open(Buffer.alloc(64))).toThrow(disposed);
  });
});
