/** Operations about the service itself: health, and its API description. */
import { z } from 'zod';
import { type ApiDescription, openApiSteps } from '../../shared/http/openapi';
import { type Operation, operation } from '../../shared/http/operation';
import { sha256Hex } from '../../shared/ids';
import { PROBLEMS } from '../../shared/problem';
import { CONTENT_SECURITY_POLICY, docsPage } from './docs-page/docs-page';
import { checkHealth } from './health';
import { protocolText } from './protocol-text';

const tag = 'Service';

const healthView = z
  .object({
    status: z.enum(['up', 'degraded']),
    dependencies: z.array(
      z.object({ name: z.string(), state: z.enum(['up', 'down']), tookMilliseconds: z.int() }),
    ),
    overdueTimers: z.array(z.object({ name: z.string(), lastRunAt: z.iso.datetime().optional() })).meta({
      description: 'Timers whose last complete run is too long ago; the status is then `degraded`.',
    }),
  })
  .meta({ id: 'Health' });

/** A JSON object that was written once, for all callers. */
const jsonText = z.custom<string>((value) => typeof value === 'string').meta({ type: 'object' });

/** Documents that change only with a deployment: made once, and not sent again to those who have them. */
const cacheable = {
  etag: true,
  otherStatuses: { 304: 'The caller has it already (If-None-Match)' },
} as const;

const REVALIDATED = { 'cache-control': 'no-cache' };

const health = operation({
  id: 'health',
  method: 'GET',
  path: '/api/health',
  tag,
  summary: 'Show the health of the service',
  access: 'anybody',
  success: {
    status: 200,
    description: 'The state of each dependency and overdue timers; 503 when a dependency is down',
    body: healthView,
  },
  async handle({ services, log }) {
    const { dependencies, overdue } = await checkHealth(services);
    for (const { name, lastRunAt } of overdue) log.warn('timer.overdue', { sweep: name, lastRunAt });
    const up = dependencies.every(({ state }) => state === 'up');
    const status = up && overdue.length === 0 ? ('up' as const) : ('degraded' as const);
    return { body: { status, dependencies, overdueTimers: overdue }, status: up ? 200 : 503 };
  },
});

const protocolPage = operation({
  id: 'cloudClientProtocol',
  method: 'GET',
  path: '/api/docs/cloud-client-protocol.md',
  tag,
  summary: 'Read how a cloud client speaks with the service',
  access: 'anybody',
  success: {
    status: 200,
    description: 'A page in Markdown: sequence, retries, limits, idempotency, spool',
    body: z.string(),
    contentType: 'text/markdown; charset=utf-8',
  },
  ...cacheable,
  handle: () => Promise.resolve({ ...cachedText(protocolText()), headers: REVALIDATED }),
});

/** The service's own operations; the API description includes them. */
export function serviceOperations(
  others: readonly Operation[],
  describeApi: (publicUrl: string) => ApiDescription,
): readonly Operation[] {
  const all: Operation[] = [...others];
  const document = once((publicUrl) => runInTurn(openApiSteps(all, describeApi(publicUrl))));
  const json = once(async (publicUrl) => cachedText(JSON.stringify(await document(publicUrl))));
  const page = once(async (publicUrl) => cachedText(docsPage(await document(publicUrl), PROBLEMS)));
  const openapi = operation({
    id: 'openapi',
    method: 'GET',
    path: '/api/openapi.json',
    tag,
    summary: 'Get the OpenAPI document',
    access: 'anybody',
    success: {
      status: 200,
      description: 'OpenAPI 3.1',
      body: jsonText,
      contentType: 'application/json',
    },
    ...cacheable,
    handle: async ({ services }) => ({ ...(await json(services.config.publicUrl)), headers: REVALIDATED }),
  });
  const docs = operation({
    id: 'docs',
    method: 'GET',
    path: '/api/docs',
    tag,
    summary: 'Show the API documentation',
    access: 'anybody',
    success: {
      status: 200,
      description: 'A page',
      body: z.string(),
      contentType: 'text/html; charset=utf-8',
    },
    ...cacheable,
    handle: async ({ services }) => ({
      ...(await page(services.config.publicUrl)),
      headers: { ...REVALIDATED, 'content-security-policy': CONTENT_SECURITY_POLICY },
    }),
  });
  all.push(health, openapi, docs, protocolPage);
  return [health, openapi, docs, protocolPage];
}

/** The result of the steps, between which other requests have their turn. */
async function runInTurn<T>(steps: Generator<undefined, T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Caches the last result: the document is public, and generating it is expensive. */
function once<T>(make: (publicUrl: string) => T): (publicUrl: string) => T {
  let made: { publicUrl: string; result: T } | undefined;
  return (publicUrl) => {
    if (made?.publicUrl !== publicUrl) made = { publicUrl, result: make(publicUrl) };
    return made.result;
  };
}

function cachedText(body: string): { body: string; etag: string } {
  return { body, etag: `"${sha256Hex(body).slice(0, 32)}"` };
}
