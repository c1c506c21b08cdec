/** Handshakes of two honest sides that somebody on the way mixes with others, sends again, or sends back, over TCP. */
import { once } from 'node:events';
import { Identity } from '../../lib/index.js';
import { Sig } from '../../lib/oqs.js';
import { fateOf } from '../net/fate.js';
import { ANSWER, AttackedPair, FLIGHT, NO_DATA, namesOf, spentBy, WHOLE } from '../support/attacked-pair.js';
import { FRAMES, type FrameName, frame } from '../support/hardened-script.js';
import { type Attack, inPlaceOf, type Link } from '../support/hostile-proxy.js';
import { type ClientOptions, type Identities, identities } from '../support/pair.js';
import { clientHelloBody, serverHelloBody, serverHelloFields } from '../support/script-hello.js';
import { spentDuring } from '../support/script-pair.js';
import { EMPTY, sha512 } from '../support/script-records.js';

const dilithium = new Sig('Dilithium5');
const eveKeys = dilithium.keypairSync();
const eve = Identity.from(eveKeys);

let both: Identities;
let pair: AttackedPair;
/** The frames of a whole connection of these two. */
let recorded: Link['sent'];
beforeAll(async () => {
  both = await identities();
  pair = await AttackedPair.listen(both, { trust: [both.client.fingerprint, eve.fingerprint] });
  await pair.run({});
  recorded = pair.link.sent;
});
afterAll(() => pair.close());

/** Two sides that a test sets up in another way. */
let other: AttackedPair | undefined;
afterEach(async () => {
  await other?.close();
  other = undefined;
});

/** What both sides say of a handshake that one of them refuses. */
const CLIENT_REFUSES = {
  client: 'PQ_ERR_AUTH_FAILED',
  server: 'alert auth_failed',
  alerts: ['client: auth_failed'],
  got: NO_DATA,
};
const SERVER_REFUSES = {
  client: 'alert auth_failed',
  server: 'PQ_ERR_AUTH_FAILED',
  alerts: ['server: auth_failed'],
  got: NO_DATA,
};
const UNVERIFIED = spentBy({ client: FLIGHT, server: { verify: 1 } });

it('two honest sides notice nothing of somebody who changes nothing', async () => {
  const got = { client: 'server', server: 'client' };
  const spent = spentBy({ client: WHOLE, server: ANSWER });
  expect(await pair.run({})).toEqual({ client: 'end', server: 'end', got, alerts: [], spent });
});

/** Her signature is counted, too. */
const FLIGHT_AND_EVE = { ...FLIGHT, sign: 2 };

function withKey(hello: Buffer, { publicKey }: Identity): Buffer {
  const keys = [{ sigalg: 1, pk: Buffer.from(publicKey) }];
  return frame('ServerHello', serverHelloBody({ ...serverHelloFields(hello.subarray(4)), keys }));
}

describe('somebody in the middle with keys of their own (attack 1)', () => {
  const refused = { ...CLIENT_REFUSES, client: 'PQ_ERR_UNTRUSTED', spent: spentBy({}) };

  it('who shows theirs for the server’s is told nothing by a client that has pinned it', async () => {
    const attack = inPlaceOf('ServerHello', (hello) => [withKey(hello, eve)]);
    expect(await pair.run({ attack })).toEqual(refused);
    expect(namesOf(pair.link.sent.client)).toEqual(['Alert']);
  });

  it('who is a server themselves is told nothing, either', async () => {
    other = await AttackedPair.listen({ server: eve, client: both.client }, { trust: 'any' });
    expect(await other.run({}, { trust: both.server.fingerprint })).toEqual(refused);
    expect(namesOf(other.link.sent.client)).toEqual(['Alert']);
  });

  it('who shows theirs for the client’s, with a right signature, costs a server that has pinned it nothing', async () => {
    other = await AttackedPair.listen(both);
    const spent = spentBy({ client: FLIGHT_AND_EVE });
    const refused = { ...SERVER_REFUSES, server: 'PQ_ERR_UNTRUSTED', spent };
    expect(await other.run({ attack: signedBy(eve) })).toEqual(refused);
  });

  it('who shows theirs to a server that accepts it gets an answer that the client refuses', async () => {
    const spent = spentBy({ client: { ...FLIGHT_AND_EVE, verify: 1 }, server: ANSWER });
    expect(await pair.run({ attack: signedBy(eve) })).toEqual({ ...CLIENT_REFUSES, spent });
  });

  it('whom the client trusts can’t pass its flight on to another server (attack 2)', async () => {
    const attack = inPlaceOf('ServerHello', (hello) => [withKey(hello, eve)]);
    expect(await pair.run({ attack }, { trust: eve.fingerprint })).toEqual({ ...SERVER_REFUSES, spent: UNVERIFIED });
  });
});

