/** Searches: every filter, both orders, pages over months and buckets, permissions within the query. */
import fc from 'fast-check';
import { newSessionId, recordingId } from '../../../shared/ids';
import { customerMonthsType } from '../../../shared/months/customer-months';
import { call, type TestRequest } from '../../../tests/support/call';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { sessionPartition } from '../../sessions';
import { FULL_ACCESS, isVisible, type RecordingAccess } from '../access/recording-access';
import { recordingOperations } from '../operations';
import { type Recording, recordingType } from '../recording';
import { matches, type RecordingFilter } from './recording-filter';
import { durationFields, lowerCaseCopies, scopeKeysOf } from './search-fields';
import { PAGE_LIMITS, searchRecordings } from './search-recordings';
import { LISTED_STATES } from './states';

const SITES = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002'];
const MONTHS = { '2029-10': 1, '2029-11': 16, '2029-12': 1, '2030-01': 1 } as const;

let test: TestServices;
/** What is stored, newest first. */
let stored: Recording[];

beforeAll(async () => {
  test = await startTestServices();
  await openMonths(test, MONTHS);
  stored = [];
  for (let index = 0; index < 90; index += 1) {
    const recording = recordingNumber(index);
    stored.unshift(recording);
    await store(test, recording);
  }
});
afterAll(() => test.close());

async function openMonths({ services }: TestServices, months: Record<string, 1 | 16 | 256>) {
  const document = { id: 'all', months: Object.keys(months), buckets: months } as const;
  await services.database.control(CONTOSO).create(customerMonthsType, document);
}

async function store({ services }: TestServices, recording: Recording) {
  const partition = await sessionPartition(services, CONTOSO, recording.sessionId);
  await partition.create(recordingType, recording);
}

/** One a day from the middle of October on; every fourth one began days after its session did. */
function recordingNumber(index: number): Recording {
  const startedAt = new Date(Date.UTC(2029, 9, 16 + index, index % 24));
  const days = index % 4 === 3 ? 1 + (index % 20) : 0;
  const sessionId = newSessionId(new Date(startedAt.getTime() - days * 86_400_000));
  const account = `user${index % 5}`;
  const described = {
    userName: `CONTOSO\\${account}`,
    upn: `${account}@contoso.example`,
    application: ['SAP GUI', 'Outlook'][index % 2],
    deliveryGroup: 'Office',
    machine: `VDA-${index % 7}`,
    clientName: `PC-${index % 3}`,
    clientAddress: `10.0.0.${index % 9}`,
  };
  const user = {
    name: described.userName,
    upn: described.upn,
    groups: [{ name: `CONTOSO\\group${index % 3}` }],
  };
  const ended = durationFields(
    '2029-01-01T00:00:00.000Z',
    new Date(Date.UTC(2029, 0, 1, 0, (index * 37) % 90)).toISOString(),
  );
  const isLive = index % 10 === 9;
  return {
    id: recordingId(sessionId, 1 + (index % 3)),
    sessionId,
    part: 1 + (index % 3),
    siteId: SITES[index % 2] ?? '',
    serverId: 'bbbbbbbb-0000-4000-8000-000000000001',
    container: index % 6 === 0 ? 'events' : 'mp4',
    state: isLive ? 'uploading' : index % 11 === 0 ? 'damaged' : 'complete',
    ...described,
    ...lowerCaseCopies(described),
    userKey: described.userName.toLowerCase(),
    accountKey: account,
    scopeKeys: scopeKeysOf({ ...described, user }),
    audio: index % 3 === 0,
    lossy: index % 4 === 0,
    startedAt: startedAt.toISOString(),
    ...(isLive
      ? {}
      : {
          ...ended,
          score: (index * 7) % 4,
          eventCount: index,
          eventTypes: [['appStart', 'idle'][index % 2] ?? ''],
          eventWords: ['cmd', `word${index % 8}`],
        }),
    ...(index % 13 === 0
      ? { restrictedAt: startedAt.toISOString(), restrictedBy: { id: 'x', name: 'x' } }
      : {}),
  };
}

