/** The members that the ecosystem calls, over a transport in memory and over a real net.Socket. */
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net';
import { type Duplex, PassThrough } from 'node:stream';
import { SocketLike } from '../../lib/net/socket-like.js';

type Callback = (error?: Error | null) => void;

/** A socket that hands on what it is told: the smallest subclass. */
class PlainSocket extends SocketLike {
  readonly #under: Duplex;
  opening = true;
  authorized = false;

  constructor(transport: Duplex, options: { alpnProtocol?: string; servername?: string } = {}) {
    super(transport, { allowHalfOpen: false, alpnProtocol: false, ...options });
    this.#under = transport;
    transport.on('data', (chunk: Buffer) => {
      this.touch();
      this.plaintextRead += chunk.length;
      this.push(chunk);
    });
  }

  get connecting(): boolean {
    return this.opening && !this.destroyed;
  }

  open(): void {
    this.opening = false;
    this.emit('connect');
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.touch();
    const written = () => this.#under.write(chunk, (error) => this.#written(chunk.length, callback, error));
    if (this.opening) this.once('connect', written);
    else written();
  }

  #written(length: number, callback: Callback, error: Error | null | undefined): void {
    this.plaintextWritten += length;
    callback(error);
  }
}

/** Two ends of a TCP connection, ours as transport. */
async function tcpPair(): Promise<{ near: Socket; far: Socket; close: () => void }> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connectTcp((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  if (near.connecting) await once(near, 'connect');
  const close = () => {
    near.destroy();
    far.destroy();
    server.close();
  };
  return { near, far, close };
}

const memory = () => new PassThrough();

describe('the state', () => {
  it('goes from opening over open and writeOnly to closed, as net.Socket’s', async () => {
    const socket = new PlainSocket(memory());
    expect([socket.readyState, socket.pending]).toEqual(['opening', true]);
    socket.open();
    expect([socket.readyState, socket.pending]).toEqual(['open', false]);
    socket.allowHalfOpen = true;
    socket.push(null);
    socket.resume();
    await once(socket, 'end');
    expect(socket.readyState).toBe('writeOnly');
    socket.destroy();
    expect([socket.readyState, socket.pending]).toEqual(['closed', true]);
  });

  it('is readOnly when our side has ended', async () => {
    const socket = new PlainSocket(memory());
    socket.open();
    socket.end();
    expect(socket.readyState).toBe('readOnly');
    socket.destroy();
  });

  it('says of itself what tls.TLSSocket would', () => {
    const socket = new PlainSocket(memory(), { alpnProtocol: 'h2', servername: 'name' });
    expect(socket).toMatchObject({ encrypted: true, authorizationError: null, alpnProtocol: 'h2', servername: 'name' });
    expect(socket.getPeerCertificate()).toEqual({});
    expect(socket.getSession()).toBeUndefined();
    expect(socket.isSessionReused()).toBe(false);
    expect(new PlainSocket(memory()).alpnProtocol).toBe(false);
  });

  it('lets itself be told to connect, and does nothing', () => {
    const transport = memory();
    const socket = new PlainSocket(transport);
    expect(socket.connect(5432, 'localhost')).toBe(socket);
    expect(socket.connecting).toBe(true);
  });

  it('refuses what is no Duplex', () => {
    expect(() => new PlainSocket({} as Duplex)).toThrow(expect.objectContaining({ code: 'PQ_ERR_INVALID_ARGUMENT' }));
  });
});

describe('the timeout', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
  afterEach(() => void jest.useRealTimers());

  function timed(): { socket: PlainSocket; transport: PassThrough; expired: jest.Mock } {
    const transport = memory();
    const socket = new PlainSocket(transport);
    const expired = jest.fn();
    socket.on('timeout', expired);
    return { socket, transport, expired };
  }

  it('comes once after that long without traffic, and leaves the socket open', () => {
    const { socket, expired } = timed();
    expect(socket.timeout).toBeUndefined();
    expect(socket.setTimeout(100)).toBe(socket);
    expect(socket.timeout).toBe(100);
    jest.advanceTimersByTime(99);
    expect(expired).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1000);
    expect(expired).toHaveBeenCalledTimes(1);
    expect(socket.destroyed).toBe(false);
  });

  it('begins anew with traffic, before it has come and afterwards', async () => {
    const { socket, expired } = timed();
    const write = () => new Promise((resolve) => void socket.write('x', resolve));
    socket.open();
    socket.setTimeout(100);
    for (let i = 0; i < 5; i += 1) {
      jest.advanceTimersByTime(60);
      await write();
    }
    expect(expired).not.toHaveBeenCalled();
    jest.advanceTimersByTime(100);
    expect(expired).toHaveBeenCalledTimes(1);
    await write();
    jest.advanceTimersByTime(100);
    expect(expired).toHaveBeenCalledTimes(2);
  });

  it('begins anew when the transport has taken what was written', () => {
    const { socket, transport, expired } = timed();
    socket.setTimeout(100);
    jest.advanceTimersByTime(60);
    transport.emit('drain');
    jest.advanceTimersByTime(60);
    expect(expired).not.toHaveBeenCalled();
  });

  it('calls its callback once only, and no longer after setTimeout(0, callback)', () => {
    const { socket } = timed();
    const [called, never] = [jest.fn(), jest.fn()];
    socket.setTimeout(100, called).setTimeout(100, never).setTimeout(0, never);
    jest.advanceTimersByTime(1000);
    expect(called).not.toHaveBeenCalled();
    socket.setTimeout(50);
    jest.advanceTimersByTime(50);
    socket.setTimeout(50);
    jest.advanceTimersByTime(50);
    expect(called).toHaveBeenCalledTimes(1);
    expect(never).not.toHaveBeenCalled();
  });

  it('can be longer than what timers take', () => {
    const { socket, expired } = timed();
    socket.setTimeout(2 ** 40);
    jest.advanceTimersByTime(1000);
    expect(expired).not.toHaveBeenCalled();
    expect(socket.timeout).toBe(2 ** 40);
  });

  it('is off with 0 and after the end', () => {
    const { socket, expired } = timed();
    socket.setTimeout(100).setTimeout(0);
    expect(jest.getTimerCount()).toBe(0);
    socket.setTimeout(100);
    socket.destroy();
    expect(jest.getTimerCount()).toBe(0);
    socket.setTimeout(100);
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(1000);
    expect(expired).not.toHaveBeenCalled();
  });

  it('keeps no process alive', () => {
    jest.useRealTimers();
    const { socket } = timed();
    const timers = jest.spyOn(globalThis, 'setTimeout');
    socket.setTimeout(100);
    const [timer] = timers.mock.results.map(({ value }) => value as NodeJS.Timeout);
    timers.mockRestore();
    expect(timer?.hasRef()).toBe(false);
    socket.destroy();
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5', undefined])('can’t be %p', (milliseconds) => {
    const { socket } = timed();
    const invalid = expect.objectContaining({ code: 'PQ_ERR_INVALID_ARGUMENT' });
    expect(() => socket.setTimeout(milliseconds as number)).toThrow(invalid);
    expect(() => socket.setTimeout(5, 'callback' as never)).toThrow(invalid);
    expect(socket.timeout).toBeUndefined();
  });
});

