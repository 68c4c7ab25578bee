/** `POST /{tenant}/oauth2/v2.0/token`: the client-credentials grant and Entra's refusals. */
import { randomUUID } from 'node:crypto';
import { type LocalRequest, type Reply } from '../../stand-in-support/server';
import { lifetimeSeconds, type ServicePrincipal, type TokenIssuer } from './token-issuer';

/** Answers a token request of one of the applications in the local directory; all of them are in one tenant. */
export async function issueToken(
  request: LocalRequest,
  issuer: TokenIssuer,
  applications: readonly ServicePrincipal[],
): Promise<Reply> {
  const form = new URLSearchParams(request.body.toString('utf8'));
  const application = applications.find(({ clientId }) => clientId === form.get('client_id'));
  const [{ tenantId } = { tenantId: '' }] = applications;
  const refusal = refuse(form, request.params.tenant ?? '', tenantId, application);
  if (refusal !== undefined || application === undefined) {
    return refusal ?? unknownApplication(form, tenantId);
  }
  const resource = resourceOf(form.get('scope') ?? '') ?? '';
  return {
    status: 200,
    headers: { 'cache-control': 'no-store' },
    body: {
      token_type: 'Bearer',
      expires_in: lifetimeSeconds - 1,
      ext_expires_in: lifetimeSeconds - 1,
      access_token: await issuer.forResource(application, resource),
    },
  };
}

function refuse(
  form: URLSearchParams,
  tenant: string,
  tenantId: string,
  application: ServicePrincipal | undefined,
): Reply | undefined {
  const grant = form.get('grant_type');
  const missing = ['grant_type', 'client_id', 'scope'].find((name) => !form.get(name));
  if (missing !== undefined) {
    return entraError(
      400,
      'invalid_request',
      900144,
      `The request body must contain the parameter '${missing}'.`,
    );
  }
  if (grant !== 'client_credentials') {
    return entraError(
      400,
      'unsupported_grant_type',
      70003,
      `The local issuer does not implement grant '${grant}'.`,
    );
  }
  if (tenant.toLowerCase() !== tenantId) {
    return entraError(400, 'invalid_request', 90002, `Tenant '${tenant}' not found.`);
  }
  if (application === undefined) {
    return unknownApplication(form, tenant);
  }
  if (!form.get('client_secret')) {
    const detail = "The request must contain 'client_secret'; assertions are not implemented.";
    return entraError(401, 'invalid_client', 7000218, detail);
  }
  if (form.get('client_secret') !== application.clientSecret) {
    const detail = `Invalid client secret provided for app '${application.clientId}'.`;
    return entraError(401, 'invalid_client', 7000215, detail);
  }
  if (resourceOf(form.get('scope') ?? '') === undefined) {
    const detail = `The scope '${form.get('scope')}' is not valid: it must be one resource followed by '/.default'.`;
    return entraError(400, 'invalid_scope', 1002012, detail);
  }
  return undefined;
}

function unknownApplication(form: URLSearchParams, tenant: string): Reply {
  const detail = `Application '${form.get('client_id')}' was not found in the directory '${tenant}'.`;
  return entraError(400, 'unauthorized_client', 700016, detail);
}

/** `https://vault.azure.net/.default` → `https://vault.azure.net`; the text before `/.default` is kept unchanged. */
function resourceOf(scope: string): string | undefined {
  return /^(\S+)\/\.default$/.exec(scope)?.[1];
}

/** Entra's answer to a request that it refuses, `code` being the number of its AADSTS error. */
export function entraError(status: number, error: string, code: number, detail: string): Reply {
  const traceId = randomUUID();
  const correlationId = randomUUID();
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const trail = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${detail} ${trail}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
    },
  };
}
