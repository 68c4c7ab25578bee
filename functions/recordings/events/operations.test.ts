/** The list of the events of a recording: filters, pages, and what was done about them. */
import { call } from '../../../tests/support/call';
import {
  eventId,
  recordedSession,
  type RecordedSession,
  SITE,
} from '../../../tests/support/recorded-session';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { monthOfSession } from '../../../shared/ids';
import { respondedEvents } from '../../responses';
import { type EventResponse, eventResponseType } from '../../responses/event-response';
import type { Recording } from '../recording';
import { eventOperations } from './operations';

const [listEvents] = eventOperations(respondedEvents);

let test: TestServices;
let recorded: RecordedSession;
let recording: Recording;

beforeAll(async () => {
  test = await startTestServices();
  recorded = await recordedSession(test.services, test.clock.now());
  const { event, receive, part } = recorded;
  await receive('first', [
    event(1, 1),
    event(2, 2, { type: 'topMost', data: { appName: 'Excel', windowTitle: 'Straße.xlsx' } }),
    event(3, 3, { type: 'fileTransfer', data: { fileName: 'Salaries.XLSX', fileSizeBytes: 4_711 } }),
  ]);
  await receive('second', [event(3, 3), event(4, 3), event(5, 5, { type: 'appEnd' }), event(6, 500)]);
  recording = await part(1, 0, 60);
});

afterAll(() => test.close());

interface Page {
  value: { id: string; positionSeconds: number; hasResponse?: boolean }[];
  nextLink?: string;
}

async function page(query = '', token?: string): Promise<Page> {
  if (!listEvents) throw new Error('there is no operation');
  const answer = await call(test.services, listEvents, {
    token: token ?? (await test.issuer.token()),
    params: { recordingId: recording.id },
    query,
  });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return answer.body as unknown as Page;
}

const numbers = ({ value }: Page) => value.map(({ id }) => Number(id.slice(-3)));
const listed = async (query?: string) => numbers(await page(query));

async function allPages(query: string): Promise<number[]> {
  const found: number[] = [];
  for (let next: string | undefined = query; next !== undefined;) {
    const { nextLink, ...shown }: Page = await page(next);
    found.push(...numbers(shown));
    next = nextLink && new URL(nextLink).search;
  }
  return found;
}

it('RCD-5: the events of a recording are listed in order of time, each once, with their position', async () => {
  expect(await listed()).toEqual([1, 2, 3, 4, 5]);
  expect((await page()).value.map(({ positionSeconds }) => positionSeconds)).toEqual([1, 2, 3, 3, 5]);
});

it.each([
  ['?types=appEnd', [5]],
  ['?types=appEnd,topMost', [2, 5]],
  ['?text=STRA%C3%9FE', [2]],
  ['?text=xlsx', [2, 3]],
  ['?text=471', [3]],
  ['?text=xlsx&types=fileTransfer', [3]],
  ['?text=nothing', []],
])('RCD-5: %s finds the events that match all of it', async (query, expected) => {
  expect(await listed(query)).toEqual(expected);
});

it.each(['?types=appLaunch', '?types=appStart,', '?types=', '?text=', '?hasResponse=maybe', '?cursor=abc'])(
  '%s is refused',
  async (query) => {
    await expect(page(query)).rejects.toThrow('400');
  },
);

it('RCD-5: pages contain every event once, also where several have the same time', async () => {
  for (const top of [1, 2, 3, 4]) expect(await allPages(`?top=${top}`)).toEqual([1, 2, 3, 4, 5]);
});

it('a page link is bound to its filter', async () => {
  const { nextLink = '' } = await page('?top=1&text=xlsx');
  const link = new URL(nextLink).search;
  expect(await listed(link)).toEqual([3]);
  await expect(page(link.replace('text=xlsx', 'text=doc'))).rejects.toThrow('invalid-cursor');
});

it('RCD-5: events are listed by whether something was done in response to them, where that is known', async () => {
  const { session, at } = recorded;
  const partition = test.services.database.responses(CONTOSO, SITE, monthOfSession(session.id));
  await partition.create(eventResponseType, {
    id: eventId(2),
    siteId: SITE,
    sessionId: session.id,
    at: at(2),
    actions: [],
  } as unknown as EventResponse);
  expect(await listed('?hasResponse=true')).toEqual([2]);
  expect(await listed('?hasResponse=false')).toEqual([1, 3, 4, 5]);
  test.clock.advanceSeconds(91 * 86_400);
  expect((await page()).value.map(({ hasResponse }) => hasResponse)).toEqual(Array(5).fill(undefined));
  expect(await listed('?hasResponse=false')).toEqual([]);
});

it('RCD-12: custom events are shown and searched like others, also by their fields', async () => {
  const { event, receive, part } = recorded;
  const custom = event(8, 700, {
    type: 'custom',
    data: { source: 'SAP', name: 'Payment approved', text: 'Invoice' },
    fields: { currency: 'EUR', amount: 8_150, urgent: true },
  });
  await receive('custom', [custom, event(9, 701)]);
  recording = await part(2, 690, 710);
  expect((await page()).value[0]).toMatchObject(custom);
  for (const query of ['?types=custom', '?text=payment', '?text=sap', '?text=eur', '?text=8150'])
    expect(await listed(query)).toEqual([8]);
  expect(await listed('?text=currency')).toEqual([]);
});

it('RCD-5: a filter that nothing matches ends each page after bounded work', async () => {
  const { event, receive, part } = recorded;
  for (let batch = 0; batch < 21; batch++) {
    const events = Array.from({ length: 1_000 }, (_, index) =>
      event(1_000 + batch * 1_000 + index, 1_000 + batch + index / 1_000),
    );
    await receive(`many ${batch}`, events);
  }
  recording = await part(3, 1_000, 2_000);
  const first = await page('?text=nothing');
  expect(first).toMatchObject({ value: [], nextLink: expect.any(String) as string });
  const second = await page(new URL(first.nextLink ?? '').search);
  expect(second).toEqual({ value: [] });
});
