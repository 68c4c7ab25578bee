/** Injected faults of the login stand-in, with Entra's error codes. */
import { retryAfter, faultMiddleware } from '../../faults/http-faults';
import { type FaultInjector, type Refusal } from '../../faults/fault-injector';
import { type Middleware, type Reply } from '../../stand-in-support/server';
import { entraError } from './token-endpoint';

/** Routes below /local are not calls of Entra and are never affected by faults. */
export function loginFaults(faults: FaultInjector): Middleware {
  const injectFaults = faultMiddleware(faults, refuse);
  return (request, next) =>
    request.url.pathname.startsWith('/local/') ? next() : injectFaults(request, next);
}

/** A fault's code is the number of an AADSTS error, with or without these letters. */
function refuse(refusal: Refusal): Reply {
  const { status, message } = refusal;
  const [error, usualCode] = usual(status);
  const code = Number(/^(?:AADSTS)?(\d+)$/i.exec(refusal.code ?? '')?.[1] ?? usualCode);
  return { ...entraError(status, error, code, message), headers: retryAfter(refusal) };
}

/**
 * OAuth's name of the error, and the number of Entra's.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
 */
function usual(status: number): [error: string, code: number] {
  if (status === 401) return ['invalid_client', 7000215];
  if (status === 429) return ['temporarily_unavailable', 90055];
  if (status >= 500) return ['temporarily_unavailable', 90033];
  return ['invalid_request', 900144];
}
