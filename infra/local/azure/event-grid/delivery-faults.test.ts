import { EventGridPublisherClient } from '@azure/eventgrid';
import { freeBasePort } from '../../stack/ports';
import { startTestAzure, type TestAzure } from '../test-azure';
import { faultClient, type FaultClient } from '../test-fault-client';
import { Subscriber } from './test-subscriber';

let test: TestAzure;
let subscriber: Subscriber;
let faults: FaultClient;
beforeAll(async () => {
  subscriber = new Subscriber(await freeBasePort());
  await subscriber.start();
  test = await startTestAzure({
    webhook: `http://127.0.0.1:${subscriber.port}/`,
    retryPolicy: { firstRetriesSeconds: [0.02, 0.02], maxAttempts: 3, timeToLiveMinutes: 1440 },
  });
  faults = faultClient(test.loginUrl);
});
afterAll(async () => {
  await test.close();
  await subscriber.stop();
});
afterEach(async () => {
  await faults.clear();
  subscriber.received.length = 0;
});

const deliver = { standIn: 'eventGrid', method: 'DELIVER', path: 'Session.Events' };

async function publish(...ids: string[]): Promise<void> {
  const client = new EventGridPublisherClient(test.topicEndpoint, 'CloudEvent', test.credential, {
    retryOptions: { maxRetries: 0 },
  });
  await client.send(ids.map((id) => ({ id, source: '/sessions', type: 'Session.Events', data: { n: id } })));
}

/** The delivery counts that the webhook received. */
const counts = async (id: string, times: number): Promise<unknown[]> =>
  (await subscriber.seen(id, times)).map(({ headers }) => headers['aeg-delivery-count']);

it.each([
  ['is refused', { do: 'refuse', status: 503 }],
  ['finds the connection broken', { do: 'disconnect' }],
])('a delivery that %s has failed without the webhook, and is repeated', async (_what, effect) => {
  await faults.inject({ ...deliver, effect });
  await publish('failed');
  expect(await counts('failed', 1)).toEqual(['1']);
});

it('a delivery whose answer is lost is repeated although the webhook ran', async () => {
  await faults.inject({ ...deliver, effect: { do: 'failAfterSuccess' } });
  await publish('lost');
  expect(await counts('lost', 2)).toEqual(['0', '1']);
});

it('a delivery that is refused permanently is dead-lettered as in Azure', async () => {
  await faults.inject({ ...deliver, body: '"id":"bad"', effect: { do: 'refuse', status: 400 } });
  await publish('bad', 'good');
  await subscriber.seen('good');
  expect(subscriber.received.map(({ event }) => event.id)).toEqual(['good']);
});

it('a delivery can come twice without any failure', async () => {
  await faults.inject({ ...deliver, effect: { do: 'duplicate' } });
  await publish('twice');
  expect(await counts('twice', 2)).toEqual(['0', '0']);
});

it('a delivery can be overtaken by that of a later event, and not by the order to publish it', async () => {
  await faults.inject({ ...deliver, body: '"id":"first"', effect: { do: 'reorder', seconds: 60 } });
  await publish('first');
  await publish('second');
  await subscriber.seen('first');
  expect(subscriber.received.map(({ event }) => event.id)).toEqual(['second', 'first']);
});

it('publishing can fail although the events are delivered', async () => {
  await faults.inject({ standIn: 'eventGrid', method: 'POST', effect: { do: 'failAfterSuccess' } });
  await expect(publish('published')).rejects.toMatchObject({ code: 'ECONNRESET' });
  await subscriber.seen('published');
});
