/** A session in the hardened profile: what it tells its peer at its end, and what it wipes. */
import type { AlertName } from '../../lib/errors.js';
import { ALERT_CODES } from '../../lib/wire/alert.js';
import { FRAME_TYPES } from '../../lib/wire/frame.js';
import { lengthsAlive, secretsMade } from '../support/secrets-made.js';
import { stepByStep, WAYS } from '../support/step-by-step.js';
import { type HardenedIdentities, hardenedIdentities, hardenedSides } from '../support/wired-hardened.js';
import { type Clock, type Side, settle } from '../support/wired-sessions.js';

let identities: HardenedIdentities;
let clock: Clock;
let client: Side;
let server: Side;
beforeAll(async () => {
  identities = await hardenedIdentities('Dilithium5');
  settle(hardenedSides(identities, { primitives: stepByStep })); // makes what is made once a process
});
beforeEach(() => {
  clock = { now: 0 };
  ({ client, server } = hardenedSides(identities, { clock, client: { limits: { rekeyInterval: 1000 } } }));
});

const unproven = expect.objectContaining({ code: 'PQ_ERR_AUTH_FAILED' });
const truncated = expect.objectContaining({ code: 'PQ_ERR_TRUNCATED' });
const ALERTS = Object.keys(ALERT_CODES) as AlertName[];

/** The alert that a side sends in a frame, if any. */
function frameOf(side: Side, alert: AlertName): string | undefined {
  side.takeSent();
  const told = side.session.abort(alert);
  const sent = side.takeSent();
  expect(sent.length).toBe(told ? 5 : 0);
  if (told) expect([...sent]).toEqual([FRAME_TYPES.Alert, 0, 0, 1, ALERT_CODES[alert]]);
  return told ? alert : undefined;
}

/** The alerts that a side, each time one that has come as far, would send. */
function told(reach: () => Side): AlertName[] {
  return ALERTS.filter((alert) => {
    ({ client, server } = hardenedSides(identities, { clock }));
    return frameOf(reach(), alert) !== undefined;
  });
}

/** The client's flight, its work done. */
function clientFlight(): Buffer {
  client.session.receive(server.takeSent());
  for (let i = 0; i < 3; i += 1) client.doWork();
  return client.takeSent();
}

function changedAtEnd(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return changed;
}

describe('what a side says in a frame when it ends the handshake', () => {
  it('is nothing, as a client, before the whole ServerHello has come', () => {
    expect(told(() => client)).toEqual([]);
    const partly = () => {
      client.session.receive(server.takeSent().subarray(0, -1));
      return client;
    };
    expect(told(partly)).toEqual([]);
  });

  it('is nothing, as a client, to a ServerHello that can’t be parsed', () => {
    const hello = server.takeSent();
    hello.writeUInt8(0, 4); // PQSK
    expect(() => client.session.receive(hello)).toThrow(expect.objectContaining({ code: 'PQ_ERR_DECODE' }));
    expect(frameOf(client, 'decode_error')).toBeUndefined();
  });

  it('is anything, as a client, from then on, while work is under way as well', () => {
    const waiting = () => {
      client.session.receive(server.takeSent());
      expect(client.session.waiting).toBe(true);
      return client;
    };
    expect(told(waiting)).toEqual(ALERTS);
  });

  it('is, as a server, that it is busy or that time is up before the whole ClientHello has come', () => {
    expect(told(() => server)).toEqual(['busy', 'timeout']);
    const partly = () => {
      server.session.receive(clientFlight().subarray(0, 4 + 2631));
      return server;
    };
    expect(told(partly)).toEqual(['busy', 'timeout']);
  });

  it('is anything, as a server, from then on, up to the client’s MAC', () => {
    const chosen = () => {
      server.session.receive(clientFlight().subarray(0, 4 + 2632));
      return server;
    };
    expect(told(chosen)).toEqual(ALERTS);
    const answered = () => {
      server.session.receive(clientFlight());
      for (let i = 0; i < 3; i += 1) server.doWork();
      expect(server.opened).toBeUndefined();
      return server;
    };
    expect(told(answered)).toEqual(ALERTS);
  });

  it('is nothing in answer to an alert', () => {
    server.session.receive(clientFlight().subarray(0, 4 + 2632));
    server.doWork();
    client.session.abort('internal');
    expect(() => server.session.receive(client.takeSent())).toThrow(expect.objectContaining({ alert: 'internal' }));
    expect(frameOf(server, 'internal')).toBeUndefined();
  });

  it('is said once', () => {
    expect(frameOf(server, 'busy')).toBe('busy');
    expect(frameOf(server, 'busy')).toBeUndefined();
  });

  it('is nothing without a reason', () => {
    server.takeSent();
    expect(server.session.abort(undefined)).toBe(false);
    expect(server.takeSent().length).toBe(0);
  });
});

