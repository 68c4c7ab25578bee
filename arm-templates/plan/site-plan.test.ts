/** Validation of site plans: what is accepted, and the errors for the rest. */
import fc from 'fast-check';
import { makePfx, PFX_PASSWORD } from '../testing/certificates';
import { PARIS, planOf, type PlanInput, subnet } from '../testing/plans';
import { sitePlan, withoutSecrets } from './site-plan';

/** Errors as `pointer: message` lines. */
function errorsOf(plan: unknown): string[] {
  const result = sitePlan.safeParse(plan);
  return (result.error?.issues ?? []).map(({ path, message }) => `/${path.join('/')}: ${message}`);
}

const changed = (change: Partial<PlanInput> | Record<string, unknown>) => errorsOf({ ...PARIS, ...change });
const machines = (change: object) => changed({ machines: { ...PARIS.machines, ...change } });
const databases = (change: object) => changed({ databases: { ...PARIS.databases, ...change } });
const network = (change: object, more: object = {}) =>
  changed({ network: { ...PARIS.network, ...change }, ...more });

const ENTRA = { kind: 'entra' } as const;

it('accepts the plan of the example, and fills in defaults', () => {
  expect(errorsOf(PARIS)).toEqual([]);
  expect(planOf()).toMatchObject({ network: { privateEndpoints: false }, storage: { redundancy: 'LRS' } });
});

it('PLAN-1: reports everything at once, also rules between fields of a plan that has other errors', () => {
  const found = errorsOf({
    ...PARIS,
    region: 'usgovvirginia',
    surprise: 1,
    network: { subnetId: 'nonsense', privateEndpoints: true },
    machines: { ...PARIS.machines, count: 51, administrator: { userName: 'admin' } },
    databases: { ...PARIS.databases, maxSizeGib: 2_000 },
    loadBalancer: { type: 'internal', address: '8.8.8.8', allowedSources: '10.0.0.0/8, nowhere' },
  });
  expect(found.map((line) => line.split(':')[0])).toEqual([
    '/region',
    '/network/subnetId',
    '/machines/count',
    '/machines/administrator/userName',
    '/loadBalancer/allowedSources',
    '/',
    '/network/resolverSubnetId',
    '/databases/maxSizeGib',
    '/loadBalancer/address',
  ]);
});

it('validates any value without throwing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(PARIS)), (value, field) => {
      expect(() => sitePlan.safeParse({ ...PARIS, [field]: value })).not.toThrow();
      expect(() => sitePlan.safeParse(value)).not.toThrow();
    }),
  );
});

describe('the region', () => {
  it.each(['usgovvirginia', 'US Gov Arizona', 'usdodeast'])('rejects Azure Government: %s', (region) => {
    expect(changed({ region })).toEqual([expect.stringMatching('^/region: Azure Government')]);
  });
  it('must be an Azure region', () => {
    expect(changed({ region: 'atlantis' })).toEqual([expect.stringMatching('^/region: Give the name')]);
  });
});

describe('tags', () => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`tag${n}`, 'x']));
  it('are limited to fifty', () => {
    expect(changed({ tags: many(50) })).toEqual([]);
    expect(changed({ tags: many(51) })).toEqual(['/tags: Give at most 50 tags.']);
  });
  it.each([
    ['a<b', /cannot contain/],
    ['a/b', /cannot contain/],
    ['Azure-x', /reserves names/],
    ['x'.repeat(129), /1 to 128/],
    ['', /1 to 128/],
    [' x', /space/],
  ])('rejects the name %j', (name, message) => {
    expect(changed({ tags: { [name]: 'v' } }).join()).toMatch(message);
  });
  it('rejects names that differ in case only, and long values', () => {
    expect(changed({ tags: { Owner: 'a', owner: 'b' } })).toEqual([expect.stringMatching('^/tags/owner: ')]);
    expect(changed({ tags: { owner: 'x'.repeat(257) } })).toHaveLength(1);
  });
});

