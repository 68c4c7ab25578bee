import { setTimeout as sleep } from 'node:timers/promises';
import { type QueueServiceClient } from '@azure/storage-queue';
import { eventually, type HostProcess } from './testing/processes';
import { seenAtLeastBy, seenBy, triggersFixture } from './testing/trigger-processes';

jest.setTimeout(60_000);

let fixture: Awaited<ReturnType<typeof triggersFixture>>;
let queues: QueueServiceClient;
let host: HostProcess;

beforeAll(async () => {
  fixture = await triggersFixture(1);
  queues = fixture.queues;
  host = await fixture.start();
});

afterAll(async () => {
  await host?.kill();
  await fixture?.stop();
});

const seen = (name: string) => seenBy(host, name);
const seenAtLeast = (name: string, count: number) => seenAtLeastBy(host, name, count);

describe('HTTP trigger', () => {
  it('hands over URL, repeated query keys, route parameters, headers and binary bodies', async () => {
    const body = Buffer.from([1, 2, 255, 0]);
    const url = `${host.url}/echo/5/a%2Fb/c%20d?tag=1&tag=2&q=x%20y`;
    const response = await fetch(url, { method: 'POST', body, headers: { 'x-sent': 'value' } });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-echo')).toBe('yes');
    expect(response.headers.get('set-cookie')).toBe('flavour=oat; path=/echo; httponly');
    expect(await response.json()).toEqual({
      url,
      params: { id: '5', rest: 'a%2Fb/c d' },
      query: { tag: '1,2', q: 'x y' },
      all: ['1', '2'],
      header: 'value',
      bodyBytes: 4,
      body: '0102ff00',
    });
  });

  it("appends the caller's own address to X-Forwarded-For, whatever the caller wrote there", async () => {
    const forwarded = async (headers: Record<string, string>) => {
      await fetch(`${host.url}/forwarded`, { headers });
      return String((await seen('forwarded')).at(-1));
    };
    expect(await forwarded({})).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await forwarded({ 'x-forwarded-for': '6.6.6.6' })).toMatch(/^6\.6\.6\.6, 127\.0\.0\.1:\d+$/);
  });

  it('answers 404 for an unknown path, a method that is not listed and a parameter against its constraint', async () => {
    expect((await fetch(`${host.url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${host.url}/echo/5/x`, { method: 'DELETE' })).status).toBe(404);
    expect((await fetch(`${host.url}/echo/five/x`)).status).toBe(404);
  });

  it('serves HEAD and OPTIONS to functions that list them', async () => {
    const head = await fetch(`${host.url}/echo/5/x`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([201, '']);
    expect((await fetch(`${host.url}/echo/5/x`, { method: 'OPTIONS' })).status).toBe(201);
  });

  it('leaves out an optional parameter that is not given', async () => {
    expect(await (await fetch(`${host.url}/optional`)).json()).toEqual({});
    expect(await (await fetch(`${host.url}/optional/here`)).json()).toEqual({ name: 'here' });
  });

  it('takes bodies up to the limit and answers 413 above it', async () => {
    const put = (size: number) => fetch(`${host.url}/echo/1/x`, { method: 'PUT', body: Buffer.alloc(size) });
    expect(await (await put(2_000_000)).json()).toMatchObject({ bodyBytes: 2_000_000 });
    expect((await put(2_000_001)).status).toBe(413);
  });

  it('drops a body without Content-Length, as the real host does', async () => {
    const body = new Blob(['chunked']).stream();
    const response = await fetch(`${host.url}/echo/1/x`, { method: 'POST', body, duplex: 'half' });
    expect(await response.json()).toMatchObject({ bodyBytes: 0 });
  });

  it('answers binary data, an empty 200 for nothing, and 500 without details for an error', async () => {
    const binary = await fetch(`${host.url}/binary`);
    expect(binary.headers.get('content-type')).toBe('image/png');
    expect([...new Uint8Array(await binary.arrayBuffer())]).toEqual([0, 255, 10]);
    const nothing = await fetch(`${host.url}/nothing`);
    expect([nothing.status, await nothing.text()]).toEqual([200, '']);
    const broken = await fetch(`${host.url}/broken`);
    expect([broken.status, await broken.text()]).toEqual([500, '']);
  });

  it('logs a failure in one line with function, invocation id and error', async () => {
    await fetch(`${host.url}/broken`);
    const line = host.output.find((text) => text.includes(`'Functions.broken'`));
    expect(line).toMatch(
      /\[error\].*Executed 'Functions\.broken' \(Failed, Id=[\da-f-]{36}, Duration=\d+ms\) broken on purpose at /,
    );
  });

  it("writes the app's lines at their levels, and drops those below that of host.json", async () => {
    await fetch(`${host.url}/log`);
    const lines = host.output.filter((text) => text.includes('Function.log.User')).join('\n');
    expect(lines).toMatch(/\[information\] .*an info line.*\[warning\] .*a warning.*\[error\] .*an error/s);
    expect(lines).not.toContain('a debug line');
  });

  it("continues the caller's trace", async () => {
    const headers = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
    const continued = await (await fetch(`${host.url}/log`, { headers })).text();
    expect(continued).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/);
    expect(await (await fetch(`${host.url}/log`)).text()).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it('refuses host paths that it does not implement by name', async () => {
    const response = await fetch(`${host.url}/admin/host/status`);
    expect(response.status).toBe(501);
    expect(await response.text()).toContain('/admin/host/status');
  });

  it('runs app and invocation hooks', async () => {
    await fetch(`${host.url}/echo/1/x`);
    expect(await seen('hooks')).toEqual(expect.arrayContaining(['appStart', 'preInvocation echo']));
  });
});

describe('queue trigger', () => {
  it('hands over the message with the binding data of the real host', async () => {
    await queues.getQueueClient('orders').sendMessage('{"id":7,"deep":{"Key":1},"list":[1],"yes":true}');
    const [entry] = await seenAtLeast('orders', 1);
    expect(entry).toEqual({
      message: { id: 7, deep: { Key: 1 }, list: [1], yes: true },
      metadata: {
        queueTrigger: { id: 7, deep: { key: 1 }, list: [1], yes: true },
        dequeueCount: 1,
        id: 7,
        popReceipt: expect.any(String) as string,
        insertionTime: expect.stringMatching(/^\d{4}-.*\+00:00$/) as string,
        expirationTime: expect.any(String) as string,
        nextVisibleTime: expect.any(String) as string,
        deep: { key: 1 },
        yes: 'True',
        sys: expect.objectContaining({ methodName: 'queue' }) as object,
      },
    });
  });

  it('tries a failing message again and moves it to the poison queue after the last time', async () => {
    await queues.getQueueClient('orders').sendMessage('poison');
    expect(await seenAtLeast('poison', 1)).toEqual(['poison']);
    const tries = (await seen('orders')).filter(
      (entry) => (entry as { message: unknown }).message === 'poison',
    );
    expect(tries).toHaveLength(2);
  });

  it('keeps a message hidden while its function runs longer than the lease', async () => {
    await queues.getQueueClient('long').sendMessage('once');
    await seenAtLeast('long', 1);
    await eventually('the message is deleted', async () => {
      const { approximateMessagesCount } = await queues.getQueueClient('long').getProperties();
      return approximateMessagesCount === 0 ? true : undefined;
    });
    expect(await seen('long')).toEqual(['once']);
  });

  it('sends extra outputs and return values, an array as several messages', async () => {
    await fetch(`${host.url}/send`, { method: 'POST', body: JSON.stringify(['one', { two: 2 }]) });
    const returned = await seenAtLeast('returned', 2);
    expect(returned).toEqual(expect.arrayContaining([{ copied: 'one' }, { copied: { two: 2 } }]));
  });
});

describe('timer trigger', () => {
  it('runs on schedule', async () => {
    const [first, second] = await seenAtLeast('everySecond', 2);
    expect([first, second]).toEqual([
      expect.objectContaining({ isPastDue: false }),
      expect.objectContaining({ isPastDue: false }),
    ]);
  });

  it('runs at start when configured so, with its status', async () => {
    expect(await seen('yearly')).toEqual([
      expect.objectContaining({
        scheduleStatus: expect.objectContaining({
          next: expect.stringMatching(/-01-01T00:00:00/) as string,
        }) as object,
      }),
    ]);
  });

  it('retries under its retry policy, telling count and error', async () => {
    expect(await seenAtLeast('retried', 3)).toEqual([
      { attempt: 0 },
      { attempt: 1, error: 'again' },
      { attempt: 2, error: 'again' },
    ]);
  });
});

describe('Event Grid trigger', () => {
  const deliver = (events: unknown) =>
    fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=events`, {
      method: 'POST',
      headers: { 'aeg-event-type': 'Notification' },
      body: JSON.stringify(events),
    });

  it('runs once per event of a batch', async () => {
    const events = [{ id: 'a', data: { Name: 1 } }, { id: 'b' }];
    expect((await deliver(events)).status).toBe(202);
    const entries = (await seen('events')) as { event: unknown }[];
    expect(entries.map(({ event }) => event)).toEqual(events);
  });

  it('answers 500 when one fails, so that the topic delivers again', async () => {
    const response = await deliver({ id: 'c', data: { fail: true } });
    expect([response.status, await response.text()]).toEqual([500, 'event refused']);
  });
});

describe('stopping', () => {
  it('finishes running functions, runs appTerminate hooks and ends with 0 on SIGTERM', async () => {
    const slow = fetch(`${host.url}/slow`).then((response) => response.text());
    await sleep(100);
    const code = await host.terminate();
    expect([await slow, code]).toEqual(['finished', 0]);
    expect(host.output).toContain('hook appTerminate');
  });

  it('runs a queue message again whose host was killed over it', async () => {
    host = await fixture.start();
    await queues.getQueueClient('long').sendMessage('interrupted');
    await seenAtLeast('long', 1);
    await host.kill();
    host = await fixture.start();
    expect(await seenAtLeast('long', 1)).toEqual(['interrupted']);
  });
});
