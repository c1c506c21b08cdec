/** The PROXY protocol's header: its bytes, and what is none. */
import fc from 'fast-check';
import {
  PROXY_PREFIX_LENGTH,
  PROXY_REST_MAX,
  type ProxiedAddress,
  parseProxyHeader,
  proxyHeader,
  proxyRestLength,
} from '../../../lib/cli/tunnel/proxy-header.js';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const FINGERPRINT = `pqsock1:mldsa87:${'A'.repeat(43)}`;

const v4: ProxiedAddress = {
  family: 'IPv4',
  sourceAddress: '192.0.2.1',
  sourcePort: 50_000,
  destinationAddress: '198.51.100.2',
  destinationPort: 443,
};
const v6: ProxiedAddress = {
  ...v4,
  family: 'IPv6',
  sourceAddress: '2001:db8::1',
  destinationAddress: '2001:db8::ff:2',
};
const V4_BYTES = 'c0000201c6336402c35001bb';
const V6_BYTES = `20010db8${'00'.repeat(11)}0120010db8${'00'.repeat(8)}00ff0002c35001bb`;

const hex = (text: string) => Buffer.from(text, 'hex');
const bytes = (command: string, family: string, rest: string, length = rest.length / 2) =>
  hex(`${SIGNATURE}${command}${family}${length.toString(16).padStart(4, '0')}${rest}`);

function parsed(header: Buffer): ProxiedAddress | undefined {
  const prefix = header.subarray(0, PROXY_PREFIX_LENGTH);
  const rest = header.subarray(PROXY_PREFIX_LENGTH);
  expect(proxyRestLength(prefix)).toBe(rest.length);
  return parseProxyHeader(prefix, rest);
}

describe('a PROXY header', () => {
  it('has the bytes of the standard', () => {
    expect(proxyHeader(v4)).toEqual(bytes('21', '11', V4_BYTES));
    expect(proxyHeader(v6)).toEqual(bytes('21', '21', V6_BYTES));
  });

  it('tells the fingerprint in a member of type 0xe0', () => {
    const member = `e0003b${Buffer.from(FINGERPRINT).toString('hex')}`;
    expect(proxyHeader(v4, FINGERPRINT)).toEqual(bytes('21', '11', V4_BYTES + member));
    expect(parsed(proxyHeader(v4, FINGERPRINT))).toEqual(v4);
  });

  it('tells an IPv4 address as one, also if it came to a socket of both families', () => {
    const mapped = { ...v4, sourceAddress: '::ffff:192.0.2.1', destinationAddress: '::ffff:198.51.100.2' };
    expect(parsed(proxyHeader(mapped))).toEqual(v4);
  });

  it('tells an address without its zone', () => {
    expect(parsed(proxyHeader({ ...v6, sourceAddress: '2001:db8::1%eth0' }))).toEqual(v6);
  });

  it.each([
    ['there is none', { ...v4, sourceAddress: undefined, destinationAddress: undefined }],
    ['one is unknown', { ...v4, destinationAddress: undefined }],
    ['they are of two families', { ...v4, destinationAddress: '2001:db8::1' }],
  ])('tells no address if %s', (_, address) => {
    expect(proxyHeader(address)).toEqual(bytes('21', '00', ''));
  });

  it('comes back as it went, for every address', () => {
    const port = fc.nat(65_535);
    const pair = fc.oneof(fc.tuple(fc.ipV4(), fc.ipV4()), fc.tuple(fc.ipV6(), fc.ipV6()));
    fc.assert(
      fc.property(pair, port, port, ([source, destination], sourcePort, destinationPort) => {
        const told = { sourceAddress: source, sourcePort, destinationAddress: destination, destinationPort };
        const header = proxyHeader(told);
        const again = parsed(header);
        if (again === undefined) expect([source, destination].some((address) => /::ffff:/i.test(address))).toBe(true);
        else expect(proxyHeader(again)).toEqual(header);
        expect(again?.sourcePort ?? sourcePort).toBe(sourcePort);
      }),
    );
  });

  it('says nothing of the client if the sender speaks for itself, or does not know, or the client has no address', () => {
    expect(parsed(bytes('20', '00', ''))).toBeUndefined();
    expect(parsed(bytes('20', '11', V4_BYTES))).toBeUndefined();
    expect(parsed(bytes('20', '00', 'ffffff'))).toBeUndefined();
    expect(parsed(bytes('21', '00', ''))).toBeUndefined();
    expect(parsed(bytes('21', '31', '00'.repeat(216)))).toBeUndefined();
  });

  it.each([
    ['of version 1', Buffer.from('PROXY TCP4 192.0.2.1'), 'signature'],
    ['with a wrong signature', hex(`0d0a0d0a000d0a515549540b2111000c${V4_BYTES}`), 'signature'],
    ['of version 3', bytes('31', '11', V4_BYTES), 'version or command'],
    ['with an unknown command', bytes('22', '11', V4_BYTES), 'version or command'],
    ['of an unknown family', bytes('21', '41', V4_BYTES), 'family'],
    ['of datagrams', bytes('21', '12', V4_BYTES), 'family'],
    ['that is too long', bytes('21', '11', '', PROXY_REST_MAX + 1), 'are the most'],
    ['whose address is cut off', bytes('21', '11', V4_BYTES.slice(2)), 'within its address'],
    ['of IPv6 with an IPv4 address', bytes('21', '21', V4_BYTES), 'within its address'],
    ['whose member is cut off', bytes('21', '11', `${V4_BYTES}e00002ff`), 'within a member'],
    ['whose member has no length', bytes('21', '11', `${V4_BYTES}e000`), 'within a member'],
  ])('is not one %s', (_, header, message) => {
    expect(() => parsed(header)).toThrow(
      expect.objectContaining({ code: 'PROXY_HEADER', message: expect.stringContaining(message) }),
    );
  });

  it('may be as long as the limit, and may have members of any type', () => {
    const member = `05${(PROXY_REST_MAX - 12 - 3 - 3).toString(16).padStart(4, '0')}${'ab'.repeat(PROXY_REST_MAX - 12 - 3 - 3)}040000`;
    expect(parsed(bytes('21', '11', V4_BYTES + member))).toEqual(v4);
  });
});