const search = async (query = '', request: TestRequest = {}) => {
  const operation = recordingOperations.find(({ id }) => id === 'listRecordings');
  if (!operation) throw new Error('there is no search');
  const token = await test.issuer.token();
  return call(test.services, operation, { token, query, ...request });
};
const idsOf = ({ body }: { body: Record<string, unknown> }) =>
  (body['value'] as { id: string }[]).map(({ id }) => id);

/** The pages of a search by its links: one that takes long may be short. */
async function pagesOf(query: string): Promise<string[][]> {
  const answer = await search(query);
  expect(answer.status).toBe(200);
  const { nextLink, searchedBackTo } = answer.body;
  const ids = idsOf(answer);
  if (typeof nextLink !== 'string') return [ids];
  const top = Number(new URLSearchParams(query).get('top'));
  expect(ids.length === top || searchedBackTo !== undefined).toBe(true);
  return [ids, ...(await pagesOf(new URL(nextLink).search))];
}

const DEFAULT: RecordingFilter = {
  access: FULL_ACCESS,
  restricted: false,
  states: ['uploading', 'verifying', 'complete'],
};
const matching = (filter: Partial<RecordingFilter>) =>
  stored.filter((recording) => matches({ ...DEFAULT, ...filter }, recording)).map(({ id }) => id);

/** All pages. */
async function all(
  filter: RecordingFilter,
  limit: number,
  direction: 'ascending' | 'descending' = 'descending',
) {
  const found: Recording[] = [];
  let after: Parameters<typeof searchRecordings>[2]['after'];
  for (;;) {
    const request = { filter, sortBy: 'startedAt', direction, limit, after } as const;
    const page = await searchRecordings(test.services, CONTOSO, request);
    found.push(...page.recordings);
    const last = page.recordings.at(-1);
    if (page.recordings.length < limit && !page.stoppedAt) return found.map(({ id }) => id);
    after = page.stoppedAt ?? (last && { value: last.startedAt, id: last.id });
  }
}

