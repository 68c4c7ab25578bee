import fc from 'fast-check';
import { ForbiddenHost, guardedAddress, isPublicAddress } from './address-guard';

const octet = fc.integer({ min: 0, max: 255 });
const inNetwork = (...prefix: number[]) =>
  fc.tuple(octet, octet, octet, octet).map((octets) => [...prefix, ...octets.slice(prefix.length)].join('.'));

/** Loopback, private, carrier-grade NAT, link-local (and with it Azure's metadata service), this network, multicast. */
const INTERNAL_V4 = fc.oneof(
  inNetwork(127),
  inNetwork(10),
  inNetwork(192, 168),
  fc.integer({ min: 16, max: 31 }).chain((second) => inNetwork(172, second)),
  fc.integer({ min: 64, max: 127 }).chain((second) => inNetwork(100, second)),
  inNetwork(169, 254),
  inNetwork(0),
  fc.integer({ min: 224, max: 239 }).chain((first) => inNetwork(first)),
  fc.constant('168.63.129.16'),
);

it('takes addresses of the public internet', () => {
  for (const address of ['8.8.8.8', '52.96.0.1', '2a00:1450:4001:81b::200e']) {
    expect(isPublicAddress(address)).toBe(true);
  }
});

it('refuses every address of internal networks, also when it is written as IPv6', () => {
  fc.assert(
    fc.property(INTERNAL_V4, (address) => {
      expect(isPublicAddress(address)).toBe(false);
      expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
      expect(isPublicAddress(`64:ff9b::${address}`)).toBe(false);
    }),
  );
});

it.each([
  '::1',
  '::',
  'fe80::1',
  'fc00::1',
  'fd12:3456::1',
  'ff02::1',
  '2002:7f00:1::',
  '2001:db8::1',
  'smtp',
  '',
])('refuses %s', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

describe('the address to connect to', () => {
  const resolvesTo = (...addresses: string[]) => ({
    allowPrivateHosts: false,
    resolve: async () => addresses,
  });

  it('is a public one of those that the name has', async () => {
    expect(await guardedAddress('smtp.example', resolvesTo('10.0.0.7', '8.8.8.8'))).toBe('8.8.8.8');
  });

  it('is none when the name leads into a private network only', async () => {
    await expect(guardedAddress('smtp.example', resolvesTo('10.0.0.7', '::1'))).rejects.toThrow(
      ForbiddenHost,
    );
  });

  it('is the address itself, never what a resolver makes of it', async () => {
    await expect(guardedAddress('127.0.0.1', resolvesTo('8.8.8.8'))).rejects.toThrow(ForbiddenHost);
    await expect(guardedAddress('0x7f.1', resolvesTo('8.8.8.8'))).rejects.toThrow(ForbiddenHost);
  });

  it('may be private where that is configured', async () => {
    expect(await guardedAddress('smtp.example', { ...resolvesTo('10.0.0.7'), allowPrivateHosts: true })).toBe(
      '10.0.0.7',
    );
  });
});
