/** Registers operations with the Functions runtime, and a problem answer for every other path below `/api`. */
import { app, type HttpHandler, type InvocationContext } from '@azure/functions';
import { Problem } from '../problem';
import type { Services } from '../services';
import { invocationLog } from '../telemetry/telemetry';
import type { Operation } from './operation';
import { problemResponse } from './respond';
import { runOperation } from './run-operation';

/** The trace id of an invocation: W3C trace context where the host has one, else the invocation's own id. */
export function traceIdOf(context: Pick<InvocationContext, 'traceContext' | 'invocationId'>): string {
  const parent = /^00-([0-9a-f]{32})-/.exec(context.traceContext?.traceParent ?? '');
  return parent?.[1] ?? context.invocationId.replaceAll('-', '');
}

/** Makes an Azure function of each operation. */
export function registerOperations(operations: readonly Operation[], services: () => Services): void {
  for (const operation of operations) {
    app.http(operation.id, {
      methods: [operation.method],
      route: operation.path.slice(1),
      authLevel: 'anonymous',
      handler: (request, context) =>
        runOperation(operation, request, {
          services: services(),
          traceId: traceIdOf(context),
          log: invocationLog(context),
        }),
    });
  }
  // The Functions host tries routes in the order of their functions' names: this one must come last.
  app.http('zzUnknownPath', {
    methods: [...METHODS],
    route: 'api/{*path}',
    authLevel: 'anonymous',
    handler: unknownPath(operations, services),
  });
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
    const methods = routes.filter(({ pattern }) => pattern.test(pathname)).map(({ method }) => method);
    const problem =
      methods.length > 0
        ? new Problem('method-not-allowed', `Use ${methods.join(' or ')} here.`)
        : new Problem('not-found', 'This operation does not exist; /api/docs lists all operations.');
    const response = problemResponse(problem, traceIdOf(context), services().config.publicUrl);
    return methods.length > 0
      ? { ...response, headers: { ...response.headers, allow: methods.join(', ') } }
      : response;
  };
}
