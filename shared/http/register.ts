/** Registers operations with the Functions runtime, and a problem answer for every other path. */
import { app, type HttpHandler, type HttpRequest, type InvocationContext } from '@azure/functions';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { TaskLog } from '../threads/serve-tasks';
import type { ThreadPool } from '../threads/thread-pool';
import { invocationLog } from '../telemetry/telemetry';
import { traceIdOf } from '../telemetry/trace-context';
import type { Operation } from './operation';
import { RequestLog } from './request-log';
import { problemResponse } from './respond';
import { runInThread } from './run-in-thread';
import { type Invocation, runOperation } from './run-operation';

/** Makes an Azure function of each operation. `threads` run those that are declared so (`inThread`). */
export function registerOperations(
  operations: readonly Operation[],
  services: () => Services,
  threads?: ThreadPool,
): void {
  for (const operation of operations) {
    app.http(operation.id, {
      methods: [operation.method],
      route: operation.path.slice(1),
      authLevel: 'anonymous',
      handler: (request, context) => {
        const invocation = invocationOf(request, context, services());
        if (!operation.inThread || !threads?.isAvailable) return runOperation(operation, request, invocation);
        const writeLog: TaskLog = (line, level) => context[level](line);
        return runInThread(threads, operation, request, { ...invocation, writeLog });
      },
    });
  }
  app.http('home', {
    methods: ['GET'],
    // Only `/` matches. An empty route would take the function's name. Azure's own page there is switched off by the
    // app setting AzureWebJobsDisableHomepage.
    route: '{none:maxlength(0)?}',
    authLevel: 'anonymous',
    handler: () => ({ status: 302, headers: { location: '/api/docs', 'cache-control': 'no-store' } }),
  });
  // The Functions host tries routes in the order of their functions' names: this one must come last.
  app.http(UNKNOWN_PATH, {
    methods: [...METHODS],
    route: '{*path}',
    authLevel: 'anonymous',
    handler: unknownPath(operations, services),
  });
}

/** The name of the function, not of an operation: logs show these requests as `unknown`. */
const UNKNOWN_PATH = 'zzUnknownPath';

function invocationOf(request: HttpRequest, context: InvocationContext, services: Services): Invocation {
  const traceId = traceIdOf(context, request.headers.get('traceparent'));
  return { services, traceId, log: invocationLog(context, traceId) };
}

/** TRACE and CONNECT are for the host to refuse: `fetch`, on which the runtime's request stands, has no such methods. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

function unknownPath(operations: readonly Operation[], services: () => Services): HttpHandler {
  const routes = operations.map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
  return (request, context) => {
    const { pathname } = new URL(request.url);
    // A path can be of several operations: `/recordings/restrict` is also that of a recording.
    const matching = routes.filter(({ pattern }) => pattern.test(pathname));
    const methods = [...new Set(matching.map(({ method }) => method))];
    const problem =
      methods.length > 0
        ? new Problem('method-not-allowed', `Use ${methods.join(' or ')} here.`)
        : new Problem('not-found', 'This operation was not found; /api/docs lists all operations.');
    const { log, traceId, services: opened } = invocationOf(request, context, services());
    new RequestLog(log, 'unknown', traceId, opened.config).refused(problem, problem);
    const response = problemResponse(problem, traceId, opened.config.publicUrl);
    return methods.length > 0
      ? { ...response, headers: { ...response.headers, allow: methods.join(', ') } }
      : response;
  };
}