/** Puts a key into ClientHello, and Eve’s signature, which is right for her key, under the flight. */
function signedBy({ publicKey }: Identity): Attack {
  const transcript: Buffer[] = [Buffer.from('pqsock1 transcript\0\0')];
  return ({ type, bytes }) => {
    let passed = bytes;
    if (type === FRAMES.ClientHello) passed = helloWithKey(bytes, Buffer.from(publicKey));
    if (type === FRAMES.ClientAuth) {
      const message = [Buffer.alloc(64, 0x20), Buffer.from('pqsock1 client auth\0'), sha512(...transcript)];
      passed = frame('ClientAuth', dilithium.signSync(Buffer.concat(message), eveKeys.secretKey));
    }
    transcript.push(passed);
    return [passed];
  };
}

function helloWithKey(hello: Buffer, key: Buffer): Buffer {
  const random = hello.subarray(7, 39);
  return frame('ClientHello', clientHelloBody({ version: 1, suite: 1, random, mode: 0, key, extensions: EMPTY }));
}

/** Puts frames of the recording in the places of those of the same types. */
function replaying(...names: FrameName[]): Attack {
  const frames = [...recorded.client, ...recorded.server];
  return ({ type }) => {
    if (!names.some((name) => FRAMES[name] === type)) return undefined;
    return frames.filter((bytes) => bytes[0] === type);
  };
}

describe('a client that gets what a server has sent to it before (attack 3)', () => {
  const verified = spentBy({ client: { ...FLIGHT, verify: 1 }, server: ANSWER });

  it.each<[FrameName[]]>([
    [['ServerKem']],
    [['ServerAuth']],
    [['ServerKem', 'ServerAuth']],
    [['ServerAuth', 'ServerFinished']],
    [['ServerKem', 'ServerFinished']],
    [['ServerKem', 'ServerAuth', 'ServerFinished']],
  ])('finds the signature wrong after %j, and computes no secret', async (names) => {
    expect(await pair.run({ attack: replaying(...names) })).toEqual({ ...CLIENT_REFUSES, spent: verified });
  });

  it('finds the MAC wrong after ServerFinished', async () => {
    const spent = spentBy({ client: WHOLE, server: ANSWER });
    expect(await pair.run({ attack: replaying('ServerFinished') })).toEqual({ ...CLIENT_REFUSES, spent });
  });

  it('finds the signature wrong after all of it, ServerHello and data too, and a server that is asked nothing', async () => {
    const [hello, ...rest] = recorded.server;
    const attack: Attack = ({ to, type, bytes }, link) => {
      if (to === 'client') return type === FRAMES.ServerHello ? [hello as Buffer] : [];
      if (type === FRAMES.ClientAuth) link.send('client', ...rest);
      return type === FRAMES.Alert ? [bytes] : [];
    };
    const spent = spentBy({ client: { ...FLIGHT, verify: 1 } });
    expect(await pair.run({ attack })).toEqual({ ...CLIENT_REFUSES, spent });
  });
});

describe('a server that gets what a client has sent to it before (attack 3)', () => {
  it.each<[FrameName[]]>([
    [['ClientHello']],
    [['ClientKem']],
    [['ClientAuth']],
    [['ClientHello', 'ClientKem']],
    [['ClientKem', 'ClientAuth']],
    [['ClientHello', 'ClientKem', 'ClientAuth']],
    [['ClientHello', 'ClientKem', 'ClientAuth', 'ClientFinished']],
  ])('finds the signature wrong after %j, and signs nothing', async (names) => {
    expect(await pair.run({ attack: replaying(...names) })).toEqual({ ...SERVER_REFUSES, spent: UNVERIFIED });
  });

  it('finds the MAC wrong after ClientFinished, and takes no data', async () => {
    const spent = spentBy({ client: WHOLE, server: ANSWER });
    expect(await pair.run({ attack: replaying('ClientFinished') })).toEqual({ ...SERVER_REFUSES, spent });
  });

  it('finds the signature wrong when all of it comes at once, with the data, whatever the client does', async () => {
    const attack: Attack = ({ to, type }) => {
      if (to === 'client') return undefined;
      return type === FRAMES.ClientHello ? recorded.client : [];
    };
    expect(await pair.run({ attack })).toEqual({ ...SERVER_REFUSES, spent: UNVERIFIED });
  });

  it('shows the client that it was sent to no sign of itself when its ServerHello is sent again, too', async () => {
    const attack: Attack = ({ to, type }) => {
      if (type === FRAMES.ServerHello) return [recorded.server[0] as Buffer];
      if (to === 'client') return undefined;
      return type === FRAMES.ClientHello ? recorded.client : [];
    };
    expect(await pair.run({ attack })).toEqual({ ...SERVER_REFUSES, spent: UNVERIFIED });
  });
});

