/** Which names of a database mean the same one. */
import fc from 'fast-check';
import { databaseKey, earlierDatabaseKey, isLocalInstance } from './database-identity';
import { reservationOf } from './site';

const keyOf = (instance: string, reporter = 'server-1') => databaseKey({ instance, name: 'Rec' }, reporter);

it.each([
  ['SQL01', ['sql01', ' SQL01 ', 'tcp:SQL01', 'TCP: sql01', 'sql01,1433', 'sql01 , 01433', 'tcp:sql01,1433']],
  ['SQL01', ['SQL01\\MSSQLSERVER', 'sql01\\mssqlserver,1433', 'sql01.', 'tcp:sql01.,1433']],
  ['sql01.contoso.com', ['SQL01.CONTOSO.COM.', 'tcp:sql01.contoso.com,1433']],
  ['sql01\\PROD', ['SQL01 \\ prod', 'tcp:sql01.\\prod']],
  ['sql01,14330', ['tcp:SQL01., 14330', 'sql01\\mssqlserver,14330']],
  ['a.database.windows.net', ['tcp:A.database.windows.net,1433', 'a.privatelink.database.windows.net']],
  ['mi.0a1b.database.windows.net', ['tcp:mi.public.0a1b.database.windows.net,3342']],
  [
    '.',
    ['(local)', 'localhost', 'LOCALHOST,1433', '127.0.0.1', '127.0.1.1', '::1', '[::1]', 'tcp:localhost.'],
  ],
  ['.\\EXPRESS', ['(local)\\Express', 'localhost\\express', '\\EXPRESS']],
])('SRV-1: %s is also written as %j', (instance, others) => {
  expect(others.map((other) => keyOf(other))).toEqual(others.map(() => keyOf(instance)));
});

it('SRV-1: what is not certainly the same database has another key', () => {
  const different = [
    [
      'SQL01',
      'SQL02',
      'sql01.contoso.com',
      'sql01\\prod',
      'sql01\\prod,1433',
      'sql01,1434',
      'np:sql01',
      'admin:sql01',
    ],
    [
      'sql01.database.windows.net',
      'sql01.public.0a1b.database.windows.net',
      'sql01.public.x.database.windows.net,3341',
    ],
    ['.', 'localhost,1434', 'localhost\\prod', 'lpc:sql01', 'np:\\\\.\\pipe\\sql\\query'],
  ].flat();
  expect(new Set(different.map((instance) => keyOf(instance))).size).toBe(different.length);
  expect(databaseKey({ instance: 'a', name: 'b' })).not.toBe(databaseKey({ instance: 'a', name: 'c' }));
});

it.each([
  ...[
    '.',
    '(local)',
    'localhost',
    '127.0.0.1',
    '::1',
    '.\\X',
    'localhost,1434',
    '(localdb)\\v11',
    'lpc:SQL01',
  ],
  ...[
    'np:\\\\.\\pipe\\sql\\query',
    '\\\\localhost\\pipe\\x',
    'np:localhost',
    'admin:.',
    '0:0:0:0:0:0:0:1',
    '',
  ],
])('SRV-1: %s is another machine for each server', (instance) => {
  expect(isLocalInstance(instance)).toBe(true);
  expect(keyOf(instance, 'server-1')).not.toBe(keyOf(instance, 'server-2'));
  expect(keyOf(instance, 'server-1')).not.toBe(databaseKey({ instance, name: 'Rec' }));
});

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
const host = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
const target = fc.record({
  host: host.filter((name) => !isLocalInstance(name)),
  instance: fc.option(
    label.filter((name) => name !== 'mssqlserver'),
    { nil: undefined },
  ),
  port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
});
const write = ({
  host: name,
  instance,
  port,
}: {
  host: string;
  instance?: string | undefined;
  port?: number | undefined;
}) => `${name}${instance === undefined ? '' : `\\${instance}`}${port === undefined ? '' : `,${port}`}`;
const spelling = fc.record({
  prefix: fc.constantFrom('', 'tcp:', 'TCP: '),
  dot: fc.constantFrom('', '.'),
  space: fc.constantFrom('', ' '),
  upper: fc.boolean(),
  explicit: fc.boolean(),
});

it('SRV-1: every way to write the name of an instance has one key, for every server that reports it', () => {
  fc.assert(
    fc.property(
      target,
      spelling,
      ({ host: name, instance, port }, { prefix, dot, space, upper, explicit }) => {
        const isDefault = instance === undefined && (port === undefined || port === 1433);
        const written = {
          host: `${name}${dot}`,
          instance: instance ?? (explicit ? 'MSSQLSERVER' : undefined),
          port: isDefault ? (explicit ? 1433 : undefined) : port,
        };
        const text = `${space}${prefix}${write(written).replace(/[\\,]/g, (mark) => `${space}${mark}${space}`)}${space}`;
        expect(keyOf(upper ? text.toUpperCase() : text, 'server-2')).toBe(
          keyOf(write({ host: name, instance, port })),
        );
      },
    ),
  );
});

it('SRV-1: two instances that differ in host, name or port have two keys', () => {
  fc.assert(
    fc.property(target, target, (one, other) => {
      const usual = ({ port, instance, ...rest }: typeof one) =>
        write({ ...rest, instance, port: port === 1433 && instance === undefined ? undefined : port });
      expect(keyOf(write(one)) === keyOf(write(other))).toBe(usual(one) === usual(other));
    }),
  );
});

it('SRV-1: a site of an earlier version releases the reservation that it has', () => {
  const database = { instance: 'tcp:SQL05,1433', name: 'Rec' };
  expect(reservationOf({ database })).toBe(earlierDatabaseKey(database));
  expect(reservationOf({ database, databaseKey: 'x' })).toBe('x');
  expect(reservationOf({})).toBeUndefined();
});

it('SRV-1: what earlier versions stored for a plain name is found by the same key; no text is refused', () => {
  fc.assert(
    fc.property(target, (one) => {
      const database = { instance: write({ ...one, port: undefined }).toUpperCase(), name: 'Rec' };
      expect(databaseKey(database, 'server-1')).toBe(earlierDatabaseKey(database));
    }),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 256 }), (instance) => {
      expect(keyOf(instance)).toMatch(/^[0-9a-f]{64}$/);
    }),
  );
});