describe('the network', () => {
  const withResolver = { privateEndpoints: true, resolverSubnetId: subnet('resolver') };
  it('needs a subnet for the resolver exactly when private endpoints meet a domain', () => {
    expect(network(withResolver)).toEqual([]);
    expect(network({ privateEndpoints: true })).toEqual([
      expect.stringMatching('DNS private resolver: give'),
    ]);
    expect(network({ privateEndpoints: true }, { domain: ENTRA })).toEqual([]);
    expect(network(withResolver, { domain: ENTRA })).toEqual([expect.stringMatching('leave this out')]);
    expect(network({ resolverSubnetId: subnet('resolver') })).toEqual([
      expect.stringMatching('only with private endpoints'),
    ]);
  });
  it('keeps the resolver in a subnet of its own in the same network', () => {
    const elsewhere = subnet('resolver').replace('/hub/', '/other/');
    expect(network({ ...withResolver, resolverSubnetId: elsewhere })).toEqual([
      expect.stringMatching('same virtual network'),
    ]);
    expect(network({ ...withResolver, resolverSubnetId: subnet('RECORDING') })).toEqual([
      expect.stringMatching('subnet of its own'),
    ]);
  });
});

describe('machines', () => {
  it.each([0, 51, 1.5])('are not %s', (count) => expect(machines({ count })).toHaveLength(1));
  it.each(['Standard_D4s_v3', 'Standard_E8as_v5', 'Standard_F4s_v2'])('may be %s', (size) =>
    expect(machines({ size })).toEqual([]),
  );
  it('are of the catalogue', () => {
    expect(machines({ size: 'Standard_A1' })).toEqual([expect.stringMatching('^/machines/size: Choose')]);
    expect(machines({ image: 'windowsServer2012' })).toHaveLength(1);
  });
  it.each(['Administrator', 'admin', 'guest', 'x'.repeat(21), 'ends.', 'a b', ''])(
    'have no administrator %j',
    (userName) => expect(machines({ administrator: { userName } }).length).toBeGreaterThan(0),
  );
  it.each(['short1A', 'alllowercase', 'P@ssw0rd', 'Aa1'.repeat(42)])('have no password %j', (password) =>
    expect(machines({ administrator: { userName: 'recadmin', password } })).toHaveLength(1),
  );
});

describe('the domain', () => {
  const domain = (change: object) => changed({ domain: { ...PARIS.domain, ...change } });
  it.each(['joiner', 'CORP\\joiner', 'joiner@corp.contoso.example'])('is joined by %s', (userName) =>
    expect(domain({ userName })).toEqual([]),
  );
  it.each(['a\\b\\c', 'x"y', '', 'a@b@c'])('is not joined by %j', (userName) =>
    expect(domain({ userName }).length).toBeGreaterThan(0),
  );
  it('has a full name and a controller with an address', () => {
    expect(domain({ name: 'CORP' })).toHaveLength(1);
    expect(domain({ controllerAddress: 'dc1' })).toHaveLength(1);
  });
  it('may be missing for servers from 2402 on only', () => {
    expect(changed({ domain: ENTRA, serverVersion: '2402' })).toEqual([]);
    expect(changed({ domain: ENTRA })).toEqual([]);
    expect(changed({ domain: ENTRA, serverVersion: '23.11.0.1' })).toEqual([
      expect.stringMatching('^/serverVersion: .*2402 or later'),
    ]);
    expect(changed({ serverVersion: '23.11.0.1' })).toEqual([]);
  });
});