describe('the counters', () => {
  it('count the data, and that which waits to be written', async () => {
    const transport = memory();
    const socket = new PlainSocket(transport);
    socket.write('four');
    socket.write('fünf');
    expect(socket.bytesWritten).toBe(9);
    socket.open();
    await once(socket.resume(), 'data');
    expect(socket.bytesWritten).toBe(9);
    expect(socket.bytesRead).toBeGreaterThan(0);
    socket.destroy();
    await once(socket, 'close');
    expect(socket.bytesWritten).toBe(9);
  });
});

describe('destroySoon', () => {
  it('lets what was written go out first', async () => {
    const transport = memory();
    const socket = new PlainSocket(transport);
    const [closed, received] = [once(socket, 'close'), once(transport, 'data')];
    socket.write('all');
    socket.destroySoon();
    await new Promise(setImmediate);
    expect(socket.destroyed).toBe(false);
    socket.open();
    await closed;
    expect(String((await received)[0])).toBe('all');
    expect(socket.errored).toBeNull();
  });
});

describe('over a transport that is no net.Socket', () => {
  it('has no addresses, and passes over what the transport lacks', () => {
    const socket = new PlainSocket(memory());
    expect(socket.address()).toEqual({});
    const { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily } = socket;
    const all = [localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily];
    expect(all).toEqual(Array(6).fill(undefined));
    expect(socket.setNoDelay().setKeepAlive(true, 1000).ref().unref()).toBe(socket);
  });
});

describe('over a net.Socket', () => {
  it('has its addresses, and remembers the peer’s', async () => {
    const { near, close } = await tcpPair();
    const socket = new PlainSocket(near);
    expect(socket.address()).toEqual(near.address());
    const local = { localAddress: '127.0.0.1', localPort: near.localPort, localFamily: 'IPv4' };
    const remote = { remoteAddress: '127.0.0.1', remotePort: near.remotePort, remoteFamily: 'IPv4' };
    expect(socket).toMatchObject({ ...local, ...remote });
    close();
    await once(near, 'close');
    expect(socket).toMatchObject(remote);
    expect(socket.localAddress).toBeUndefined();
    expect(socket.address()).toEqual({});
  });

  it('learns the peer’s address when the transport has connected, and tells of the lookup', async () => {
    const server = createTcpServer((far) => void far.resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const near = connectTcp(port, 'localhost');
    const socket = new PlainSocket(near);
    const lookup = once(socket, 'lookup');
    expect(socket.remoteAddress).toBeUndefined();
    await once(near, 'connect');
    expect((await lookup)[3]).toBe('localhost');
    near.destroy();
    await once(near, 'close');
    expect(socket.remotePort).toBe(port);
    server.close();
  });

  it('passes setNoDelay, setKeepAlive, ref and unref on', async () => {
    const { near, close } = await tcpPair();
    const socket = new PlainSocket(near);
    const names = ['setNoDelay', 'setKeepAlive', 'ref', 'unref'] as const;
    const spies = names.map((name) => jest.spyOn(near, name));
    expect(socket.setNoDelay(false).setKeepAlive(true, 5000).unref().ref()).toBe(socket);
    expect(spies.map(({ mock }) => mock.calls)).toEqual([[[false]], [[true, 5000]], [[]], [[]]]);
    close();
  });

  it('times out as net.Socket does while the peer is silent', async () => {
    const { near, far, close } = await tcpPair();
    const socket = new PlainSocket(near);
    socket.open();
    const began = performance.now();
    // The process must be kept alive by something: the timer doesn't.
    const kept = setTimeout(() => {}, 5000);
    await new Promise<void>((resolve) => void socket.setTimeout(30, resolve));
    expect(performance.now() - began).toBeGreaterThan(25);
    clearTimeout(kept);
    far.destroy();
    close();
  });
});
