/** The limits of administrators and recording servers. */
import { testConfig } from '../../tests/support/test-services';
import { loadConfig } from '../config';
import type { Administrator, ClientCaller } from '../identity/caller';
import { RateLimits } from './rate-limits';

const at = (seconds: number) => new Date(seconds * 1000);

/** The variables without a default. */
const NEEDED = {
  PUBLIC_URL: 'https://recording.test',
  ADMIN_AUDIENCE: 'api',
  ADMIN_TENANTS: '*',
  COSMOS_ENDPOINT: 'https://cosmos.test',
  STORAGE_BLOB_ENDPOINT: 'https://blob.test',
  STORAGE_QUEUE_ENDPOINT: 'https://queue.test',
  KEY_VAULT_URL: 'https://vault.test',
  EVENT_GRID_TOPIC_ENDPOINT: 'https://topic.test/api/events',
};

describe('OPS-2: requests of administrators', () => {
  const administrator = (id: string, customerId = 'contoso'): Administrator => ({
    type: 'administrator',
    customerId,
    id,
    name: id,
    kind: 'fullAdmin',
    throughGroup: false,
    isApplication: false,
    groups: [],
    groupOverage: false,
  });
  const limits = () =>
    new RateLimits({ ...testConfig.requests, administratorPerMinute: 60, customerPerMinute: 120 });
  const refused = { code: 'too-many-requests', status: 429, retryAfterSeconds: 1 };
  const send = (to: RateLimits, caller: Administrator, count: number) => {
    for (let n = 0; n < count; n++) to.count(caller, at(0));
  };

  it('are limited for each of them, without a cost to others', () => {
    const all = limits();
    send(all, administrator('ada'), 10);
    expect(() => send(all, administrator('ada'), 1)).toThrow(expect.objectContaining(refused) as Error);
    send(all, administrator('bo'), 10);
    // The same object id in another directory is somebody else.
    send(all, administrator('ada', 'fabrikam'), 10);
  });

  it('are limited for all of a customer together, without a cost to other customers', () => {
    const all = limits();
    send(all, administrator('ada'), 10);
    send(all, administrator('bo'), 10);
    expect(() => send(all, administrator('cy'), 1)).toThrow(
      expect.objectContaining({
        ...refused,
        detail: expect.stringContaining('organisation') as string,
      }) as Error,
    );
    send(all, administrator('ada', 'fabrikam'), 10);
  });

  it('do not count when they are refused', () => {
    const all = limits();
    send(all, administrator('ada'), 10);
    for (let n = 0; n < 1_000; n++) expect(() => send(all, administrator('ada'), 1)).toThrow();
    all.count(administrator('ada'), at(1));
    send(all, administrator('bo'), 10);
  });

  it('count by the size of their bodies', () => {
    const all = limits();
    all.count(administrator('ada'), at(0), { bodyBytes: 12 * 1_048_576 });
    expect(() => send(all, administrator('ada'), 1)).toThrow(
      expect.objectContaining({ ...refused, retryAfterSeconds: 40 }) as Error,
    );
  });

  it('leave recording servers and anonymous callers to limits of their own', () => {
    const all = limits();
    for (let n = 0; n < 100; n++) {
      all.count({ type: 'client', customerId: 'contoso', id: 'one', name: '' }, at(0));
      all.count({ type: 'anonymous' }, at(0));
    }
    all.count(administrator('ada'), at(0));
  });
});

describe('CCL-6: requests and events of recording servers', () => {
  const client = (customerId = 'contoso', id = 'servers'): ClientCaller => ({
    type: 'client',
    customerId,
    id,
    name: 'Servers',
  });
  const limits = () =>
    new RateLimits({
      ...testConfig.requests,
      serverPerMinute: 60,
      customerServersPerMinute: 180,
      serverEventsPerMinute: 1_000,
      customerEventsPerMinute: 3_000,
    });
  const send = (to: RateLimits, caller: ClientCaller, serverId: string, count: number) => {
    for (let n = 0; n < count; n++) to.count(caller, at(0), { serverId });
  };
  const refusal = (detail: string, retryAfterSeconds: number) =>
    expect.objectContaining({
      status: 429,
      retryAfterSeconds,
      detail: expect.stringContaining(detail) as string,
    }) as Error;

  it('are limited for each server and for all of a customer together', () => {
    const all = limits();
    send(all, client(), 'one', 10);
    expect(() => send(all, client(), 'ONE', 1)).toThrow(refusal('server sends', 1));
    expect(() => all.countServer(client(), 'one', at(0))).toThrow(refusal('server sends', 1));
    send(all, client(), 'two', 10);
    send(all, client(), 'three', 10);
    expect(() => send(all, client(), 'four', 1)).toThrow(refusal('organisation', 1));
    expect(() => all.count(client(), at(0))).toThrow(refusal('organisation', 1));
    send(all, client('fabrikam'), 'one', 10);
  });

  it('cannot be used up by a client that names the server of another one', () => {
    const all = limits();
    send(all, client('contoso', 'other'), 'one', 10);
    send(all, client(), 'one', 10);
  });

  it('take a whole batch, and make the next one wait for it', () => {
    const all = limits();
    all.countEvents(client(), 'one', 1_500, at(0));
    expect(() => all.countEvents(client(), 'one', 1, at(0))).toThrow(refusal('too many events', 31));
    all.countEvents(client(), 'two', 1_500, at(0));
    expect(() => all.admitEvents(client(), at(0))).toThrow(refusal('too many events', 1));
    all.admitEvents(client('fabrikam'), at(0));
    all.admitEvents(client(), at(1));
    // Heartbeats go on: a server whose events wait is not offline.
    all.count(client(), at(0), { serverId: 'one' });
  });

  it('let a server deliver at once by default what it spooled in ten minutes, and eight servers within two minutes', () => {
    const all = new RateLimits(loadConfig(NEEDED).requests);
    // Fifty sessions with an event a second each.
    for (let batch = 0; batch < 30; batch++) all.countEvents(client(), 'one', 1_000, at(0));
    // Eight servers on this instance spend two minutes on 300 batches of 100 events each.
    for (let batch = 0; batch < 300; batch++)
      for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
        const now = at(60 + batch * 0.4);
        all.admitEvents(client('fabrikam'), now);
        all.count(client('fabrikam'), now, { serverId: id });
        all.countEvents(client('fabrikam'), id, 100, now);
      }
  });
});
