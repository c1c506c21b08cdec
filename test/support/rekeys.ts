/** Connections in which a REKEY is due, and what is to be true afterwards. */
import { createHash } from 'node:crypto';
import { expandLabel, extract } from '../../lib/crypto/hkdf.js';
import { Kem } from '../../lib/oqs.js';
import type { Role } from '../../lib/record/channel.js';
import { type ChannelOptions, ChannelPair, type End, type HandPeer, startSecrets } from './channels.js';

export const ROLES: Role[] = ['client', 'server'];

const kem = new Kem('Kyber1024');

/** Two channels whose client asks for a REKEY with the next data. */
export function due(options: ChannelOptions = {}): ChannelPair {
  const pair = new ChannelPair({ ...options, limits: { rekeyInterval: 1000, ...options.limits } });
  pair.clock.now = 1000;
  return pair;
}

/** Both sides have switched their keys as often, to the same secrets. */
export function expectSameKeys({ client, server }: ChannelPair, generations: Record<Role, number>): void {
  for (const role of ROLES) {
    expect(client.secretsOf(role)).toEqual(server.secretsOf(role));
    expect(client.secretsOf(role).length).toBe(generations[role] + 1);
    expect(new Set(client.secretsOf(role).map((line) => line.split(' ')[1])).size).toBe(generations[role] + 1);
  }
}

/** Data still comes through, both ways. */
export function expectOpen(pair: ChannelPair): void {
  const before = [pair.server.text, pair.client.text];
  pair.client.write('>');
  pair.server.write('<');
  pair.settle();
  expect([pair.server.text, pair.client.text]).toEqual([`${before[0]}>`, `${before[1]}<`]);
}
/** One whole REKEY of a client that acts by hand. */
export function rekeyByHand(end: End, peer: HandPeer): void {
  const pair = kem.keypairSync();
  end.receive(peer.seal('REKEY_INIT', pair.publicKey));
  const [answer] = peer.open(...end.take());
  const ciphertext = answer?.content as Buffer;
  const first = expandLabel(startSecrets().master, 'rk', new Uint8Array(0), 64);
  const mixed = extract(first, kem.decapsulateSync(pair.secretKey, ciphertext));
  const context = createHash('sha512').update(pair.publicKey).update(ciphertext).digest();
  end.receive(peer.seal('REKEY_DONE'));
  peer.keys.replace(expandLabel(mixed, 'c ap', context, 64));
  peer.readUnder(expandLabel(mixed, 's ap', context, 64));
}
