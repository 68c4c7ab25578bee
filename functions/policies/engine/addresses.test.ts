import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { AddressError, addressKey, parseAddressRange } from './addresses';

const holds = (range: string, address: string) => {
  const { first, last } = parseAddressRange(range);
  const key = addressKey(address);
  return key !== undefined && first <= key && key <= last;
};

describe('a range', () => {
  it.each([
    ['10.0.0.7', '10.0.0.7', '10.0.0.8'],
    ['10.1.2.3/8', '10.255.0.1', '11.0.0.0'],
    ['10.0.0.9-10.0.0.10', '10.0.0.10', '10.0.0.11'],
    ['10.0.0.9 - 10.0.1.0', '10.0.0.200', '10.0.1.1'],
    ['0.0.0.0/0', '255.255.255.255', '::1'],
    ['::/0', 'ffff::', '10.0.0.1'],
    ['::ffff:10.0.0.0/104', '10.9.9.9', '11.0.0.0'],
    ['::ffff:10.0.0.7', '10.0.0.7', '10.0.0.8'],
    ['2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::'],
    ['fe80::1-fe80::ff', 'fe80::a%eth0', 'fe80::100'],
  ])('%s holds %s, not %s', (range, inside, outside) => {
    expect(holds(range, inside)).toBe(true);
    expect(holds(range, outside)).toBe(false);
  });

  it.each([
    '',
    '10',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '0x0a.0.0.1',
    '10.0.0.1/',
    '10.0.0.1/33',
    '10.0.0.1/-1',
  ])('%j is none', (text) => {
    expect(() => parseAddressRange(text)).toThrow(AddressError);
  });

  it.each([
    '::/129',
    '::ffff:10.0.0.0/95',
    'fe80::1%eth0',
    '10.0.0.1/8/8',
    '10.0.0.2-10.0.0.1',
    '10.0.0.1-::1',
    '1.1.1.1-2.2.2.2-3.3.3.3',
  ])('%j is none either', (text) => {
    expect(() => parseAddressRange(text)).toThrow(AddressError);
  });

  it('in the form of a block holds what the library says it holds', () => {
    const block = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
    );
    fc.assert(
      fc.property(block, fc.oneof(fc.ipV4(), fc.ipV6()), fc.boolean(), ([base, bits], other, near) => {
        const address = near ? base : other;
        fc.pre(!(ipaddr.parse(base) as ipaddr.IPv6).isIPv4MappedAddress?.());
        const expected =
          ipaddr.process(base).kind() === ipaddr.process(address).kind() &&
          ipaddr.process(address).match(ipaddr.parseCIDR(`${base}/${bits}`));
        expect(holds(`${base}/${bits}`, address)).toBe(expected);
      }),
    );
  });
});

it('what is no address has no key', () => {
  expect(addressKey('unknown')).toBeUndefined();
  expect(addressKey('10.0.0')).toBeUndefined();
  expect(addressKey(' 10.0.0.1 ')).toBe('40a000001');
});
