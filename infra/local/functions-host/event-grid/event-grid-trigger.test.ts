import { createHostLog } from '../host-log';
import { Invoker } from '../invoker';
import { type FunctionMetadata, type RpcInvocationRequest } from '../worker/rpc';
import { EventGridTrigger } from './event-grid-trigger';

const target: FunctionMetadata = {
  name: 'respond',
  bindings: { event: { type: 'eventGridTrigger', direction: 'in' } },
};

/** A trigger over a worker that fails for events with `fail`. */
function trigger() {
  const requests: RpcInvocationRequest[] = [];
  const invoke = async (_name: string, request: RpcInvocationRequest) => {
    requests.push(request);
    return request.inputData[0]?.data.json?.includes('"fail"')
      ? ({ status: 'failure', exception: { message: 'no', stackTrace: '' } } as const)
      : ({ status: 'success', outputData: [] } as const);
  };
  const invoker = new Invoker(
    { invoke },
    { inputs: {}, outputs: {} },
    createHostLog('none', () => undefined),
  );
  const handler = new EventGridTrigger([target], invoker);
  const send = (body: unknown, headers: Record<string, string>, method = 'POST', functionName = 'Respond') =>
    handler.handle({
      method,
      url: new URL(`http://localhost/runtime/webhooks/eventgrid?functionName=${functionName}`),
      headers,
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    });
  return { send, requests };
}

const notification = { 'aeg-event-type': 'Notification' };
const cloudEvent = { specversion: '1.0', id: '1', source: '/s', type: 't', data: { n: 1 } };

describe('Event Grid webhook', () => {
  it('runs the function once per event, with the event and its data', async () => {
    const { send, requests } = trigger();
    expect((await send([cloudEvent, { ...cloudEvent, id: '2' }], notification)).status).toBe(202);
    expect(requests.map(({ inputData }) => JSON.parse(inputData[0]?.data.json ?? '') as unknown)).toEqual([
      cloudEvent,
      { ...cloudEvent, id: '2' },
    ]);
    expect(requests[0]?.triggerMetadata.data).toEqual({ json: '{"n":1}' });
  });

  it('takes a single event as well', async () => {
    const { send, requests } = trigger();
    expect((await send(cloudEvent, notification)).status).toBe(202);
    expect(requests).toHaveLength(1);
  });

  it('answers 500 with the error when one of a batch fails, after all have run', async () => {
    const { send, requests } = trigger();
    expect(await send([{ fail: 1 }, cloudEvent], notification)).toEqual({ status: 500, body: 'no' });
    expect(requests).toHaveLength(2);
  });

  it('confirms a subscription of the Event Grid schema and of CloudEvents', async () => {
    const { send } = trigger();
    const headers = { 'aeg-event-type': 'SubscriptionValidation' };
    const listed = await send([{ id: '1', data: { validationCode: 'code-1' } }], headers);
    expect([listed.status, listed.body]).toEqual([200, '{"validationResponse":"code-1"}']);
    const doubled = await send({ id: '1', data: '{"validationCode":"code-2"}' }, headers);
    expect(doubled.body).toBe('{"validationResponse":"code-2"}');
    expect((await send([{ id: '1', data: {} }], headers)).status).toBe(400);
  });

  it('allows the origin that asks by OPTIONS', async () => {
    const { send } = trigger();
    const answer = await send('', { 'webhook-request-origin': 'eventgrid.azure.net' }, 'OPTIONS');
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'webhook-allowed-origin': 'eventgrid.azure.net' },
    });
    expect((await send('', {}, 'OPTIONS')).status).toBe(400);
  });

  it('refuses unknown functions, other methods, unknown kinds of delivery and what is no event', async () => {
    const { send, requests } = trigger();
    expect(await send(cloudEvent, notification, 'POST', 'nobody')).toEqual({
      status: 404,
      body: `cannot find function: 'nobody'`,
    });
    expect((await send('', {}, 'PUT')).status).toBe(405);
    expect((await send(cloudEvent, {})).status).toBe(400);
    expect((await send(cloudEvent, { 'aeg-event-type': 'Unsubscribe' })).status).toBe(202);
    expect((await send('{', notification)).status).toBe(400);
    expect((await send([5], notification)).status).toBe(400);
    expect(requests).toHaveLength(0);
  });
});
