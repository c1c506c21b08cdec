/** REKEY that comes too soon, or crosses a CLOSE. */
import { Kem } from '../../lib/oqs.js';
import type { Frame } from '../../lib/wire/frame-decoder.js';
import { type ChannelPair, type End, handled } from '../support/channels.js';
import { due, expectOpen, expectSameKeys, rekeyByHand } from '../support/rekeys.js';
import { lengthsAlive, secretsMade } from '../support/secrets-made.js';

const wrong = expect.objectContaining({ code: 'PQ_ERR_REKEY' });
const kem = new Kem('Kyber1024');

describe('a REKEY that comes too soon', () => {
  /** A server that has just finished one, and the time of that. */
  function finished(): { pair: ChannelPair; server: End; client: End } {
    const pair = due();
    pair.client.write('x');
    pair.settle();
    pair.clock.now = 4000;
    return { pair, server: pair.server, client: pair.client };
  }

  it('is answered when ten seconds are over, and everything else goes on meanwhile', () => {
    const { pair, server, client } = finished();
    client.write('y');
    pair.settle();
    expect(server.text).toBe('xy');
    expect(server.wakes).toEqual([7000]); // the last REKEY_DONE came at 1000
    expectOpen(pair);
    expectSameKeys(pair, { client: 1, server: 1 });
    pair.clock.now = 11_000;
    server.wake();
    pair.settle();
    expectSameKeys(pair, { client: 2, server: 2 });
    expectOpen(pair);
  });

  it('is answered once, however often it is woken', () => {
    const { pair, server, client } = finished();
    client.write('y');
    server.receive(...client.take());
    for (let i = 0; i < 3; i += 1) server.wake();
    expect(server.sent.length).toBe(1);
    pair.settle();
    expectSameKeys(pair, { client: 2, server: 2 });
  });

  it('is not too soon ten seconds after the last, nor as the first of a connection', () => {
    const { pair, server, client } = finished();
    pair.clock.now = 11_000;
    client.write('y');
    pair.settle();
    expect(server.wakes).toEqual([]);
    expectSameKeys(pair, { client: 2, server: 2 });
  });

  it('is too soon by a millisecond', () => {
    const { pair, server, client } = finished();
    pair.clock.now = 10_999;
    client.write('y');
    pair.settle();
    expect(server.wakes).toEqual([1]);
    expectSameKeys(pair, { client: 1, server: 1 });
  });

  it('is not answered by a server that has sent CLOSE meanwhile', () => {
    const { pair, server, client } = finished();
    client.write('y');
    server.receive(...client.take());
    server.close();
    server.wake();
    expect(server.sent.length).toBe(1);
    pair.settle();
    client.write('still open');
    pair.settle();
    expect(server.text).toBe('xystill open');
  });

  it('is not answered to a client that has sent CLOSE meanwhile', () => {
    const { pair, server, client } = finished();
    client.write('y');
    client.close();
    server.receive(...client.take());
    server.wake();
    expect(server.sent).toEqual([]);
    server.write('still open');
    pair.settle();
    expect(client.text).toBe('still open');
  });

  it('is refused when it is asked for twice', () => {
    const { end, peer, clock } = handled('server');
    const { publicKey } = kem.keypairSync();
    rekeyByHand(end, peer);
    clock.now = 1;
    end.receive(peer.seal('REKEY_INIT', publicKey));
    expect(end.wakes).toEqual([9999]);
    expect(() => end.receive(peer.seal('REKEY_INIT', publicKey))).toThrow(wrong);
  });

  it('is refused when it is confirmed before it is answered', () => {
    const { end, peer } = handled('server');
    rekeyByHand(end, peer);
    end.receive(peer.seal('REKEY_INIT', kem.keypairSync().publicKey));
    expect(() => end.receive(peer.seal('REKEY_DONE'))).toThrow(wrong);
  });
});

