/** Operations about the service itself: health, and its API description. */
import { z } from 'zod';
import { type Operation, operation } from '../../shared/http/operation';
import { sha256Hex } from '../../shared/ids';
import { html } from './docs-page/html';
import { CONTENT_SECURITY_POLICY } from './docs-page/page-assets';
import { checkHealth } from './health';
import { API_PAGE, OPENAPI_DOCUMENT, PROTOCOL_PAGE, PUBLIC_URL_PLACEHOLDER } from './package-docs';

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

/** Documents that change only with a deployment: read once, and not sent again to those who have them. */
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

/**
 * The service's own operations.
 * @param docOf the text of a document of the deployment package, by its name
 */
export function serviceOperations(docOf: (name: string) => string): readonly Operation[] {
  const protocolText = once(() => docOf(PROTOCOL_PAGE));
  const json = once((publicUrl) =>
    docOf(OPENAPI_DOCUMENT).replaceAll(PUBLIC_URL_PLACEHOLDER, () => JSON.stringify(publicUrl).slice(1, -1)),
  );
  const page = once((publicUrl) =>
    docOf(API_PAGE).replaceAll(PUBLIC_URL_PLACEHOLDER, () => html`${publicUrl}`.markup),
  );
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
    handle: ({ services }) => Promise.resolve({ ...json(services.config.publicUrl), headers: REVALIDATED }),
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
    handle: ({ services }) =>
      Promise.resolve({
        ...page(services.config.publicUrl),
        headers: { ...REVALIDATED, 'content-security-policy': CONTENT_SECURITY_POLICY },
      }),
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
    handle: ({ services }) =>
      Promise.resolve({ ...protocolText(services.config.publicUrl), headers: REVALIDATED }),
  });
  return [health, openapi, docs, protocolPage];
}

/** A text with its ETag. Caches the last one: it is public, and the same for all callers. */
function once(textFor: (publicUrl: string) => string): (publicUrl: string) => { body: string; etag: string } {
  let made: { publicUrl: string; result: { body: string; etag: string } } | undefined;
  return (publicUrl) => {
    if (made?.publicUrl !== publicUrl) made = { publicUrl, result: withEtag(textFor(publicUrl)) };
    return made.result;
  };
}

function withEtag(body: string): { body: string; etag: string } {
  return { body, etag: `"${sha256Hex(body).slice(0, 32)}"` };
}
