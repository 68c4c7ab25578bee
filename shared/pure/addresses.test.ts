/** IP addresses, blocks and ranges. */
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import {
  AddressError,
  addressKey,
  containsBlock,
  isIpv4Address,
  isPrivateIpv4Address,
  mergeAddressRanges,
  parseAddress,
  parseAddressBlock,
  parseAddressRange,
  subscriberNetwork,
  withoutContainedBlocks,
} from './addresses';

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
    ['::10.0.0.7', '::a00:7', '10.0.0.7'],
    ['::10.0.0.0/104', '::10.9.9.9', '10.9.9.9'],
    ['64:ff9b::10.0.0.7', '64:ff9b::a00:7', '10.0.0.7'],
  ])('POL-2: %s holds %s, not %s', (range, inside, outside) => {
    expect(holds(range, inside)).toBe(true);
    expect(holds(range, outside)).toBe(false);
  });

  it.each([
    '',
    '10',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '::010.0.0.1',
    '::ffff:010.0.0.1',
    '10.0.0.0/08',
    '00001::1',
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
        // The library reads `::10.0.0.1` as an IPv4-mapped address; the mapped form has tests of its own.
        fc.pre(!(ipaddr.parse(base) as ipaddr.IPv6).isIPv4MappedAddress?.() && !/^::[\d.]+$/.test(address));
        const expected =
          ipaddr.process(base).kind() === ipaddr.process(address).kind() &&
          ipaddr.process(address).match(ipaddr.parseCIDR(`${base}/${bits}`));
        expect(holds(`${base}/${bits}`, address)).toBe(expected);
      }),
    );
  });
});

it.each([
  [['10.0.0.0/9', '10.128.0.0/9'], ['10.0.0.0/8']],
  [['10.0.0.1', '10.0.0.3', '10.0.0.2'], ['10.0.0.1-10.0.0.3']],
  [['10.0.0.0/8', '10.1.0.0/16', '10.2.3.4'], ['10.0.0.0/8']],
  [
    ['10.0.0.1', '10.0.0.3'],
    ['10.0.0.1', '10.0.0.3'],
  ],
  [
    ['255.255.255.255', '::/1', '8000::/1', '0.0.0.0'],
    ['0.0.0.0', '255.255.255.255', '::/0'],
  ],
])('the ranges %j are together %j', (given, expected) => {
  expect(mergeAddressRanges(given.map(parseAddressRange))).toEqual(expected.map(parseAddressRange));
});

it('what is no address has no key', () => {
  expect(addressKey('unknown')).toBeUndefined();
  expect(addressKey('10.0.0')).toBeUndefined();
  expect(addressKey(' 10.0.0.1 ')).toBe('40a000001');
});

it('an IPv4-mapped address has the key of the IPv4 address; the dotted IPv6 address has its own', () => {
  expect(addressKey('::ffff:10.0.0.7')).toBe(addressKey('10.0.0.7'));
  expect(addressKey('::10.0.0.1')).toBe('60000000000000000000000000a000001');
});

it.each([
  ['10.0.0.7', [10, 0, 0, 7]],
  ['::10.0.0.1', [...Array<number>(12).fill(0), 10, 0, 0, 1]],
  ['::ffff:10.0.0.1', [...Array<number>(10).fill(0), 255, 255, 10, 0, 0, 1]],
  ['1:2:3:4:5:6:7.8.9.10', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 7, 8, 9, 10]],
])('reads %s as it is written', (text, bytes) => {
  expect(parseAddress(text)).toEqual(bytes);
});

it.each([
  '',
  '10',
  '1.2.3',
  '010.0.0.1',
  '::010.0.0.1',
  '::1.2.3',
  '::1.2.3.256',
  '1.2.3.4::',
  ' ::1',
  '::1%eth0',
])('does not read %j', (text) => expect(parseAddress(text)).toBeUndefined());

describe('a block', () => {
  it.each([
    ['10.1.2.3/8', 'ipv4', '10.0.0.0/8'],
    ['192.0.2.7', 'ipv4', '192.0.2.7/32'],
    ['0.0.0.0/0', 'ipv4', '0.0.0.0/0'],
    ['2001:DB8:0:0::1/32', 'ipv6', '2001:db8::/32'],
    ['2001:db8::1', 'ipv6', '2001:db8::1/128'],
    ['::ffff:10.0.0.1', 'ipv6', '::ffff:a00:1/128'],
    ['::10.0.0.1', 'ipv6', '::a00:1/128'],
  ])('%s is normalized', (text, family, cidr) => {
    expect(parseAddressBlock(text)).toEqual({ family, cidr });
  });

  it.each([
    '',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/08',
    '010.0.0.0/8',
    '10.0.0.0/8/8',
    '::/129',
    'fe80::1%1',
    'x',
  ])('%j is none', (text) => expect(parseAddressBlock(text)).toBeUndefined());

  it('has the network address that the library finds', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, length) => {
        const network = ipaddr.IPv4.networkAddressFromCIDR(`${address}/${length}`).toString();
        expect(parseAddressBlock(`${address}/${length}`)?.cidr).toBe(`${network}/${length}`);
      }),
    );
  });
});

it('knows which IPv4 addresses are private', () => {
  expect(['10.0.0.4', '172.16.0.1', '192.168.1.1', '100.64.0.1'].every(isPrivateIpv4Address)).toBe(true);
  expect(['8.8.8.8', '169.254.0.1', '127.0.0.1', '010.0.0.4', '::1', ''].some(isPrivateIpv4Address)).toBe(
    false,
  );
  expect([isIpv4Address('8.8.8.8'), isIpv4Address('::1'), isIpv4Address('08.8.8.8')]).toEqual([
    true,
    false,
    false,
  ]);
});

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
  ['2001:0DB8:1:2::9%eth0', '2001:db8:1:2::'],
  ['', ''],
  ['unknown', 'unknown'],
])('%s is of the network %s of one subscriber', (address, network) => {
  expect(subscriberNetwork(address)).toBe(network);
});

describe('blocks', () => {
  it.each([
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.1.0.0/16', '10.0.0.0/8', false],
    ['10.0.0.0/8', '11.0.0.0/16', false],
    ['0.0.0.0/0', '2001:db8::/32', false],
    ['::/0', '::ffff:a00:0/104', true],
  ])('%s contains %s: %s', (outer, inner, expected) => expect(containsBlock(outer, inner)).toBe(expected));

  it('are left out when another one contains them', () => {
    expect(
      withoutContainedBlocks(['10.1.0.0/16', '192.0.2.7/32', '10.0.0.0/8', '10.1.2.0/24', '192.0.2.7/32']),
    ).toEqual(['192.0.2.7/32', '10.0.0.0/8']);
  });
});
