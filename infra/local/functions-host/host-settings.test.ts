import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../stack/repository-root';
import { checkHostJson, parseHostJson } from './host-settings';

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

  it('is refused with a name that the real host does not know, and with an extension that this one lacks', () => {
    expect(() => read({ durableTask: { extendedSessionEnabled: true } })).toThrow('extendedSessionEnabled');
    expect(() => read({ durableTask: { storageProvider: { partitions: 4 } } })).toThrow('partitions');
    expect(() => read({ http: { maxConcurrentRequest: 1 } })).toThrow('maxConcurrentRequest');
    expect(() => read({ serviceBus: {} })).toThrow('serviceBus');
    expect(() => parseHostJson('{"version":"2.0","retry":{}}')).toThrow('retry');
    expect(() => parseHostJson('{"version":"2.0","telemetryMode":"opentelemetry"}')).toThrow('telemetryMode');
  });

  it('may hold what a deployment needs, and names what of it has no effect here', () => {
    const deployed = {
      version: '2.0',
      telemetryMode: 'OpenTelemetry',
      functionTimeout: '-1',
      extensions: {
        http: { routePrefix: '', maxConcurrentRequests: 100, maxOutstandingRequests: -1 },
        durableTask: {
          hubName: 'Hub',
          extendedSessionsEnabled: false,
          storageProvider: { type: 'azureManaged', connectionStringName: 'DURABLE_TASK_SCHEDULER' },
        },
      },
      logging: {
        logLevel: { default: 'Warning', 'Function.health': 'Error' },
        applicationInsights: { samplingSettings: { isEnabled: true, excludedTypes: 'Request' } },
      },
    };
    const { settings, withoutEffect } = checkHostJson(JSON.stringify(deployed));
    expect(settings.functionTimeout).toBeUndefined();
    expect(settings.logging.logLevel.default).toBe('warning');
    expect(withoutEffect).toEqual([
      'telemetryMode',
      'logging.applicationInsights',
      'extensions.http.maxOutstandingRequests',
      'extensions.http.maxConcurrentRequests',
      'extensions.durableTask.storageProvider',
      'extensions.durableTask.extendedSessionsEnabled',
    ]);
  });

  it('of this repository ends what runs for ten minutes', () => {
    const text = readFileSync(path.join(repositoryRoot(__dirname), 'host.json'), 'utf8');
    expect(parseHostJson(text).functionTimeout).toBe(600_000);
  });

  it('is refused with the place of what is wrong', () => {
    expect(() => read({ queues: { batchSize: 33 } })).toThrow('extensions.queues.batchSize');
    expect(() => parseHostJson('{"version":"1.0"}')).toThrow('version');
  });
});