describe('what a side says when it ends an open connection', () => {
  it.each(['client', 'server'] as const)('goes into a record, from ClientFinished on, if it is the %s', (role) => {
    settle({ client, server });
    const [from, to] = role === 'client' ? [client, server] : [server, client];
    expect(from.session.abort('limit_exceeded')).toBe(true);
    const alert = from.takeSent();
    expect(alert.length).toBe(4 + 1 + 1 + 16);
    expect(() => to.session.receive(alert)).toThrow(expect.objectContaining({ alert: 'limit_exceeded' }));
    expect(to.session.abort('internal')).toBe(false); // an alert is not answered
  });

  it('is nothing after CLOSE', () => {
    settle({ client, server });
    client.session.close();
    client.takeSent();
    expect(client.session.abort('internal')).toBe(false);
    expect(client.takeSent().length).toBe(0);
  });
});

describe('the end of the transport', () => {
  it('is a truncation in the handshake, which says what was awaited', () => {
    expect(() => client.session.receiveEnd()).toThrow('before its ServerHello');
    expect(() => server.session.receiveEnd()).toThrow(truncated);
  });

  it('is a truncation between two records and within one', () => {
    settle({ client, server });
    client.session.write(Buffer.from('all of it'));
    server.session.receive(client.takeSent());
    expect(() => server.session.receiveEnd()).toThrow(truncated);
    expect(server.ended).toBe(false);
    server.session.write(Buffer.from('not all of it'));
    client.session.receive(server.takeSent().subarray(0, 10));
    expect(() => client.session.receiveEnd()).toThrow('within a record');
  });

  it('is nothing new after CLOSE, and the other direction goes on', () => {
    settle({ client, server });
    client.session.write(Buffer.from('all of it'));
    client.session.close();
    server.session.receive(client.takeSent());
    expect(() => server.session.receiveEnd()).not.toThrow();
    expect([Buffer.concat(server.data).toString(), server.ended]).toEqual(['all of it', true]);
    server.session.write(Buffer.from('an answer'));
    client.session.receive(server.takeSent());
    expect(Buffer.concat(client.data).toString()).toBe('an answer');
  });

  it('is a truncation behind half a record after CLOSE, which may not come either', () => {
    settle({ client, server });
    client.session.close();
    server.session.receive(client.takeSent());
    expect(() => server.session.receive(Buffer.of(0x10, 0, 0, 17))).toThrow(
      expect.objectContaining({ code: 'PQ_ERR_UNEXPECTED_MESSAGE' }),
    );
  });
});

