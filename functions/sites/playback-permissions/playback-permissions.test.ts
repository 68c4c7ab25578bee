/** Playback permissions: who can have one, who sees and sets them, and how often administrators are noted. */
import { administratorGroupType } from '../../../shared/identity/administrator-groups';
import { seenAdministratorType } from '../../../shared/identity/seen-administrators';
import { newId } from '../../../shared/ids';
import { call, type TestRequest } from '../../../tests/support/call';
import { auditLog } from '../../../tests/support/logs';
import { CONTOSO, FABRIKAM } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { siteType } from '../site';
import { playbackPermissionOperations } from './operations';
import { MAX_CRITERIA } from './playback-permission';
import { playbackPermissionsOfSite } from './permissions-of-site';
import { playbackPermissionsOf } from './store';

const READER = 'cccccccc-0000-4000-8000-000000000001';
const PLAYER = 'cccccccc-0000-4000-8000-000000000002';
const MEMBER = 'cccccccc-0000-4000-8000-000000000003';
const GROUP = 'dddddddd-0000-4000-8000-000000000001';
const SITE = 'eeeeeeee-0000-4000-8000-000000000001';
const NO_CRITERIA = { users: [], groups: [], applications: [], deliveryGroups: [], machines: [] };
const LIMITED = { permission: 'limited', scope: { users: ['CONTOSO\\Bob'], applications: ['SAP GUI'] } };

let test: TestServices;

beforeEach(async () => {
  test = await startTestServices();
  const control = test.services.database.control(CONTOSO);
  const createdAt = test.clock.now().toISOString();
  for (const id of [SITE, newId()])
    await control.create(siteType, { id, name: id, description: '', origin: 'created', createdAt });
  await control.create(administratorGroupType, { id: GROUP, name: 'Auditors', kind: 'readOnlyAdmin' });
  await seen({
    oid: READER,
    preferred_username: 'rita@contoso.example',
    roles: ['SessionRecording.ReadOnlyAdmin'],
  });
  await seen({
    oid: PLAYER,
    preferred_username: 'paul@contoso.example',
    roles: ['SessionRecording.PrivilegedPlayerAdmin'],
  });
  await seen({ oid: MEMBER, preferred_username: 'mia@contoso.example', roles: [], groups: [GROUP] });
  await seen({});
});
afterEach(() => test.close());

/** What happens in the background of each request of an administrator. */
async function seen(claims: Parameters<TestServices['issuer']['token']>[0]) {
  const { tokens, groupRoles, seenAdministrators } = test.services;
  const token = await test.issuer.token(claims);
  await seenAdministrators.note(await groupRoles.apply(await tokens.verify(token)));
}

async function send(id: string, { token, ...request }: TestRequest = {}) {
  const operation = playbackPermissionOperations.find((item) => item.id === id);
  if (!operation) throw new Error(`there is no operation ${id}`);
  return call(test.services, operation, {
    token: token ?? (await test.issuer.token()),
    ...request,
    params: { siteId: SITE, ...request.params },
  });
}
const show = (administratorId: string) => send('getPlaybackPermission', { params: { administratorId } });
async function put(administratorId: string, body: object, siteId = SITE) {
  const params = { administratorId, siteId };
  const { headers } = await send('getPlaybackPermission', { params });
  const match = { 'if-match': headers['etag'] ?? '*' };
  return send('putPlaybackPermission', { params, body, headers: match });
}
const list = async (query = '') => (await send('listPlaybackPermissions', { query })).body;

describe('IAM-6: the list of playback permissions', () => {
  it('shows administrators seen by token and groups with a role, each with kind and what it is shown as', async () => {
    await put(READER, LIMITED);
    const { value } = await list();
    expect(value).toMatchObject([
      { name: 'ada@contoso.example', kind: 'fullAdmin', shownAs: 'fullAdmin', isEditable: false },
      {
        administratorId: READER,
        name: 'rita@contoso.example',
        kind: 'readOnlyAdmin',
        shownAs: 'readOnlyAdmin',
        isEditable: true,
        permission: 'limited',
        scope: { ...NO_CRITERIA, ...LIMITED.scope },
      },
      { administratorId: PLAYER, shownAs: 'privilegedPlayer', permission: 'full', isEditable: false },
      { administratorId: MEMBER, shownAs: 'fullAdmin', throughGroup: true, isEditable: false },
      { administratorId: GROUP, name: 'Auditors', isGroup: true, isEditable: false },
    ]);
    const [first, second] = [await list('?top=3'), await list('?top=4')];
    const next = async ({ nextLink }: Record<string, unknown>) =>
      (await list(new URL(String(nextLink)).search))['value'];
    expect([first['value'], await next(first)].flat()).toEqual(value);
    expect([second['value'], await next(second)].flat()).toEqual(value);
  });

  it('is not for those whose full role comes only through a group, with the reason (IAM-4)', async () => {
    const control = test.services.database.control(CONTOSO);
    const id = newId();
    await control.create(administratorGroupType, { id, name: 'Admins', kind: 'fullAdmin' });
    test.clock.advanceSeconds(5);
    const token = await test.issuer.token({ oid: newId(), roles: [], groups: [id] });
    expect(await send('listPlaybackPermissions', { token })).toMatchObject({
      status: 403,
      body: { code: 'role-through-group' },
    });
  });
});

