import fc from 'fast-check';
import { addressGroup } from '../../lib/net/address-group.js';

const word = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const words = fc.array(word, { minLength: 8, maxLength: 8 });
const isMapped = (all: readonly number[]) => all[5] === 0xffff && all.slice(0, 5).every((word) => word === 0);

describe('the group of an address', () => {
  it.each<[string, string | undefined, string | undefined]>([
    ['an IPv4 address', '192.0.2.1', '192.0.2.1'],
    ['an IPv4-mapped IPv6 address', '::ffff:192.0.2.1', '192.0.2.1'],
    ['one in capitals', '::FFFF:192.0.2.1', '192.0.2.1'],
    ['one written in full', '0:0:0:0:0:ffff:c000:0201', '192.0.2.1'],
    ['one with a zone', '::ffff:192.0.2.1%eth0', '192.0.2.1'],
    ['an IPv6 address', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['one with zeros left out', '2001:db8::6', '2001:db8::/64'],
    ['one with zeros left out early', '2001::3:4:5:6', '2001::/64'],
    ['one with a single zero left out', '2001:db8:1:2:3:4:5::', '2001:db8:1:2::/64'],
    ['one whose prefix has a zero within', '2001:0:0:20::1', '2001:0:0:20::/64'],
    ['one whose prefix begins with zeros', '0:0:0:10::1', '0:0:0:10::/64'],
    ['one with leading zeros and capitals', '2001:0DB8:0000:00A0::1', '2001:db8:0:a0::/64'],
    ['one with a zone', 'fe80::1%eth0', 'fe80::/64'],
    ['one with a zone that has colons', 'fe80::1%a:b', 'fe80::/64'],
    ['one that ends like IPv4 and is not mapped', '64:ff9b::192.0.2.1', '64:ff9b::/64'],
    ['one that is nearly mapped', '::1:ffff:192.0.2.1', '::/64'],
    ['the loopback of IPv6', '::1', '::/64'],
    ['no address', undefined, undefined],
    ['an empty text', '', undefined],
    ['a text that is no address', 'localhost', undefined],
    ['an address with a port', '192.0.2.1:80', undefined],
    ['an IPv6 address in brackets', '[::1]', undefined],
  ])('is right for %s', (_, address, group) => {
    expect(addressGroup(address)).toBe(group);
  });

  it('is the same however an IPv6 address is written', () => {
    fc.assert(
      fc.property(words, fc.nat(), fc.boolean(), fc.boolean(), (all, at, capitals, padded) => {
        const plain = addressGroup(all.map((word) => word.toString(16)).join(':'));
        const parts = all.map((word) => word.toString(16).padStart(padded ? 4 : 0, '0'));
        const written = abbreviated(parts, at);
        expect(addressGroup(capitals ? written.toUpperCase() : written)).toBe(plain);
        expect(addressGroup(`${written}%eth0`)).toBe(plain);
        const dotted = all.slice(6).flatMap((word) => [word >> 8, word & 255]);
        expect(addressGroup(`${parts.slice(0, 6).join(':')}:${dotted.join('.')}`)).toBe(plain);
      }),
    );
  });

  it('is equal for two IPv6 addresses just when their first 64 bits are', () => {
    const text = (all: number[]) => all.map((word) => word.toString(16)).join(':');
    fc.assert(
      fc.property(words, words, fc.boolean(), (one, other, same) => {
        const two = same ? [...one.slice(0, 4), ...other.slice(4)] : other;
        fc.pre(!isMapped(one) && !isMapped(two));
        const equal = one.slice(0, 4).join() === two.slice(0, 4).join();
        expect(addressGroup(text(one)) === addressGroup(text(two))).toBe(equal);
      }),
    );
  });

  it('is an address of the group itself, so that a group is never taken for another', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const group = addressGroup(address);
        expect(addressGroup(group?.replace('/64', ''))).toBe(group);
      }),
    );
  });
});

/** Leaves out one run of zeros, if there is one, beginning to look at some place. */
function abbreviated(parts: readonly string[], from: number): string {
  const zero = (at: number) => Number.parseInt(parts[at] ?? '1', 16) === 0;
  const start = parts.findIndex((_, i) => i >= from % 8 && zero(i));
  if (start === -1) return parts.join(':');
  let end = start;
  while (zero(end)) end += 1;
  return `${parts.slice(0, start).join(':')}::${parts.slice(end).join(':')}`;
}
