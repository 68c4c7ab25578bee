/** Roles through directory groups: how soon, which one, and for whom. */
import { ADA, CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { administratorGroupType, GroupRoles } from './administrator-groups';
import type { Administrator } from './caller';
import type { AdministratorKind } from './permissions';

const READERS = '33333333-3333-4333-8333-333333333333';
const PLAYERS = '44444444-4444-4444-8444-444444444444';

let test: TestServices;
let roles: GroupRoles;

beforeEach(async () => {
  test = await startTestServices();
  roles = new GroupRoles(test.services.database, test.clock);
});

afterEach(() => test.close());

const map = (id: string, kind: AdministratorKind, customerId = CONTOSO) =>
  test.services.database.control(customerId).upsert(administratorGroupType, { id, name: id, kind });

const member = (groups: string[], more: Partial<Administrator> = {}): Administrator => ({
  type: 'administrator',
  customerId: CONTOSO,
  id: ADA,
  name: 'ada',
  kind: undefined,
  throughGroup: false,
  isApplication: false,
  groups,
  groupOverage: false,
  ...more,
});

it('IAM-4: gives members of an unmapped group nothing', async () => {
  expect(await roles.apply(member([READERS]))).toMatchObject({ kind: undefined, throughGroup: false });
});

it('gives members of a mapped group its role, the strongest of several', async () => {
  await map(READERS, 'readOnlyAdmin');
  await map(PLAYERS, 'privilegedPlayerAdmin');
  expect(await roles.apply(member([READERS]))).toMatchObject({ kind: 'readOnlyAdmin', throughGroup: true });
  expect((await roles.apply(member([READERS, PLAYERS]))).kind).toBe('privilegedPlayerAdmin');
});

it('IAM-4: lets the stronger of app role and group win, and says when it comes through a group', async () => {
  await map(PLAYERS, 'privilegedPlayerAdmin');
  const reader = member([PLAYERS], { kind: 'readOnlyAdmin' });
  expect(await roles.apply(reader)).toMatchObject({ kind: 'privilegedPlayerAdmin', throughGroup: true });
  const player = member([PLAYERS], { kind: 'privilegedPlayerAdmin' });
  expect(await roles.apply(player)).toBe(player);
  const full = member([PLAYERS], { kind: 'fullAdmin' });
  expect(await roles.apply(full)).toBe(full);
});

it('knows the groups of one customer from those of another', async () => {
  await map(READERS, 'fullAdmin', FABRIKAM);
  expect((await roles.apply(member([READERS]))).kind).toBeUndefined();
  expect((await roles.apply(member([READERS], { customerId: FABRIKAM }))).kind).toBe('fullAdmin');
});

it('gives and takes a role within two seconds', async () => {
  await roles.apply(member([READERS]));
  await map(READERS, 'readOnlyAdmin');
  test.clock.advanceSeconds(2);
  expect((await roles.apply(member([READERS]))).kind).toBe('readOnlyAdmin');
  await test.services.database.control(CONTOSO).remove(administratorGroupType, READERS);
  test.clock.advanceSeconds(2);
  expect((await roles.apply(member([READERS]))).kind).toBeUndefined();
});

it('asks the database once for many requests', async () => {
  await roles.apply(member([READERS]));
  test.injectFault(() => Promise.reject(new Error('asked again')));
  for (let n = 0; n < 10; n++) await roles.apply(member([PLAYERS]));
});
