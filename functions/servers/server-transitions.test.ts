/** Every event in every state, against the table of docs/server-states.md, which is written by hand. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { activityFeed } from '../../tests/support/logs';
import { type RecordingServerTest, startRecordingServerTest } from '../../tests/support/recording-server';
import { newId } from '../../shared/ids';
import { Problem } from '../../shared/problem';
import type { Log } from '../../shared/telemetry/telemetry';
import { changeStatus } from './change-status';
import { type Server, serverType } from './server';
import { SERVER_STATUSES, type ServerStatus } from './server-status';
import { nextStatus, SERVER_EVENTS, type ServerEvent } from './server-transitions';

const document = readFileSync(path.join(__dirname, '../../docs/server-states.md'), 'utf8');
const cells = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const [header = [], , ...rows] = document
  .slice(document.indexOf('| event '), document.indexOf('## What the events are'))
  .trim()
  .split('\n')
  .map(cells);
const states = header.slice(1) as ('new' | ServerStatus)[];

/** Event, state, and what becomes of it: one for each cell. */
const expected = rows.flatMap(([event = '', ...outcomes]) =>
  outcomes.map((outcome, index) => [event as ServerEvent, states[index] ?? 'new', outcome] as const),
);

it('SRV-3: the table has every state and every event of the rule', () => {
  expect(states).toEqual([
    'new',
    'planned',
    'setupInProgress',
    'discovered',
    'available',
    'offline',
    'upgrading',
    'readyToInstall',
    'installationInProgress',
    'installationFailed',
    'uninstalled',
    'deleted',
    'maintenance',
  ]);
  expect(rows.map(([event]) => event)).toEqual(SERVER_EVENTS);
  expect(expected).toHaveLength(states.length * SERVER_EVENTS.length);
});

it.each(expected)('SRV-3: %s of a server that is %s: %s', (event, from, outcome) => {
  const next = nextStatus(from, event);
  const actual = next === undefined ? 'refused' : next === from ? 'stays' : next;
  expect(actual).toBe(outcome);
});

it('SRV-4: a server is removed only while it is offline, uninstalled, or its installation failed', () => {
  const removable = expected.filter(([event, , outcome]) => event === 'removed' && outcome === 'deleted');
  expect(removable.map(([, from]) => from)).toEqual(['offline', 'installationFailed', 'uninstalled']);
});

it('SRV-3: no state is a dead end, and each can be reached from a new machine', () => {
  const reached = new Set<string>(['new']);
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const [event, from] of expected) {
      const next = reached.has(from) ? nextStatus(from, event) : undefined;
      if (next) reached.add(next);
    }
  }
  expect([...reached].toSorted()).toEqual(['new', ...SERVER_STATUSES].toSorted());
  for (const status of SERVER_STATUSES)
    expect(SERVER_EVENTS.some((event) => (nextStatus(status, event) ?? status) !== status)).toBe(true);
});

describe('a stored server', () => {
  let test: RecordingServerTest;
  beforeAll(async () => {
    test = await startRecordingServerTest();
  });
  afterAll(() => test.close());

  const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const then = '2030-01-01T00:00:00.000Z';
  const serverIn = (status: ServerStatus): Server => ({
    id: newId(),
    hostName: 'REC01',
    description: '',
    serverVersion: '24.2.0.100',
    clientVersion: '7.42.15010.4',
    status,
    statusReason: 'before',
    statusSince: then,
  });

  /** What an event does to a stored server in this state: to the server, the feed, the caller and the log. */
  async function seen(event: ServerEvent, from: ServerStatus) {
    const { customerId, services } = test;
    const control = services.database.control(customerId);
    const logged: unknown[] = [];
    const log: Log = { ...SILENT, warn: (...line) => logged.push(line) };
    const { id: serverId, etag } = await control.create(serverType, serverIn(from));
    const happening = () => ({ event });
    const result: unknown = await changeStatus({ services, log, customerId, serverId, happening }).catch(
      (error: unknown) => error,
    );
    const after = await control.read(serverType, serverId);
    const feed = await activityFeed(services, customerId);
    return {
      from,
      status: after?.status,
      isWritten: after?.etag !== etag,
      reason: after?.statusReason,
      feed: feed
        .filter((entry) => entry.serverId === serverId)
        .map(({ category, severity, details }) => ({ category, severity, ...details })),
      refused: result instanceof Problem ? result.code : undefined,
      logged: logged.length,
    };
  }

  /** The same by the table. */
  function wanted(from: ServerStatus, outcome: string) {
    const changes = outcome !== 'stays' && outcome !== 'refused';
    const entry = {
      category: 'serverStatus',
      severity: 'information',
      hostName: 'REC01',
      status: outcome,
      serverVersion: '24.2.0.100',
      clientVersion: '7.42.15010.4',
    };
    return {
      from,
      status: changes ? outcome : from,
      isWritten: changes,
      reason: changes ? undefined : 'before',
      feed: changes ? [entry] : [],
      refused: outcome === 'refused' ? 'conflict' : undefined,
      logged: outcome === 'refused' ? 1 : 0,
    };
  }

  it.each(SERVER_EVENTS)(
    'SRV-3: %s is stored and shown in the feed, or refused and logged',
    async (event) => {
      test.newCustomer();
      for (const [of, from, outcome] of expected)
        if (of === event && from !== 'new') expect(await seen(event, from)).toEqual(wanted(from, outcome));
    },
  );

  it('SRV-3: takes the reason of an installation step, and keeps its status', async () => {
    const { customerId, services } = test;
    const control = services.database.control(customerId);
    const { id } = await control.create(serverType, serverIn('installationInProgress'));
    const reason = 'Step 1 of 3: Downloading';
    const changed = await changeStatus({
      services,
      log: SILENT,
      customerId,
      serverId: id,
      happening: () => ({ event: 'installationStep', reason }),
    });
    expect(changed).toMatchObject({
      status: 'installationInProgress',
      statusReason: reason,
      statusSince: then,
    });
  });
});
