/** Operations about the service itself: health, and its API description. */
import { z } from 'zod';
import { type ApiDescription, openApiDocument } from '../../shared/http/openapi';
import { type Operation, operation } from '../../shared/http/operation';
import { PROBLEMS } from '../../shared/problem';
import { docsPage } from './docs-page';
import { checkHealth } from './health';

const tag = 'Service';

const healthView = z
  .object({
    status: z.enum(['up', 'degraded']),
    dependencies: z.array(
      z.object({ name: z.string(), state: z.enum(['up', 'down']), tookMilliseconds: z.int() }),
    ),
    overdueTimers: z
      .array(z.object({ name: z.string(), lastRunAt: z.iso.datetime().optional() }))
      .meta({
        description: 'Timers whose last complete run is too long ago; the status is then `degraded`.',
      }),
  })
  .meta({ id: 'Health' });

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

/** The service's own operations; the API description includes them. */
export function serviceOperations(
  others: readonly Operation[],
  describeApi: (publicUrl: string) => ApiDescription,
): readonly Operation[] {
  const all: Operation[] = [...others];
  const document = once((publicUrl) => openApiDocument(all, describeApi(publicUrl)));
  const page = once((publicUrl) => docsPage(document(publicUrl), PROBLEMS));
  const openapi = operation({
    id: 'openapi',
    method: 'GET',
    path: '/api/openapi.json',
    tag,
    summary: 'Get the OpenAPI document',
    access: 'anybody',
    success: { status: 200, description: 'OpenAPI 3.1', body: z.record(z.string(), z.unknown()) },
    handle: async ({ services }) => ({ body: document(services.config.publicUrl) }),
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
    handle: async ({ services }) => ({
      body: page(services.config.publicUrl),
      headers: { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" },
    }),
  });
  all.push(health, openapi, docs);
  return [health, openapi, docs];
}

/** Caches the last result: the document is public, and generating it is expensive. */
function once<T>(make: (publicUrl: string) => T): (publicUrl: string) => T {
  let made: { publicUrl: string; result: T } | undefined;
  return (publicUrl) => {
    if (made?.publicUrl !== publicUrl) made = { publicUrl, result: make(publicUrl) };
    return made.result;
  };
}