describe('a side that gets its own messages back (attack 4)', () => {
  const unexpected = (by: 'client' | 'server') => ({
    ...(by === 'client' ? CLIENT_REFUSES : SERVER_REFUSES),
    [by]: 'PQ_ERR_UNEXPECTED_MESSAGE',
    [by === 'client' ? 'server' : 'client']: 'alert unexpected_message',
    alerts: [`${by}: unexpected_message`],
  });
  /** Sends a side its own frames, changed, and nothing of them to the other side. */
  const reflecting = (from: 'client' | 'server', change: (bytes: Buffer, type: number) => Buffer[]): Attack => {
    return ({ to, type, bytes }, link) => {
      if (to === from || type === FRAMES.Alert || type === FRAMES.ServerHello) return undefined;
      link.send(from, ...change(bytes, type));
      return [];
    };
  };
  /** kem_pk as kem_ct, and the client’s signature as the server’s. */
  const asServer = (bytes: Buffer, type: number): Buffer[] => {
    if (type === FRAMES.ClientKem) return [frame('ServerKem', bytes.subarray(4))];
    if (type === FRAMES.ClientAuth) return [frame('ServerAuth', Buffer.concat([Buffer.alloc(1), bytes.subarray(4)]))];
    return [];
  };

  it('a client refuses its flight', async () => {
    const attack = reflecting('client', (bytes) => [bytes]);
    expect(await pair.run({ attack })).toEqual({ ...unexpected('client'), spent: spentBy({ client: FLIGHT }) });
  });

  it('a client refuses its flight with the types of a server', async () => {
    const spent = spentBy({ client: { ...FLIGHT, verify: 1 } });
    expect(await pair.run({ attack: reflecting('client', asServer) })).toEqual({ ...CLIENT_REFUSES, spent });
  });

  it('a client refuses it even if both sides are the same, and may be', async () => {
    const options = { trust: both.server.fingerprint, allowOwnKey: true };
    other = await AttackedPair.listen({ server: both.server, client: both.server }, options);
    const spent = spentBy({ client: { ...FLIGHT, verify: 1 } });
    const refused = { ...CLIENT_REFUSES, spent };
    expect(await other.run({ attack: reflecting('client', asServer) }, { allowOwnKey: true })).toEqual(refused);
    expect(await other.run({}, { allowOwnKey: true })).toMatchObject({ client: 'end', server: 'end' });
  });

  it('a server refuses its ServerHello', async () => {
    const attack = inPlaceOf('ServerHello', (hello, link) => {
      link.send('server', hello);
      return [];
    });
    const ends = { client: 'PQ_ERR_TRUNCATED', server: 'PQ_ERR_UNEXPECTED_MESSAGE' };
    expect(await pair.run({ attack })).toEqual({ ...ends, alerts: [], got: NO_DATA, spent: spentBy({}) });
  });

  it('a server refuses its flight', async () => {
    const attack = reflecting('server', (bytes) => [bytes]);
    const spent = spentBy({ client: FLIGHT, server: ANSWER });
    expect(await pair.run({ attack })).toEqual({ ...unexpected('server'), spent });
  });

  it('a server refuses its MAC with the type of a client’s', async () => {
    const attack = reflecting('server', (bytes, type) =>
      type === FRAMES.ServerFinished ? [frame('ClientFinished', bytes.subarray(4))] : [],
    );
    const spent = spentBy({ client: FLIGHT, server: ANSWER });
    expect(await pair.run({ attack })).toEqual({ ...SERVER_REFUSES, spent });
  });

  it('a client refuses its own key, and a server its own, for nothing', async () => {
    const toClient = inPlaceOf('ServerHello', (hello) => [withKey(hello, both.client)]);
    const trust = [both.client.fingerprint, both.server.fingerprint];
    const atClient = { ...CLIENT_REFUSES, client: 'PQ_ERR_OWN_KEY', spent: spentBy({}) };
    expect(await pair.run({ attack: toClient }, { trust })).toEqual(atClient);
    const attack = inPlaceOf('ClientHello', (hello) => [helloWithKey(hello, Buffer.from(both.server.publicKey))]);
    const atServer = { ...SERVER_REFUSES, server: 'PQ_ERR_OWN_KEY', spent: spentBy({ client: FLIGHT }) };
    expect(await pair.run({ attack })).toEqual(atServer);
  });
});