describe('RCD-2: a search', () => {
  it.each([
    ['userName=USER3', { userName: 'user3' }],
    ['userName=contoso%5Cuser3', { userName: 'contoso\\user3' }],
    ['upn=User1%40', { upn: 'user1@' }],
    ['machine=vda-2', { machine: 'vda-2' }],
    ['clientName=pc-1', { clientName: 'pc-1' }],
    ['clientAddress=10.0.0.7', { clientAddress: '10.0.0.7' }],
    ['application=sap', { application: 'sap' }],
    ['eventText=WORD3%20cmd', { words: ['word3', 'cmd'] }],
    ['eventType=idle', { eventType: 'idle' }],
    ['minDurationSeconds=600', { minDurationSeconds: 600 }],
    ['minDurationSeconds=600&maxDurationSeconds=1800', { minDurationSeconds: 600, maxDurationSeconds: 1800 }],
    ['eventsOnly=true', { eventsOnly: true }],
    ['eventsOnly=false&audio=true', { eventsOnly: false, audio: true }],
    ['lossy=false', { lossy: false }],
    [`siteId=${SITES[1]}`, { siteIds: SITES.slice(1) }],
    [`siteId=${SITES.join(',')}`, {}],
    ['state=live', { states: ['uploading'] }],
    ['state=archived', { states: ['archived'] }],
    ['state=damaged', { states: ['damaged'] }],
    [
      'from=2029-11-02T00:00:00Z&to=2029-12-05T00:00:00Z',
      { from: '2029-11-02T00:00:00.000Z', to: '2029-12-05T00:00:00.000Z' },
    ],
    ['period=last7Days', { from: '2030-01-09T00:00:00.000Z' }],
  ] as [string, Partial<RecordingFilter>][])(
    'by %s finds what matches, newest first',
    async (query, filter) => {
      const expected = matching(filter);
      expect((await pagesOf(`?top=200&${query}`)).flat()).toEqual(expected);
      if (!query.includes('archived')) expect(expected.length).toBeGreaterThan(0);
    },
  );

  it('sorts by start time in both directions, over months and buckets, with every recording once', async () => {
    expect(await all(DEFAULT, 7)).toEqual(matching({}));
    expect(await all(DEFAULT, 7, 'ascending')).toEqual(matching({}).toReversed());
    expect(await all(DEFAULT, 50)).toEqual(matching({}));
  });

  it.each([
    ['duration', 'durationSeconds'],
    ['score', 'score'],
  ] as const)('sorts by %s what has ended, within 92 days only', async (sortBy, property) => {
    const range = 'from=2029-11-01T00:00:00Z&to=2030-01-30T00:00:00Z';
    const query = `?sortBy=${sortBy}&${range}&top=10`;
    const found: number[] = [];
    for (let next: string | undefined = query; next !== undefined;) {
      const { body, status } = await search(next);
      expect(status).toBe(200);
      found.push(...(body['value'] as Record<typeof property, number>[]).map((row) => row[property]));
      const link = body['nextLink'];
      next = typeof link === 'string' ? new URL(link).search : undefined;
    }
    const expected = stored
      .filter((recording) => matches({ ...DEFAULT, from: '2029-11-01T00:00:00.000Z' }, recording))
      .flatMap((recording) => recording[property] ?? []);
    expect(found).toEqual(expected.toSorted((a, b) => b - a));
    expect(await search(`?sortBy=${sortBy}`)).toMatchObject({ status: 400 });
    expect(await search(`?sortBy=${sortBy}&from=2029-10-01T00:00:00Z&to=2030-01-30T00:00:00Z`)).toMatchObject(
      {
        status: 400,
        body: { errors: [{ parameter: 'sortBy' }] },
      },
    );
    expect((await search(`?sortBy=${sortBy}&period=last90Days`)).status).toBe(200);
  });

  it('gives pages by links that follow one another and end', async () => {
    expect((await pagesOf('?top=10')).flat()).toEqual(matching({}));
  });

  it('refuses links that were changed, or that belong to another filter, and contradicting parameters', async () => {
    const { body } = await search('?top=5&userName=user1');
    const link = new URL(String(body['nextLink']));
    const cursor = link.searchParams.get('cursor') ?? '';
    const refused = async (query: string, parameter: string) =>
      expect(await search(query)).toMatchObject({ status: 400, body: { errors: [{ parameter }] } });
    await refused(`?top=5&userName=user2&cursor=${cursor}`, 'cursor');
    await refused('?cursor=AAAA', 'cursor');
    await fc.assert(
      fc.asyncProperty(fc.nat(cursor.length - 1), fc.constantFrom('A', 'B', '-'), async (at, letter) => {
        fc.pre(cursor[at] !== letter);
        const changed = cursor.slice(0, at) + letter + cursor.slice(at + 1);
        await refused(`?top=5&userName=user1&cursor=${changed}`, 'cursor');
      }),
      { numRuns: 30 },
    );
    await refused('?period=today&from=2029-11-02T00:00:00Z', 'period');
    await refused('?minDurationSeconds=5&maxDurationSeconds=4', 'minDurationSeconds');
    await refused('?eventText=%2F%2F', 'eventText');
    await refused('?siteId=x', 'siteId');
    await refused('?timeZone=Mars', 'timeZone');
  });

  it('RCD-2: refuses a word that is too long to be found, alone or among others, and says so', async () => {
    for (const query of [`?eventText=${'a'.repeat(65)}`, `?eventText=cmd%20${'a'.repeat(65)}`]) {
      const errors = [{ detail: expect.stringContaining('at most 64 characters') as string }];
      expect(await search(query)).toMatchObject({ status: 400, body: { errors } });
    }
    expect((await search(`?eventText=${'a'.repeat(64)}`)).status).toBe(200);
  });

  it('finds by any filter what the pure predicate accepts', async () => {
    const access = fc.record({
      restricted: fc.boolean(),
      limitedSites: fc
        .uniqueArray(
          fc.tuple(
            fc.constantFrom(...SITES),
            fc.array(fc.constantFrom('u:user1', 'g:group2', 'a:outlook', 'd:nothing', 'm:vda-3'), {
              maxLength: 3,
            }),
          ),
          { selector: ([siteId]) => siteId, maxLength: 2 },
        )
        .map((limits) => new Map(limits)),
    });
    const filter = fc.record(
      {
        siteIds: fc.uniqueArray(fc.constantFrom(...SITES), { minLength: 1 }),
        userName: fc.constantFrom('user1', 'contoso\\', 'x'),
        application: fc.constantFrom('sap', 'outlook'),
        clientAddress: fc.constantFrom('10.0.0.1', '10.'),
        words: fc.constantFrom(['cmd'], ['word1'], ['cmd', 'word2'], ['absent']),
        eventType: fc.constantFrom('appStart', 'idle'),
        minDurationSeconds: fc.nat(5_000),
        maxDurationSeconds: fc.nat(5_400),
        eventsOnly: fc.boolean(),
        audio: fc.boolean(),
        lossy: fc.boolean(),
        from: fc.constantFrom('2029-11-01T00:00:00.000Z', '2029-12-31T23:00:00.000Z'),
        to: fc.constantFrom('2030-01-01T00:00:00.000Z', '2030-01-10T10:00:00.000Z'),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(access, filter, fc.boolean(), async (may, chosen, restricted) => {
        const asked: RecordingFilter = { ...chosen, access: may, restricted, states: LISTED_STATES };
        expect(await all(asked, 40)).toEqual(matching(asked));
      }),
      { numRuns: 15 },
    );
  }, 30_000);
});

it('IAM-6: a recording is visible when it meets any criterion, and never when it is restricted', () => {
  const access: RecordingAccess = {
    restricted: false,
    limitedSites: new Map([
      ['none', []],
      ['limited', ['u:ada', 'g:finance']],
    ]),
  };
  const seen = (siteId: string, scopeKeys?: string[], restrictedAt?: string) =>
    isVisible(access, { siteId, scopeKeys, restrictedAt });
  expect([seen('other'), seen('other', [], '2030')]).toEqual([true, false]);
  expect([seen('none'), seen('none', ['u:ada'])]).toEqual([false, false]);
  expect([seen('limited'), seen('limited', ['u:bob']), seen('limited', ['a:x', 'g:finance'])]).toEqual([
    false,
    false,
    true,
  ]);
  expect(seen('limited', ['u:ada'], '2030')).toBe(false);
});

it('RCD-2: a search over 60 empty months ends with how far it came, and goes on by its link', async () => {
  const empty = await startTestServices();
  const names = Array.from({ length: 60 }, (_, index) =>
    new Date(Date.UTC(2029, 12 - index)).toISOString().slice(0, 7),
  );
  await openMonths(empty, Object.fromEntries(names.toReversed().map((month) => [month, 1])));
  const token = await empty.issuer.token();
  const [operation] = recordingOperations;
  if (!operation) throw new Error('there is no search');
  const reached: string[] = [];
  for (let query = ''; ;) {
    const startedAt = performance.now();
    const { body } = await call(empty.services, operation, { token, query });
    expect(performance.now() - startedAt).toBeLessThan(PAGE_LIMITS.milliseconds + 1_000);
    expect(body['value']).toEqual([]);
    if (typeof body['nextLink'] !== 'string') break;
    reached.push(String(body['searchedBackTo']));
    query = new URL(body['nextLink']).search;
  }
  expect(reached.length).toBeGreaterThanOrEqual(2);
  expect(reached).toEqual(reached.toSorted().toReversed());
  await empty.close();
});
