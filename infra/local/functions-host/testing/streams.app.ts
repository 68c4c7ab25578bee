/** Fixture app with HTTP streams switched on: bodies pass through without being held in memory. */
import { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { app, type HttpRequest } from '@azure/functions';

app.setup({ enableHttpStream: true });

app.http('count', {
  methods: ['POST'],
  route: 'count/{name}',
  handler: async (request: HttpRequest) => {
    let bytes = 0;
    for await (const chunk of request.body ?? []) bytes += (chunk as Uint8Array).length;
    const { pathname, search } = new URL(request.url);
    return {
      jsonBody: {
        bytes,
        name: request.params.name,
        path: pathname + search,
        header: request.headers.get('x-sent'),
      },
    };
  },
});

app.get('parts', () => ({ body: ReadableStream.from(parts()) }));

async function* parts() {
  yield 'first ';
  await sleep(20);
  yield 'second';
}

app.get('broken', () => {
  throw new Error('broken on purpose');
});
