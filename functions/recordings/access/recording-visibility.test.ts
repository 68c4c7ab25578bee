/**
 * Who sees a recording by any operation on it, or on what belongs to it. The operations are those of the app, so that a
 * new one is held to the rule from the moment it is built: all of them load the recording by `loadVisibleRecording`.
 */
import { newSessionId, recordingId } from '../../../shared/ids';
import { customerMonthsType } from '../../../shared/months/customer-months';
import { monthOf } from '../../../shared/ids';
import { PERMISSIONS } from '../../../shared/identity/permissions';
import type { Operation } from '../../../shared/http/operation';
import { call } from '../../../tests/support/call';
import { type RecordingServerTest, startRecordingServerTest } from '../../../tests/support/recording-server';
import { CONTOSO, FABRIKAM } from '../../../tests/support/test-issuer';
import { operations } from '../../operations';
import { sessionPartition } from '../../sessions';
import { type Session, sessionType } from '../../sessions/session';
import { permissionId, playbackPermissionType } from '../../sites/playback-permissions/playback-permission';
import { type Recording, recordingType } from '../recording';
import { scopeKeysOf } from '../search/search-fields';

jest.mock('durable-functions', () => ({ RetryOptions: class {} }));

const ROLES = {
  fullAdmin: 'SessionRecording.FullAdmin',
  privilegedPlayerAdmin: 'SessionRecording.PrivilegedPlayerAdmin',
  readOnlyAdmin: 'SessionRecording.ReadOnlyAdmin',
} as const;
type Kind = keyof typeof ROLES;
const ADMINISTRATOR = 'cccccccc-0000-4000-8000-000000000001';
const SERVER = 'bbbbbbbb-0000-4000-8000-000000000001';
/** A name that no other text contains: who may not see the recording reads it nowhere. */
const USER = 'CONTOSO\\zebediah';
const USERS = { limitedIn: [USER], limitedOut: ['CONTOSO\\someone-else'] };

/** By permission, the site at which the administrator has it. */
const SITES = {
  full: 'aaaaaaaa-0000-4000-8000-000000000001',
  limitedIn: 'aaaaaaaa-0000-4000-8000-000000000002',
  limitedOut: 'aaaaaaaa-0000-4000-8000-000000000003',
  none: 'aaaaaaaa-0000-4000-8000-000000000004',
} as const;
type Permission = keyof typeof SITES;

interface Case {
  kind: Kind;
  permission: Permission;
  restricted: boolean;
  foreign: boolean;
}

const both = [false, true];
const CASES: Case[] = (Object.keys(ROLES) as Kind[]).flatMap((kind) =>
  (Object.keys(SITES) as Permission[]).flatMap((permission) =>
    both.flatMap((restricted) => both.map((foreign) => ({ kind, permission, restricted, foreign }))),
  ),
);

/** The rule, written out: IAM-1, then IAM-6. */
function maySee({ kind, permission, restricted, foreign }: Case): boolean {
  if (foreign) return false;
  if (kind !== 'readOnlyAdmin') return true;
  return !restricted && (permission === 'full' || permission === 'limitedIn');
}

const onRecordings = operations.filter(
  ({ path, access }) => path.startsWith('/api/v1/recordings/{recordingId}') && access !== 'cloud-client',
);

let test: RecordingServerTest;
const recordings = new Map<string, Recording>();

beforeAll(async () => {
  test = await startRecordingServerTest();
  for (const customerId of [CONTOSO, FABRIKAM]) await fill(customerId);
});
afterAll(() => test.close());

async function fill(customerId: string) {
  const { database, clock } = test.services;
  const control = database.control(customerId);
  await control.create(customerMonthsType, { id: 'all', months: [monthOf(clock.now())] });
  for (const [name, siteId] of Object.entries(SITES)) {
    const permission = name === 'none' ? 'none' : 'limited';
    const users = name in USERS ? USERS[name as keyof typeof USERS] : [];
    const scope = { users, groups: [], applications: [], deliveryGroups: [], machines: [] };
    if (name !== 'full')
      await control.create(playbackPermissionType, {
        id: permissionId(siteId, ADMINISTRATOR),
        siteId,
        administratorId: ADMINISTRATOR,
        permission,
        scope,
      });
    for (const restricted of both) {
      const recording = await record(customerId, siteId, restricted);
      recordings.set(`${customerId} ${name} ${restricted}`, recording);
    }
  }
}

