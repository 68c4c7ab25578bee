/** Fixture app of the host's tests: one function per trigger and behaviour. GET /seen/{name} returns what has run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { app, type HttpRequest, type InvocationContext, output } from '@azure/functions';

const seen = new Map<string, unknown[]>();
function remember(name: string, entry: unknown): void {
  seen.set(name, [...(seen.get(name) ?? []), entry]);
}

app.hook.appStart(() => remember('hooks', 'appStart'));
app.hook.appTerminate(() => console.log('hook appTerminate'));
app.hook.preInvocation(({ invocationContext }) => {
  if (invocationContext.functionName === 'echo') remember('hooks', 'preInvocation echo');
});

app.get('seen', {
  route: 'seen/{name}',
  handler: ({ params }) => ({ jsonBody: seen.get(params.name ?? '') ?? [] }),
});

app.get('forwarded', ({ headers }) => {
  remember('forwarded', headers.get('x-forwarded-for'));
  return {};
});

app.http('echo', {
  route: 'echo/{id:int}/{*rest}',
  methods: ['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS'],
  handler: async (request) => {
    const body = Buffer.from(await request.arrayBuffer());
    return {
      status: 201,
      headers: { 'x-echo': 'yes' },
      cookies: [{ name: 'flavour', value: 'oat', httpOnly: true, path: '/echo' }],
      jsonBody: describe(request, body),
    };
  },
});

function describe(request: HttpRequest, body: Buffer): object {
  return {
    url: request.url,
    params: request.params,
    query: Object.fromEntries(request.query),
    all: new URL(request.url).searchParams.getAll('tag'),
    header: request.headers.get('x-sent'),
    bodyBytes: body.length,
    body: body.subarray(0, 8).toString('hex'),
  };
}

app.get('optional', { route: 'optional/{name?}', handler: ({ params }) => ({ jsonBody: params }) });
app.get('nothing', () => undefined as never);
app.get('broken', () => {
  throw new Error('broken on purpose');
});
app.get('log', (_request, context) => {
  context.debug('a debug line');
  context.info('an info line');
  context.warn('a warning');
  context.error('an error');
  return { body: context.traceContext?.traceParent };
});
app.get('slow', async () => {
  await sleep(600);
  return { body: 'finished' };
});
app.get('binary', () => ({ body: new Uint8Array([0, 255, 10]), headers: { 'content-type': 'image/png' } }));

app.storageQueue('queue', {
  queueName: '%ORDERS_QUEUE%',
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => {
    remember('orders', { message, metadata: context.triggerMetadata });
    if (message === 'poison' || context.triggerMetadata?.dequeueCount === 'never')
      throw new Error('cannot take it');
  },
});
app.storageQueue('queuePoison', {
  queueName: 'orders-poison',
  connection: 'AzureWebJobsStorage',
  handler: (message) => remember('poison', message),
});
app.storageQueue('longRun', {
  queueName: 'long',
  connection: 'AzureWebJobsStorage',
  handler: async (message) => {
    remember('long', message);
    await sleep(String(message).startsWith('orphan') ? 3000 : 1600);
  },
});

const copies = output.storageQueue({ queueName: 'copies', connection: 'AzureWebJobsStorage' });
app.http('send', {
  methods: ['POST'],
  extraOutputs: [copies],
  handler: async (request, context) => {
    context.extraOutputs.set(copies, await request.json());
    return { status: 202 };
  },
});
app.storageQueue('copied', {
  queueName: 'copies',
  connection: 'AzureWebJobsStorage',
  return: output.storageQueue({ queueName: 'returned', connection: 'AzureWebJobsStorage' }),
  handler: (message) => ({ copied: message }),
});
app.storageQueue('returned', {
  queueName: 'returned',
  connection: 'AzureWebJobsStorage',
  handler: (message) => remember('returned', message),
});

app.timer('everySecond', {
  schedule: '* * * * * *',
  handler: (timer) => remember('everySecond', timer),
});
app.timer('yearly', {
  schedule: '0 0 0 1 1 *',
  runOnStartup: true,
  handler: (timer) => remember('yearly', timer),
});
app.timer('retried', {
  schedule: '0 0 0 1 1 *',
  runOnStartup: true,
  retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: 0 },
  handler: (_timer, context: InvocationContext) => {
    remember('retried', {
      attempt: context.retryContext?.retryCount,
      error: context.retryContext?.exception?.message,
    });
    throw new Error('again');
  },
});

app.eventGrid('events', {
  handler: (event, context) => {
    remember('events', { event, metadata: context.triggerMetadata });
    const data = event.data as { fail?: boolean } | undefined;
    if (data?.fail) throw new Error('event refused');
  },
});
