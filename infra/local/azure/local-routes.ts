/**
 * The routes below /local, which Azure does not have: tokens without a sign-in, the outbox, the installer for machines of
 * a template. Injected faults: fault-routes.ts.
 */
import { type Handler } from '../stand-in-support/server';
import { administratorTokenHandler } from './login/administrator-token';
import { type TokenIssuer } from './login/token-issuer';
import { STAND_IN_PACKAGE } from './cloud-client-package';
import { type Outbox } from './outbox/outbox';

/** They are served by the login stand-in; the Functions host forwards its own /local here. */
export function localRoutes(issuer: TokenIssuer, outbox: Outbox): Record<string, Handler> {
  return {
    'GET /local/health': () => ({ status: 200, body: { status: 'ok' } }),
    'GET /local/token': administratorTokenHandler(issuer),
    'GET /local/packages/SRCloudClientService.msi': packageHandler,
    'HEAD /local/packages/SRCloudClientService.msi': packageHandler,
    'GET /local/outbox': (request) => ({
      status: 200,
      body: { value: outbox.list(request.url.searchParams.get('to') ?? undefined) },
    }),
    'DELETE /local/outbox': () => {
      outbox.clear();
      return { status: 204 };
    },
  };
}

const packageHandler: Handler = () => ({
  status: 200,
  headers: { 'content-type': 'application/octet-stream' },
  body: STAND_IN_PACKAGE,
});
