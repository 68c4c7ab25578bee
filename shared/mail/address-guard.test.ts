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
  // Protocol assignments, documentation, 6to4 relays, benchmarking, multicast, reserved, broadcast.
  inNetwork(192, 0, 0),
  inNetwork(192, 0, 2),
  inNetwork(192, 88, 99),
  inNetwork(198, 18),
  inNetwork(198, 19),
  inNetwork(198, 51, 100),
  inNetwork(203, 0, 113),
  fc.integer({ min: 224, max: 255 }).chain((first) => inNetwork(first)),
  fc.constant('168.63.129.16'),
);

it('takes addresses of the public internet', () => {
  for (const address of ['8.8.8.8', '52.96.0.1', '2a00:1450:4001:81b::200e']) {
    expect(isPublicAddress(address)).toBe(true);
  }
});

/** An IPv4 address as two groups of an IPv6 address. */
const groups = (address: string) => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
};
/** Teredo hides the address of the client by inverting its bits. */
const inverted = (address: string) =>
  address
    .split('.')
    .map((part) => 255 - Number(part))
    .join('.');

/** Every form of IPv6 that contains an IPv4 address, in dotted and in hexadecimal notation. */
const embeddings = (address: string) => [
  `::ffff:${address}`,
  `::ffff:${groups(address)}`,
  `0:0:0:0:0:FFFF:${groups(address)}`,
  ...embeddingsOfAny(address),
];
/** Those that are no addresses of the public internet, whatever they contain. */
const embeddingsOfAny = (address: string) => [
  // IPv4-compatible, ::/96.
  `::${address}`,
  `::${groups(address)}`,
  // IPv4-translated (RFC 2765).
  `::ffff:0:${groups(address)}`,
  // NAT64: well-known and local prefix.
  `64:ff9b::${address}`,
  `64:ff9b::${groups(address)}`,
  `64:ff9b:1::${groups(address)}`,
  // 6to4, Teredo by server and by client, ISATAP.
  `2002:${groups(address)}::1`,
  `2001:0:${groups(address)}::1`,
  `2001:0:4136:e378:8000:63bf:${groups(inverted(address))}`,
  `2a00:1450:4001:81b:0:5efe:${groups(address)}`,
  `2a00:1450:4001:81b:200:5efe:${groups(address)}`,
];

it('refuses every address of internal networks, also when it is embedded in IPv6', () => {
  fc.assert(
    fc.property(INTERNAL_V4, (address) => {
      const accepted = [address, ...embeddings(address)].filter(isPublicAddress);
      expect(accepted).toEqual([]);
    }),
  );
});

it('refuses what is a tunnel or a translation, whatever it embeds, but takes a public address mapped to IPv6', () => {
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
      expect(embeddingsOfAny(octets.join('.')).filter(isPublicAddress)).toEqual([]);
    }),
  );
  expect(isPublicAddress('::ffff:8.8.8.8')).toBe(true);
});

it('takes IPv6 only of the block that is assigned to hosts', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (parts) => {
      const text = parts.map((part) => part.toString(16)).join(':');
      if (isPublicAddress(text)) expect((parts[0] ?? 0) >> 13).toBe(1);
    }),
  );
});

it('takes an address in one notation only, the one that every resolver reads alike', () => {
  for (const text of [
    '8.8.8',
    '134744072',
    '0x8.8.8.8',
    '010.8.8.8',
    '8.8.8.8 ',
    '2a00:1450::1%eth0',
    '[2a00:1450::1]',
  ])
    expect([text, isPublicAddress(text)]).toEqual([text, false]);
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
  '3fff::1',
  'fec0::1',
  '100::1',
  '4000::1',
  '2001:2::1',
  '2001:20::1',
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
    for (const host of ['0x7f.1', '127.1', '2130706433', '010.0.0.1', '::a00:7', '::ffff:7f00:1'])
      await expect(guardedAddress(host, resolvesTo('8.8.8.8'))).rejects.toThrow(ForbiddenHost);
  });

  it('may be private where that is configured', async () => {
    expect(await guardedAddress('smtp.example', { ...resolvesTo('10.0.0.7'), allowPrivateHosts: true })).toBe(
      '10.0.0.7',
    );
  });
});