describe('storage', () => {
  const storage = (value: object) => changed({ storage: value });
  it('is standard with shares of 5 TiB, or premium with sizes of their own', () => {
    expect(storage({ performance: 'standard', redundancy: 'GZRS', tier: 'cool', shareCount: 50 })).toEqual(
      [],
    );
    expect(
      storage({ performance: 'premium', shares: [{ provisionedGib: 100 }, { provisionedGib: 102_300 }] }),
    ).toEqual([]);
    expect(
      storage({ performance: 'premium', redundancy: 'GRS', shares: [{ provisionedGib: 99 }] }),
    ).toHaveLength(2);
    expect(storage({ performance: 'standard', shareCount: 51 })).toHaveLength(1);
  });
});

describe('databases', () => {
  it.each([1, 3, 64])('do not have %s provisioned vCores', (vCores) =>
    expect(databases({ compute: { tier: 'provisioned', vCores } })).toEqual([
      expect.stringMatching('^/databases/compute/vCores: Choose one of 2, 4'),
    ]),
  );
  it('hold as much as their vCores allow', () => {
    const serverless = { tier: 'serverless', maxVcores: 1 };
    expect(databases({ compute: serverless, maxSizeGib: 512 })).toEqual([]);
    expect(databases({ compute: serverless, maxSizeGib: 513 })).toHaveLength(1);
    expect(databases({ maxSizeGib: 1_025 })).toHaveLength(1);
  });
  it.each(['sa', 'dbo', '1abc', 'a b', 'Admin'])('have no administrator %j', (userName) =>
    expect(databases({ administrator: { userName } }).length).toBeGreaterThan(0),
  );
  it('have a password without the user name', () => {
    expect(databases({ administrator: { userName: 'dbadmin1', password: 'xDBADMIN1!' } })).toHaveLength(1);
  });
});

describe('the load balancer', () => {
  const loadBalancer = (value: object) => changed({ loadBalancer: value });
  it('names who may use it when it is public', () => {
    expect(loadBalancer({ type: 'public', allowedSources: ' , ' })).toEqual([
      expect.stringMatching('^/loadBalancer/allowedSources: A public'),
    ]);
    expect(loadBalancer({ type: 'internal', address: '10.0.0.9' })).toEqual([]);
  });
  it('has an address that is private and free', () => {
    expect(loadBalancer({ type: 'internal', address: '20.1.2.3' })).toHaveLength(1);
    expect(loadBalancer({ type: 'internal', address: '10.1.0.4' })).toEqual([
      expect.stringMatching('domain controller'),
    ]);
    expect(loadBalancer({ type: 'internal' })).toHaveLength(1);
  });
});

describe('the certificate', () => {
  const certificate = (pfx: string, password = PFX_PASSWORD) => changed({ certificate: { pfx, password } });
  it('is opened', () => {
    expect(certificate(makePfx())).toEqual([]);
    expect(certificate(makePfx(), 'wrong')).toEqual([
      expect.stringMatching('^/certificate/password: The password'),
    ]);
    expect(certificate('bm90aGluZw==')).toEqual([expect.stringMatching('^/certificate/pfx: This is not')]);
  });
});

it('is stored without any secret', () => {
  const secrets = ['canary-Machine-1', 'canary-Sql-1', 'canary-domain', PFX_PASSWORD, 'canary-client'];
  const plan = planOf({
    machines: { ...PARIS.machines, administrator: { userName: 'recadmin', password: secrets[0] } },
    databases: { ...PARIS.databases, administrator: { userName: 'dbadmin1', password: secrets[1] } },
    domain: { ...PARIS.domain, kind: 'activeDirectory', password: secrets[2] } as PlanInput['domain'],
    certificate: { pfx: makePfx(), password: PFX_PASSWORD },
    secureClient: { kind: 'existing', clientId: '0f4f7b6e-3d64-4a8f-9e4b-7f2a54f6b1aa', secret: secrets[4] },
  });
  const kept = JSON.stringify(withoutSecrets(plan));
  expect(secrets.filter((secret) => kept.includes(secret))).toEqual([]);
  expect(kept).not.toContain('pfx');
  expect(sitePlan.parse(JSON.parse(kept))).toEqual(JSON.parse(kept));
});
