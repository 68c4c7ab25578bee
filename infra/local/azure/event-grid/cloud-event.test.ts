import fc from 'fast-check';
import { checkCloudEvents } from './cloud-event';

const event = { id: '1', source: '/servers/s1', type: 'Session.Events', specversion: '1.0' };

it('takes the required attributes, the optional ones and extensions', () => {
  const full = {
    ...event,
    time: '2026-01-01T00:00:00Z',
    subject: 'session',
    datacontenttype: 'application/json',
    data: { a: [1] },
    traceparent: '00-1',
    retries: 3,
  };
  expect(checkCloudEvents([full, event])).toEqual([full, event]);
});

it.each([
  ['no id', { id: undefined }],
  ['an empty id', { id: '' }],
  ['no source', { source: undefined }],
  ['no type', { type: undefined }],
  ['another version', { specversion: '0.3' }],
  ['a time that is none', { time: 'yesterday' }],
  ['a subject that is no text', { subject: 5 }],
  ['an extension in upper case', { traceParent: 'x' }],
  ['an extension that is an object', { extension: {} }],
  ['both kinds of data', { data: 1, data_base64: 'AAAA' }],
])('refuses the whole batch for an event with %s', (_what, change) => {
  expect(() => checkCloudEvents([event, { ...event, ...change }])).toThrow(/CloudEventV10/);
});

it('refuses anything that is no list of events, with 400', () => {
  fc.assert(
    fc.property(
      fc.jsonValue().filter((value) => !Array.isArray(value) || value.length > 0),
      (value) => {
        expect(() => checkCloudEvents(value)).toThrow(expect.objectContaining({ status: 400 }) as Error);
      },
    ),
  );
});

it('takes 5,000 events at once, and no more', () => {
  const events = (count: number): object[] => Array.from({ length: count }, () => event);
  expect(checkCloudEvents(events(5000))).toHaveLength(5000);
  expect(() => checkCloudEvents(events(5001))).toThrow(expect.objectContaining({ status: 413 }) as Error);
});
