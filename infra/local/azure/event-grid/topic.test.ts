import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EventGridPublisherClient } from '@azure/eventgrid';
import { freeBasePort } from '../../stack/ports';
import { startTestAzure, type TestAzure } from '../test-azure';
import { eventually, Subscriber } from './test-subscriber';

let test: TestAzure;
let subscriber: Subscriber;
let client: EventGridPublisherClient<'CloudEvent'>;
beforeAll(async () => {
  subscriber = new Subscriber(await freeBasePort());
  await subscriber.start();
  test = await startTestAzure({
    webhook: `http://127.0.0.1:${subscriber.port}/runtime/webhooks/eventgrid?functionName=respond`,
    retryPolicy: { firstRetriesSeconds: [0.02, 0.02, 0.02], maxAttempts: 3, timeToLiveMinutes: 1440 },
  });
  client = new EventGridPublisherClient(test.topicEndpoint, 'CloudEvent', test.credential);
});
afterAll(async () => {
  await test.close();
  await subscriber.stop();
});

const event = (id: string, data: unknown = { n: 1 }) => ({
  id,
  source: '/sessions',
  type: 'Session.Events',
  data,
});

function deadLetters(): { id: string }[] {
  const folder = path.join(test.options.dataDir, 'dead-letters');
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as { id: string }[]);
}

function deadLetter(id: string): Promise<unknown> {
  return eventually(() => deadLetters().find((letter) => letter.id === id));
}

async function publish(
  body: string,
  contentType: string,
  query = '?api-version=2018-01-01',
): Promise<Response> {
  const { token } = await test.credential.getToken('https://eventgrid.azure.net/.default');
  return fetch(test.topicEndpoint + query, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
    body,
  });
}

describe('delivery', () => {
  it('brings every event of a batch to the webhook, one by one, as CloudEvents', async () => {
    await client.send([event('a', { text: 'ä' }), event('b')]);
    const [received] = await subscriber.seen('a');
    await subscriber.seen('b');
    expect(received).toMatchObject({
      event: {
        id: 'a',
        source: '/sessions',
        type: 'Session.Events',
        specversion: '1.0',
        data: { text: 'ä' },
      },
      headers: { 'aeg-event-type': 'Notification', 'aeg-delivery-count': '0' },
    });
    expect(received?.headers['content-type']).toMatch(/^application\/cloudevents\+json/);
  });

  it('is repeated after a failure', async () => {
    subscriber.answer = ({ headers }) => (headers['aeg-delivery-count'] === '0' ? 500 : 200);
    await client.send([event('flaky')]);
    const received = await subscriber.seen('flaky', 2);
    expect(received.map(({ headers }) => headers['aeg-delivery-count'])).toEqual(['0', '1']);
  });

  it('ends in a dead letter after the last attempt', async () => {
    subscriber.answer = () => 500;
    await client.send([event('hopeless', { kept: true })]);
    expect(await deadLetter('hopeless')).toMatchObject({
      data: { kept: true },
      deadletterreason: 'MaxDeliveryAttemptsExceeded',
      deliveryattempts: 3,
      lastdeliveryoutcome: 'GenericError',
      lasthttpstatuscode: 500,
      publishtime: expect.stringMatching(/Z$/) as string,
    });
  });

  it('is not repeated after 400', async () => {
    subscriber.answer = () => 400;
    await client.send([event('bad')]);
    expect(await deadLetter('bad')).toMatchObject({
      deadletterreason: 'UndeliverableDueToHttpBadRequest',
      deliveryattempts: 1,
    });
    expect(await subscriber.seen('bad')).toHaveLength(1);
  });

  it('waits for a subscriber that is down, without counting that as attempts', async () => {
    subscriber.answer = () => 200;
    await subscriber.stop();
    await client.send([event('patient')]);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await subscriber.start();
    const [received] = await subscriber.seen('patient');
    expect(received?.headers['aeg-delivery-count']).toBe('0');
  });

  it('serves more events than it delivers at once', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `many-${index}`);
    await client.send(ids.map((id) => event(id)));
    for (const id of ids) {
      expect(await subscriber.seen(id)).toHaveLength(1);
    }
  });
});

describe('publishing', () => {
  it('refuses a batch with one bad event, and delivers none of it', async () => {
    const batch = [{ ...event('good'), specversion: '1.0' }, { id: 'incomplete' }];
    const refused = await publish(JSON.stringify(batch), 'application/cloudevents-batch+json');
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: 'BadRequest' } });
    await client.send([event('later')]);
    await subscriber.seen('later');
    expect(subscriber.received.some(({ event: { id } }) => id === 'good')).toBe(false);
  });

  it('refuses more than 1 MB with 413', async () => {
    await expect(client.send([event('big', { text: 'x'.repeat(1_048_576) })])).rejects.toMatchObject({
      statusCode: 413,
    });
  });

  it('takes a single event in structured mode', async () => {
    const single = { ...event('single'), specversion: '1.0' };
    expect((await publish(JSON.stringify(single), 'application/cloudevents+json')).status).toBe(200);
    await subscriber.seen('single');
  });

  it.each([
    ['no JSON', '{', 'application/cloudevents-batch+json', undefined, 400],
    ['another schema', '[]', 'application/json', undefined, 415],
    ['no api-version', '[]', 'application/cloudevents-batch+json', '', 400],
  ])('refuses %s', async (_what, body, contentType, query, status) => {
    expect((await publish(body, contentType, query)).status).toBe(status);
  });

  it('refuses a caller without a token for Event Grid', async () => {
    const refused = await fetch(`${test.topicEndpoint}?api-version=2018-01-01`, {
      method: 'POST',
      body: '[]',
    });
    expect(refused.status).toBe(401);
  });
});