async function record(customerId: string, siteId: string, restricted: boolean): Promise<Recording> {
  const startedAt = test.time();
  const sessionId = newSessionId(test.clock.now());
  const facts = { user: { name: USER, groups: [] }, tags: [] };
  const by = { id: 'someone', name: 'someone@contoso.example' };
  const recording: Recording = {
    id: recordingId(sessionId, 1),
    sessionId,
    part: 1,
    siteId,
    serverId: SERVER,
    container: 'events',
    state: 'complete',
    userName: USER,
    userKey: USER.toLowerCase(),
    accountKey: 'zebediah',
    scopeKeys: scopeKeysOf(facts),
    startedAt,
    endedAt: test.time(60),
    ...(restricted ? { restrictedAt: startedAt, restrictedBy: by } : {}),
  };
  const partition = await sessionPartition(test.services, customerId, sessionId);
  await partition.create(recordingType, recording);
  await partition.create(sessionType, {
    id: sessionId,
    customerId,
    siteId,
    serverId: SERVER,
    sessionKey: sessionId,
    facts,
    startedAt,
    endedAt: test.time(60),
    state: 'ended',
    decision: {} as Session['decision'],
    ...(restricted ? { restriction: { by, at: startedAt } } : {}),
  });
  return recording;
}

function recordingOf({ permission, restricted, foreign }: Case): Recording {
  const found = recordings.get(`${foreign ? FABRIKAM : CONTOSO} ${permission} ${restricted}`);
  if (!found) throw new Error('there is no such recording');
  return found;
}

const tokenOf = (kind: Kind) => test.issuer.token({ oid: ADMINISTRATOR, roles: [ROLES[kind]] });
const nameOf = ({ kind, permission, restricted, foreign }: Case) =>
  `${kind}, ${permission}, ${restricted ? 'restricted' : 'not restricted'}, ${foreign ? 'foreign' : 'own'}`;

/** What the path names besides the recording does not exist, so that 404 says nothing about the recording. */
const namesMore = ({ path }: Operation) => (path.match(/\{/g) ?? []).length > 1;

it('IAM-6: every operation on a recording or what belongs to it is held to the permissions', () => {
  const ids = onRecordings.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(['getRecording', 'listRecordingsOfSession']));
  // Nothing is looked at before it is known whether the caller may see the recording.
  expect(onRecordings.filter((operation) => operation.load === undefined).map(({ id }) => id)).toEqual([]);
});

describe.each(onRecordings.map((operation) => [operation.id, operation] as const))('%s', (_id, operation) => {
  it.each(CASES.map((item) => [nameOf(item), item] as const))(
    'IAM-6: answers as the permission says: %s',
    async (_name, item) => {
      const allowed: readonly string[] = PERMISSIONS[operation.access as keyof typeof PERMISSIONS];
      const params = { recordingId: recordingOf(item).id };
      const answer = await call(test.services, operation, { token: await tokenOf(item.kind), params });
      if (!allowed.includes(item.kind)) {
        expect(answer.status).toBe(403);
      } else if (!maySee(item)) {
        expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
        expect(answer.text).not.toContain('zebediah');
      } else {
        expect(answer.status).toBeLessThan(500);
        if (!namesMore(operation)) expect(answer.status).not.toBe(404);
      }
    },
  );
});

describe('IAM-6: lists', () => {
  const listOf = async (id: string, kind: Kind) => {
    const operation = operations.find((item) => item.id === id);
    if (!operation) throw new Error(`there is no operation ${id}`);
    const { body } = await call(test.services, operation, { token: await tokenOf(kind) });
    return ((body['value'] ?? []) as { id: string }[]).map((row) => row.id).toSorted();
  };
  const seen = (kind: Kind, restricted: boolean) =>
    CASES.filter((item) => item.kind === kind && item.restricted === restricted && maySee(item))
      .map((item) => recordingOf(item).id)
      .toSorted();

  it.each(Object.keys(ROLES) as Kind[])('contain what a %s may see, and nothing else', async (kind) => {
    expect(await listOf('listRecordings', kind)).toEqual(seen(kind, false));
    const restricted = kind === 'readOnlyAdmin' ? [] : seen(kind, true);
    expect(await listOf('findRestrictedRecordings', kind)).toEqual(restricted);
  });
});

describe('IAM-6: a restriction', () => {
  const restrict = async (kind: Kind, item: Case, by: 'recordingIds' | 'sessionIds', more: string[] = []) => {
    const operation = operations.find(({ id }) => id === 'restrictRecordings');
    if (!operation) throw new Error('there is no such operation');
    const { id, sessionId } = recordingOf(item);
    const body = { [by]: [by === 'sessionIds' ? sessionId : id, ...more] };
    return call(test.services, operation, { token: await tokenOf(kind), body });
  };

  it.each(
    CASES.filter((item) => item.kind === 'readOnlyAdmin' && !maySee(item)).map(
      (item) => [nameOf(item), item] as const,
    ),
  )('is placed by a read-only administrator only on what they see: %s', async (_name, item) => {
    const refused = { status: 404, body: { code: 'not-found' } };
    expect(await restrict('readOnlyAdmin', item, 'recordingIds')).toMatchObject(refused);
    expect(await restrict('readOnlyAdmin', item, 'sessionIds')).toMatchObject(refused);
    // As a task, too.
    const many = Array.from({ length: 50 }, () => newSessionId(test.clock.now()));
    expect(await restrict('readOnlyAdmin', item, 'sessionIds', many)).toMatchObject(refused);
  });
});
