/** Responses of a month that is split into buckets, and those of before there were any. */
import { sendSmtp } from '../../shared/mail/smtp';
import { monthOf } from '../../shared/ids';
import { customerMonthsType } from '../../shared/months/customer-months';
import { log, ResponsePipeline, statesOf } from '../../tests/support/response-pipeline';
import { CONTOSO } from '../../tests/support/test-issuer';
import type { ActionRef } from './action-queue';
import { respondToEvents } from './respond-to-events';

jest.mock('../../shared/mail/smtp', () => ({
  ...jest.requireActual<object>('../../shared/mail/smtp'),
  sendSmtp: jest.fn(),
}));
jest.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

let pipeline: ResponsePipeline;

beforeEach(async () => {
  pipeline = await ResponsePipeline.start();
  pipeline.resetWith(jest.mocked(sendSmtp));
});
afterEach(() => pipeline.close());

const DONE = ['startScreenRecording', 'sendEmail', 'lockSession'].map((kind) => [kind, 'done', undefined]);

/** Publishes an event and responds to it: the messages of its actions. */
async function respond() {
  const given = await pipeline.publishEvent();
  await respondToEvents(pipeline.services, pipeline.topic.published.at(-1), log);
  const months = pipeline.queues.sent.map(({ message }) => (message as ActionRef).month);
  return { given, months: [...new Set(months)] };
}

it('RSP-6: an event of a split month is answered to its end, also by the sweep when messages are lost', async () => {
  const month = monthOf(pipeline.services.clock.now());
  await pipeline.services.database
    .control(CONTOSO)
    .create(customerMonthsType, { id: 'all', months: [month], buckets: { [month]: 256 } });
  const { given, months } = await respond();
  expect(months).toEqual([expect.stringMatching(/^\d{4}-\d\d\.[0-9a-f]{2}$/) as string]);
  pipeline.queues.sent.length = 0;
  await pipeline.settle();
  expect(statesOf(await pipeline.responseTo(given))).toEqual(DONE);
});

it('messages that were sent before months could be split are worked on in the next month that is', async () => {
  const { given, months } = await respond();
  const month = monthOf(pipeline.services.clock.now());
  expect(months).toEqual([month]);
  const control = pipeline.services.database.control(CONTOSO);
  const document = await control.read(customerMonthsType, 'all');
  if (!document) throw new Error('no month is listed');
  const { dueAt: _new, ...old } = document;
  await control.replace(customerMonthsType, {
    ...old,
    months: [month, '2030-02'],
    buckets: { '2030-02': 16 },
  });
  await pipeline.settle();
  expect(statesOf(await pipeline.responseTo(given))).toEqual(DONE);
});