describe('a server that trusts two clients takes neither for the other (attack 5)', () => {
  it('when the key of one stands above the signature of the other', async () => {
    const attack = inPlaceOf('ClientHello', (hello) => [helloWithKey(hello, Buffer.from(eve.publicKey))]);
    expect(await pair.run({ attack })).toEqual({ ...SERVER_REFUSES, spent: UNVERIFIED });
  });

  it('when one holds the key of the other above its own signature, which is right', async () => {
    const spent = spentBy({ client: FLIGHT_AND_EVE, server: { verify: 1 } });
    expect(await pair.run({ attack: signedBy(both.client) })).toEqual({ ...SERVER_REFUSES, spent });
  });

  /** Which of two clients each of the three messages comes from. */
  it.each([
    [0, 0, 1],
    [0, 1, 0],
    [0, 1, 1],
    [1, 0, 0],
    [1, 0, 1],
    [1, 1, 0],
  ])('when a flight is put together from theirs, for one ServerHello: %i, %i, %i', async (...picked) => {
    const server = pair.server.server;
    const refusals: string[] = [];
    const refused = (error: Error & { code?: string }) => void refusals.push(error.code as string);
    server.on('clientError', refused);
    const first = pair.proxy.links.length;
    pair.proxy.plan = { attack: splicing(first, picked) };
    const spent = await spentDuring(async () => {
      const options: ClientOptions[] = [{}, { identity: eve }];
      const fates = options.map((each) => fateOf(pair.server.connect({ ...each, port: pair.proxy.port })));
      for (const { error } of await Promise.all(fates)) expect(error).toMatchObject({ alert: 'auth_failed' });
      while (refusals.length < 2) await once(server, 'clientError');
    });
    server.off('clientError', refused);
    expect(refusals).toEqual(['PQ_ERR_AUTH_FAILED', 'PQ_ERR_AUTH_FAILED']);
    expect(spent).toEqual(spentBy({ client: { keypair: 2, sign: 2 }, server: { verify: 2 } }));
  });

  /** Both clients get the first server's ServerHello; that server gets the picked messages, the other one the rest. */
  function splicing(first: number, picked: readonly number[]): Attack {
    const hellos: Link[] = [];
    return ({ type, bytes }, link) => {
      const links = pair.proxy.links.slice(first);
      if (type === FRAMES.ServerHello) {
        hellos.push(link);
        if (hellos.length === 2) for (const each of links) each.send('client', links[0]?.sent.server[0] as Buffer);
        return [];
      }
      if (type !== FRAMES.ClientAuth) return type === FRAMES.Alert ? [bytes] : [];
      const flights = links.map(({ sent }) => sent.client);
      if (flights.some((flight) => flight.length < 3)) return [];
      for (const [i, each] of links.entries()) {
        each.send('server', ...picked.map((from, at) => flights[from ^ i]?.[at] as Buffer));
      }
      return [];
    };
  }
});

describe('sides with different prologues (attack 8)', () => {
  it.each([
    ['none and one', '', 'a'],
    ['one and another', 'a', 'b'],
    ['one and a longer one', 'a', 'aa'],
    ['one of 255 bytes and one of 254', 'a'.repeat(255), 'a'.repeat(254)],
  ])('get no further than a server’s verification: %s', async (...[, one, another]) => {
    for (const prologue of [one, another]) {
      other = await AttackedPair.listen(both, { prologue });
      const theirs = prologue === one ? another : one;
      expect(await other.run({}, { prologue: theirs })).toEqual({ ...SERVER_REFUSES, spent: UNVERIFIED });
      expect(await other.run({}, { prologue })).toMatchObject({ client: 'end', server: 'end' });
      await other.close();
    }
    other = undefined;
  });
});
