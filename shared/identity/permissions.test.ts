/** The permission matrix, row by row as the product promises it. */
import fc from 'fast-check';
import {
  ADMINISTRATOR_KINDS,
  type AdministratorKind,
  type Permission,
  PERMISSIONS,
  strongestKind,
} from './permissions';

const full = ['fullAdmin'];
const players = ['fullAdmin', 'privilegedPlayerAdmin'];
const everyone = ['fullAdmin', 'privilegedPlayerAdmin', 'readOnlyAdmin'];

const PROMISED: Record<Permission, string[]> = {
  'own-profile': everyone,
  'event-types.read': everyone,
  'sites.list': everyone,
  'sites.manage': full,
  'playback-permissions.manage': full,
  'servers.manage': full,
  'policies.manage': full,
  'administrators.manage': full,
  'onboarding.use': full,
  'install-commands.create': full,
  'secure-clients.manage': full,
  'recordings.search': everyone,
  'recordings.play': everyone,
  'restrictions.place': everyone,
  'restrictions.manage': players,
  'recordings.hold': ['fullAdmin'],
  'recordings.archive': players,
  'recordings.share': full,
  'dashboard.read': full,
  'tasks.manage': players,
  'logs.read': full,
  'activity.manage': full,
};

it.each(Object.entries(PERMISSIONS))('IAM-5: %s is for %j', (permission, kinds) => {
  expect(kinds).toEqual(PROMISED[permission as Permission]);
});

it('leaves out no permission that is promised', () => {
  expect(Object.keys(PERMISSIONS)).toEqual(expect.arrayContaining(Object.keys(PROMISED)));
});

it('lets a full admin do everything', () => {
  for (const kinds of Object.values(PERMISSIONS)) expect(kinds).toContain('fullAdmin');
});

it('IAM-3: finds the strongest of any kinds in any order', () => {
  const rank = (kind: AdministratorKind) => ADMINISTRATOR_KINDS.indexOf(kind);
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...ADMINISTRATOR_KINDS)), (kinds) => {
      const strongest = strongestKind(kinds);
      expect(strongest).toBe(kinds.toSorted((a, b) => rank(a) - rank(b))[0]);
    }),
  );
});