describe('IAM-6: a playback permission', () => {
  it('is full until it is set, follows its ETag, and is logged', async () => {
    const before = await show(READER);
    expect(before.body).toMatchObject({ permission: 'full', shownAs: 'fullAdmin' });
    const saved = await put(READER, { permission: 'none' });
    expect(saved).toMatchObject({ status: 200, body: { permission: 'none', shownAs: 'readOnlyAdmin' } });
    const stale = await send('putPlaybackPermission', {
      params: { administratorId: READER },
      body: { permission: 'full' },
      headers: { 'if-match': before.headers['etag'] ?? '' },
    });
    expect(stale.status).toBe(412);
    const [entry] = (await auditLog(test.services)).filter(
      ({ action }) => action === 'playbackPermission.set',
    );
    expect(entry).toMatchObject({
      siteId: SITE,
      target: { id: READER },
      old: { permission: 'full' },
      new: { permission: 'none' },
    });
    const limits = await playbackPermissionsOf(test.services, { customerId: CONTOSO, id: READER });
    expect(limits).toEqual([{ siteId: SITE, keys: [] }]);
  });

  it.each([
    ['limited without a criterion', { permission: 'limited', scope: {} }],
    ['limited without a scope', { permission: 'limited' }],
    [
      'more than 200 criteria',
      { permission: 'limited', scope: { users: userNames(150), machines: userNames(51) } },
    ],
    ['an unknown permission', { permission: 'some' }],
  ])('is refused: %s', async (_case, body) => {
    expect(await put(READER, body)).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
  });

  it('has at most 200 criteria over all sites', async () => {
    const sites = await test.services.database.control(CONTOSO).list(siteType, { limit: 2 });
    const other = sites.find(({ id }) => id !== SITE)?.id ?? '';
    expect((await put(READER, { permission: 'limited', scope: { users: userNames(120) } })).status).toBe(200);
    const scope = { groups: userNames(MAX_CRITERIA - 120) };
    expect((await put(READER, { permission: 'limited', scope }, other)).status).toBe(200);
    const more = { permission: 'limited', scope: { users: userNames(121) } };
    expect(await put(READER, more)).toMatchObject({ status: 400, body: { errors: [{ pointer: '/scope' }] } });
  });

  it.each([
    ['full administrator', () => 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa'],
    ['privileged player', () => PLAYER],
    ['member of a group', () => MEMBER],
    ['group', () => GROUP],
  ])('cannot be set for a %s', async (_kind, id) => {
    expect(await put(id(), { permission: 'none' })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    expect((await show(id())).body).toMatchObject({ permission: 'full' });
  });

  it('is of administrators who were seen, of this customer, and goes with its site', async () => {
    expect((await show(newId())).status).toBe(404);
    const token = await test.issuer.token({ tid: FABRIKAM });
    const params = { administratorId: READER };
    expect((await send('getPlaybackPermission', { params, token })).status).toBe(404);
    await put(READER, LIMITED);
    await playbackPermissionsOfSite.cleanUp?.(test.services, { customerId: CONTOSO, siteId: SITE });
    expect((await show(READER)).body).toMatchObject({ permission: 'full' });
  });
});

describe('IAM-6: an administrator', () => {
  it('is noted once a week, and when name or role change: most requests write nothing', async () => {
    let writes = 0;
    test.injectFault((request, next) => {
      writes += 1;
      return next(request);
    });
    const administrator = {
      ...(await test.services.tokens.verify(await test.issuer.token({ oid: newId() }))),
    };
    const { seenAdministrators, database } = test.services;
    for (let request = 0; request < 50; request += 1) await seenAdministrators.note(administrator);
    expect(writes).toBe(1);
    await seenAdministrators.note({ ...administrator, kind: 'readOnlyAdmin' });
    expect(writes).toBe(2);
    test.clock.advanceSeconds(8 * 86_400);
    await seenAdministrators.note({ ...administrator, kind: 'readOnlyAdmin' });
    await seenAdministrators.note({ ...administrator, id: newId(), kind: undefined });
    expect(writes).toBe(3);
    expect(await database.control(CONTOSO).read(seenAdministratorType, administrator.id)).toMatchObject({
      kind: 'readOnlyAdmin',
    });
  });

  it('who could not be noted is noted by the next request', async () => {
    const id = newId();
    const administrator = { ...(await test.services.tokens.verify(await test.issuer.token({ oid: id }))) };
    test.injectFault(() => Promise.reject(new Error('away')));
    await test.services.seenAdministrators.note(administrator);
    test.injectFault(undefined);
    await test.services.seenAdministrators.note(administrator);
    expect((await show(id)).status).toBe(200);
  });
});

function userNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `CONTOSO\\user${i}`);
}