describe('a session', () => {
  it('tells the key log the first secrets when it opens, the same on both sides', () => {
    settle({ client, server });
    const hex = (side: Side) =>
      side.keylog.map(
        ({ sender, generation, secret }) => `${sender} ${generation} ${Buffer.from(secret).toString('hex')}`,
      );
    expect(client.keylog.length).toBe(2);
    expect(hex(client).sort()).toEqual(hex(server).sort());
  });

  it('passes on what its connection asks to be woken for, and wakes it', () => {
    settle({ client, server });
    for (const now of [1000, 2000]) {
      clock.now = now;
      client.session.write(Buffer.from('x'));
      settle({ client, server });
    }
    expect(server.wakes).toEqual([9000]);
    server.session.wake();
    settle({ client, server });
    expect(client.keylog.length).toBe(2 + 4);
  });

  it('is not woken before it is open, nor after its end', () => {
    expect(() => server.session.wake()).not.toThrow();
    settle({ client, server });
    server.session.dispose();
    expect(() => server.session.wake()).not.toThrow();
  });

  it.each(WAYS)('tells that a client has proven its key when its signature is right, and not before: $way', (way) => {
    for (const isRight of [true, false]) {
      ({ client, server } = hardenedSides(identities, { clock, primitives: way.primitives }));
      const flight = clientFlight();
      server.session.receive(isRight ? flight : changedAtEnd(flight));
      server.doWork();
      expect([server.proofs, server.session.waiting]).toEqual([0, true]);
      if (isRight) settle({ client, server });
      else expect(() => server.doWork()).toThrow(unproven);
      expect([server.proofs, client.proofs, server.opened !== undefined]).toEqual([Number(isRight), 0, isRight]);
    }
  });

  it.each(WAYS)('is open on no side whose peer has shown another MAC: $way', ({ primitives }) => {
    for (const deceived of ['client', 'server']) {
      ({ client, server } = hardenedSides(identities, { clock, primitives }));
      server.session.receive(clientFlight());
      for (let i = 0; i < 3; i += 1) server.doWork();
      const answer = server.takeSent();
      client.session.receive(deceived === 'client' ? changedAtEnd(answer) : answer);
      if (deceived === 'client') expect(() => client.doWork()).toThrow(unproven);
      else client.doWork();
      const confirmation = client.takeSent();
      expect([confirmation.length, client.opened !== undefined]).toEqual(
        deceived === 'client' ? [0, false] : [68, true],
      );
      if (deceived === 'server') {
        expect(() => server.session.receive(changedAtEnd(confirmation))).toThrow(unproven);
      }
      expect(server.opened).toBeUndefined();
    }
  });

  it.each(WAYS)('keeps what an open connection needs, and nothing of the handshake: $way', ({ primitives }) => {
    ({ client, server } = hardenedSides(identities, { clock, primitives }));
    const made = secretsMade(() => settle({ client, server }));
    // On each side: two traffic secrets with their keys, and the master secret.
    expect(lengthsAlive(made)).toEqual([...Array(4).fill(44), ...Array(6).fill(64)]);
    client.session.dispose();
    server.session.abort('internal');
    expect(lengthsAlive(made)).toEqual([]);
  });

  it.each(WAYS)('wipes everything when it ends in the handshake, wherever that is: $way', ({ primitives }) => {
    for (let steps = 0; steps < 8; steps += 1) {
      ({ client, server } = hardenedSides(identities, { clock, primitives }));
      const made = secretsMade(() => {
        for (let i = 0; i < steps; i += 1) {
          client.session.receive(server.takeSent());
          client.doWork();
          server.session.receive(client.takeSent());
          server.doWork();
        }
        for (const side of [client, server]) {
          if (side.work?.kind === 'operation') side.work.operation.discard();
          side.session.dispose();
        }
      });
      expect(lengthsAlive(made)).toEqual([]);
    }
  });

  it.each([
    [WAYS[0], [64, 64, 64, 108, 108]], // both MACs, the master secret, and two traffic secrets with their keys
    [WAYS[1], [64, 64, 64]], // hs and the keys of both MACs
  ])('wipes the KEM’s secrets once it has decapsulated, and the rest at an end before mac_s: %o', (way, alive) => {
    ({ client, server } = hardenedSides(identities, { clock, primitives: way.primitives }));
    let flight: Uint8Array = Buffer.alloc(0);
    const made = secretsMade(() => {
      flight = clientFlight();
    });
    expect(lengthsAlive(made)).toEqual([3168]);
    server.session.receive(flight);
    for (let i = 0; i < 3; i += 1) server.doWork();
    const answer = server.takeSent();
    const later = secretsMade(() => {
      client.session.receive(answer.subarray(0, -1)); // all but the end of ServerFinished
      client.doWork();
      expect(client.steps.at(-1)?.step).toBe(14);
    });
    expect(lengthsAlive([...made, ...later])).toEqual(alive);
    client.session.dispose();
    expect(lengthsAlive([...made, ...later])).toEqual([]);
  });

  it('ignores bytes and ends that come after its own', () => {
    settle({ client, server });
    client.session.write(Buffer.from('late'));
    server.session.dispose();
    expect(() => server.session.receive(client.takeSent())).not.toThrow();
    expect(() => server.session.receiveEnd()).not.toThrow();
    expect([server.data, server.ended]).toEqual([[], false]);
  });
});

describe('data for which there is no space', () => {
  it('is held, with the end behind it, until there is some', () => {
    settle({ client, server });
    for (const word of ['held ', 'back']) server.session.write(Buffer.from(word));
    server.session.close();
    client.hasSpace = false;
    client.session.receive(server.takeSent());
    client.session.receiveEnd();
    expect(client.session.held).toBe(true);
    expect([client.data, client.ended]).toEqual([[], false]);
    client.hasSpace = true;
    client.session.proceed();
    expect(client.session.held).toBe(false);
    expect([Buffer.concat(client.data).toString(), client.ended]).toEqual(['held back', true]);
  });

  it('may be held in memory that was only lent', () => {
    settle({ client, server });
    server.session.write(Buffer.from('held back'));
    const chunk = server.takeSent();
    client.hasSpace = false;
    client.session.lend(chunk);
    client.session.settle();
    chunk.fill(0);
    client.hasSpace = true;
    client.session.proceed();
    expect(Buffer.concat(client.data).toString()).toBe('held back');
  });
});
