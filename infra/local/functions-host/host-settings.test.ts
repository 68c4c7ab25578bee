import { parseHostJson } from './host-settings';

const read = (extensions: object) => parseHostJson(JSON.stringify({ version: '2.0', extensions })).extensions;

describe('host.json', () => {
  it('has the defaults of the real host', () => {
    const { http, queues } = read({});
    expect(http.routePrefix).toBe('api');
    expect(queues).toMatchObject({
      batchSize: 16,
      maxDequeueCount: 5,
      visibilityTimeoutMs: 0,
      maxPollingIntervalMs: 60_000,
      messageEncoding: 'base64',
    });
  });

  it('reads time spans', () => {
    const { queues } = read({
      queues: { visibilityTimeout: '1.02:03:04.5', maxPollingInterval: '00:00:02' },
    });
    expect(queues.visibilityTimeoutMs).toBe(((26 * 60 + 3) * 60 + 4.5) * 1000);
    expect(queues.maxPollingIntervalMs).toBe(2000);
  });

  it('is refused with a setting that has no effect here', () => {
    expect(() => read({ durableTask: { extendedSessionsEnabled: true } })).toThrow('extendedSessionsEnabled');
    expect(() => read({ serviceBus: {} })).toThrow('serviceBus');
    expect(() => parseHostJson('{"version":"2.0","retry":{}}')).toThrow('retry');
  });

  it('is refused with the place of what is wrong', () => {
    expect(() => read({ queues: { batchSize: 33 } })).toThrow('extensions.queues.batchSize');
    expect(() => parseHostJson('{"version":"1.0"}')).toThrow('version');
  });
});
