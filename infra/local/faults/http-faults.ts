/** Injected faults as a middleware of a stand-in's https server. */
import { HttpError } from '../stand-in-support/errors';
import { type Middleware, type Reply } from '../stand-in-support/server';
import { type FaultInjector, type Refusal } from './fault-injector';

/**
 * Belongs behind authentication: a fault then affects a call that would have been carried out, and not the first,
 * unauthenticated request by which some clients ask what token is wanted. `refuse` answers, or throws, in the words
 * of the service.
 */
export function faultMiddleware(faults: FaultInjector, refuse: (refusal: Refusal) => Reply): Middleware {
  return (request, next) =>
    faults.carryOut({
      call: {
        method: request.method,
        path: request.url.pathname,
        body: () => request.body.toString('utf8'),
      },
      proceed: next,
      refuse,
    });
}

/** `retry-after` in seconds, where there is one. */
export function retryAfter({ retryAfterSeconds }: Refusal): Record<string, string> {
  return retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
}

const codes: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'RequestTimeout',
  409: 'Conflict',
  412: 'PreconditionFailed',
  413: 'PayloadTooLarge',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

/** Throws a data plane error with the code that most of Azure's services use for a status. */
export function refuseAsDataPlane(refusal: Refusal): never {
  const { status, message } = refusal;
  const code = refusal.code ?? codes[status] ?? 'InjectedFault';
  throw new HttpError(status, code, message, { headers: retryAfter(refusal) });
}
