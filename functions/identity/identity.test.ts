/** Who is calling, and roles of directory groups, through the API. */
import { auditLog } from '../../tests/support/logs';
import { call, type TestRequest } from '../../tests/support/call';
import { ADA, CONTOSO } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { identityOperations } from './operations';

const GROUP = '33333333-3333-4333-8333-333333333333';

let test: TestServices;
let token: string;

beforeEach(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
});

afterEach(() => test.close());

function send(id: string, request: TestRequest = {}) {
  const operation = identityOperations.find((item) => item.id === id);
  if (!operation) throw new Error(`There is no operation ${id}`);
  return call(test.services, operation, { token, ...request });
}

const put = (kind: string, headers: Record<string, string> = {}, groupId = GROUP) =>
  send('putAdministratorGroup', { params: { groupId }, body: { name: 'Auditors', kind }, headers });

describe('the profile', () => {
  it('shows caller, role and permissions', async () => {
    const { body } = await send('getMe');
    expect(body).toMatchObject({ customerId: CONTOSO, id: ADA, kind: 'fullAdmin', throughGroup: false });
    expect(body['permissions']).toContain('sites.manage');
    const reader = await test.issuer.token({ roles: ['SessionRecording.ReadOnlyAdmin'] });
    const permissions = (await send('getMe', { token: reader })).body['permissions'] as string[];
    expect(permissions).toContain('recordings.play');
    expect(permissions).not.toContain('sites.manage');
  });

  it('IAM-10: says when the token left its groups out', async () => {
    const overage = await test.issuer.token({ hasgroups: true });
    expect((await send('getMe', { token: overage })).body['notice']).toMatch(/too many/);
    const withoutRole = await test.issuer.token({ hasgroups: true, roles: [] });
    const refused = await send('getMe', { token: withoutRole });
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.body['detail']).toMatch(/too many/);
  });

  it('is refused to a token of a recording server', async () => {
    const client = await test.services.clientTokens.issue({ id: GROUP, customerId: CONTOSO, name: 'x' });
    expect((await send('getMe', { token: client })).status).toBe(401);
  });
});

describe('a directory group', () => {
  it('IAM-4: of two administrators who map a group at once one succeeds, and the other is asked to read it again', async () => {
    test.injectFault(async (request, next) => {
      if (request.headers['x-ms-cosmos-is-batch-request'] !== undefined) {
        test.injectFault(undefined);
        expect((await put('fullAdmin')).status).toBe(201);
      }
      return next(request);
    });
    expect(await put('readOnlyAdmin')).toMatchObject({ status: 412, body: { code: 'stale' } });
  });

  it('IAM-4: gives its members its role at once, and takes it when it is removed', async () => {
    const member = await test.issuer.token({ roles: [], groups: [GROUP.toUpperCase()] });
    expect((await send('getMe', { token: member })).status).toBe(403);
    const created = await put('readOnlyAdmin');
    expect(created.status).toBe(201);
    expect(created.headers['location']).toBe(`/api/v1/administratorGroups/${GROUP}`);
    test.clock.advanceSeconds(2);
    expect((await send('getMe', { token: member })).body).toMatchObject({
      kind: 'readOnlyAdmin',
      throughGroup: true,
    });

    const headers = { 'if-match': String(created.headers['etag']) };
    expect((await send('deleteAdministratorGroup', { params: { groupId: GROUP }, headers })).status).toBe(
      204,
    );
    test.clock.advanceSeconds(2);
    expect((await send('getMe', { token: member })).status).toBe(403);
  });

  it('is changed only by who knows its state', async () => {
    const created = await put('readOnlyAdmin');
    expect((await put('fullAdmin')).status).toBe(428);
    expect((await put('fullAdmin', { 'if-match': '"other"' })).status).toBe(412);
    const changed = await put('fullAdmin', { 'if-match': String(created.headers['etag']) });
    expect(changed.body).toEqual({ id: GROUP, name: 'Auditors', kind: 'fullAdmin' });
    expect(changed.headers['etag']).not.toBe(created.headers['etag']);
    const shown = await send('getAdministratorGroup', { params: { groupId: GROUP.toUpperCase() } });
    expect(shown).toMatchObject({ body: changed.body, headers: { etag: changed.headers['etag'] } });
  });

  it('is created by one of two who do so at once', async () => {
    const statuses = (await Promise.all([put('readOnlyAdmin'), put('fullAdmin')])).map(
      ({ status }) => status,
    );
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  });

  it.each(['x', '..', '%2F', 'a/b', '', '\0', '3333'])('must be named by a GUID: %j', async (groupId) => {
    expect((await put('readOnlyAdmin', {}, groupId)).status).toBe(400);
    expect((await send('getAdministratorGroup', { params: { groupId } })).status).toBe(404);
  });

  it('is listed, and its changes are logged', async () => {
    await put('readOnlyAdmin');
    expect((await send('listAdministratorGroups')).body['value']).toEqual([
      { id: GROUP, name: 'Auditors', kind: 'readOnlyAdmin' },
    ]);
    const logged = await auditLog(test.services);
    expect(logged).toMatchObject([{ action: 'administratorGroup.set', target: { id: GROUP } }]);
  });
});

it('lets only full admins manage groups and clients', async () => {
  for (const role of ['SessionRecording.PrivilegedPlayerAdmin', 'SessionRecording.ReadOnlyAdmin']) {
    const weak = await test.issuer.token({ roles: [role] });
    for (const { id, access } of identityOperations) {
      const { status } = await send(id, { token: weak });
      if (access === 'own-profile') expect([id, status]).not.toEqual([id, 403]);
      else expect([id, status]).toEqual([id, 403]);
    }
  }
});