describe('REKEY and CLOSE that cross:', () => {
  it('a server that has sent CLOSE drops the request, and the client forgets it', () => {
    const pair = due();
    const { client, server } = pair;
    client.write('a');
    server.close();
    const made = secretsMade(() => {
      server.receive(...client.take());
      client.receive(...server.take());
    });
    expect(made).toEqual([]);
    expect([server.sent, client.sent]).toEqual([[], []]);
    pair.clock.now = 1e9;
    client.write('b'); // and asks for no other: a new key of its own is all that there is
    expect(client.sent.length).toBe(2);
    pair.settle();
    expect(server.text).toBe('ab');
    expect([client.secretsOf('client').length, client.secretsOf('server').length]).toEqual([2, 1]);
  });

  it('a client erases its KEM key when it takes CLOSE', () => {
    const pair = due();
    const made = secretsMade(() => pair.client.write('a'));
    expect(lengthsAlive(made)).toEqual([3168]);
    pair.server.close();
    pair.client.receive(...pair.server.take());
    expect(lengthsAlive(made)).toEqual([]);
  });

  it('a server that has sent CLOSE still checks what it drops', () => {
    const { end, peer } = handled('server');
    end.close();
    end.receive(peer.seal('REKEY_INIT', kem.keypairSync().publicKey));
    end.receive(peer.seal('REKEY_INIT', kem.keypairSync().publicKey)); // the state is idle, so that it may
    expect(() => end.receive(peer.seal('REKEY_INIT', Buffer.alloc(1568, 0xff)))).toThrow(wrong);
    expect(() => end.receive(peer.seal('REKEY_INIT', Buffer.alloc(1567)))).toThrow(wrong);
  });

  it('a server that has answered and then takes CLOSE forgets the client’s next secret', () => {
    const pair = due();
    const { client, server } = pair;
    client.write('a');
    client.close();
    const [init, ...rest] = client.take() as [Frame, ...Frame[]];
    const made = secretsMade(() => server.receive(init));
    expect(lengthsAlive(made)).toEqual([44, 64, 64, 64, 64]); // s' and its key, c', rk_1 and the exporter's
    server.receive(...rest);
    expect(lengthsAlive(made)).toEqual([44, 64, 64, 64]);
    expect(server.ended).toBe(true);
    expect(server.secretsOf('client').length).toBe(1);
  });

  it('a client that has sent CLOSE takes the answer, and confirms nothing', () => {
    const pair = due();
    const { client, server } = pair;
    client.write('a');
    client.close();
    server.receive(...client.take());
    server.write('under the new key');
    const made = secretsMade(() => client.receive(...server.take()));
    expect(client.sent).toEqual([]);
    expect(client.text).toBe('under the new key');
    expect(client.secretsOf('server')).toEqual(server.secretsOf('server'));
    expect(client.secretsOf('client').length).toBe(1);
    expect(lengthsAlive(made)).toEqual([44, 64, 64, 64]); // s' and its key, rk_1 and the exporter's, and no c'
  });

  it('a client that has sent CLOSE takes no answer as well', () => {
    const pair = due();
    const { client, server } = pair;
    client.write('a');
    client.close();
    server.close();
    pair.settle();
    expect([client.ended, server.ended]).toEqual([true, true]);
    expect(client.secretsOf('server').length).toBe(1);
  });

  it('a server that has answered and then sent CLOSE still takes the confirmation', () => {
    const pair = due();
    const { client, server } = pair;
    client.write('a');
    server.receive(...client.take());
    server.close();
    const [answer, close] = server.take() as [Frame, Frame];
    client.receive(answer);
    client.write('under the new key');
    server.receive(...client.take());
    expect(server.text).toBe('aunder the new key');
    client.receive(close);
    client.write(', still');
    server.receive(...client.take());
    expect(server.text).toBe('aunder the new key, still');
    expectSameKeys(pair, { client: 1, server: 1 });
  });

  it('a client asks for none after its own CLOSE or the peer’s', () => {
    const { end, peer, clock } = handled('client', { limits: { rekeyInterval: 1 } });
    end.receive(peer.seal('CLOSE'));
    clock.now = 1e9;
    end.write('x');
    expect(peer.open(...end.take()).map(({ type }) => type)).toEqual(['KEY_UPDATE', 'DATA']);
  });
});
