import { MemoryBlobs, MemoryTopic } from '../../tests/support/memory-storage';
import { WorkLimits } from '../../shared/work-limits';
import { testConfig } from '../../tests/support/test-services';
import { TestClock } from '../../tests/support/test-clock';
import type { SessionEvent } from '../policies/engine';
import { writePolicyBody } from '../policies/versions/policy-bodies';
import { detectedEvents, publishBatch } from './publish-batch';

const CUSTOMER = '11111111-1111-4111-8111-111111111111';
const policyVersion = { policyId: '019bc17a-0000-7000-8000-000000000003', version: 1 };
const rule = {
  id: 'rule',
  createdAt: '2030-01-01T00:00:00.000Z',
  name: 'Rule',
  description: '',
  scope: { machines: ['VDA07'] },
  triggers: [{ eventType: 'appStart', conditions: [], description: '', actions: ['lockSession'] }],
  recipients: '',
  recordingOptions: { minutesAfter: null, secondsBefore: null, lossy: false },
  operationDelaySeconds: 0,
};

const event = (number: number, type: SessionEvent['type'], appName = 'notepad.exe'): SessionEvent => ({
  id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  type,
  time: '2030-01-15T12:00:00.000Z',
  data: { appName },
});
const batch = (events: SessionEvent[]) => ({
  customerId: CUSTOMER,
  siteId: 'site',
  sessionId: 'session',
  serverId: 'server',
  batchId: 'batch',
  receivedAt: '2030-01-15T12:00:01.000Z',
  policyVersion,
  events,
});

let topic: MemoryTopic;
let services: Parameters<typeof publishBatch>[0];

beforeEach(async () => {
  topic = new MemoryTopic();
  services = {
    blobs: new MemoryBlobs().asStore(),
    events: topic.asPublisher(),
    config: testConfig,
    workLimits: new WorkLimits(testConfig.requests, new TestClock()),
  };
  await writePolicyBody(services, CUSTOMER, 'site', policyVersion, {
    kind: 'eventResponse',
    name: 'Answers',
    description: '',
    rules: [rule],
  });
});

it('publishes the events that a trigger is about, and no others', async () => {
  const events = [event(1, 'appStart'), event(2, 'appEnd'), event(3, 'appStart')];
  expect(await publishBatch(services, batch(events))).toEqual({ publishedEvents: 2 });
  expect(topic.published).toMatchObject([
    {
      type: 'SessionRecording.EventsDetected',
      source: 'https://recording.test',
      subject: 'sites/site/sessions/session',
      data: { policyId: policyVersion.policyId, policyVersion: 1, events: [events[0], events[2]] },
    },
  ]);
});

it('publishes nothing of a batch that no trigger is about, or that came while no policy was active', async () => {
  await publishBatch(services, batch([event(1, 'appEnd')]));
  await publishBatch(services, { ...batch([event(1, 'appStart')]), policyVersion: null });
  await publishBatch(services, {
    ...batch([event(1, 'appStart')]),
    policyVersion: { ...policyVersion, version: 2 },
  });
  expect(topic.published).toEqual([]);
});

it('publishes a repeated batch as the same events, many in each, none above 64 KB', async () => {
  const events = Array.from({ length: 1_000 }, (_, number) =>
    event(number, 'appStart', `app ${'x'.repeat(500)}`),
  );
  await publishBatch(services, batch(events));
  const first = topic.published.splice(0);
  await publishBatch(services, batch(events));
  expect(topic.published).toEqual(first);
  expect(new Set(first.map(({ id }) => id)).size).toBe(first.length);
  expect(first.length).toBeLessThan(20);
  expect(Math.max(...first.map((published) => JSON.stringify(published).length))).toBeLessThanOrEqual(65_536);
  expect(first.flatMap(({ data }) => detectedEvents.parse(data).events)).toEqual(events);
});
