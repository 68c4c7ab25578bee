/** Verification of tokens, and the headers of every answer. */
import { randomUUID } from 'node:crypto';
import { type JWTVerifyGetKey } from 'jose';
import { requireBearer } from '../../stand-in-support/bearer';
import { HttpError } from '../../stand-in-support/errors';
import { header, type Middleware } from '../../stand-in-support/server';
import { ArmError, armErrorBody } from '../arm-error';

const audience = 'https://management.azure.com';

/** `authority` is where to get a token: the login stand-in's URL with the tenant. */
export function resourceManagerAuthentication(keys: JWTVerifyGetKey, authority: string): Middleware {
  return requireBearer({
    keys,
    audience,
    refuse: (detail) => {
      const [code, message] = refusalOf(detail);
      return new ArmError(
        401,
        { code, message },
        {
          'www-authenticate': `Bearer authorization_uri="${authority}", error="invalid_token", error_description="${message}"`,
        },
      );
    },
  });
}

function refusalOf(detail: string): [code: string, message: string] {
  if (detail.includes('no bearer token')) {
    return ['AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing."];
  }
  if (detail.includes('"aud"')) {
    return [
      'InvalidAuthenticationTokenAudience',
      'The access token has been obtained for wrong audience or resource. It should exactly match with one of the ' +
        `allowed audiences '${audience}/'.`,
    ];
  }
  if (detail.includes('"exp"')) {
    return ['ExpiredAuthenticationToken', 'The access token has expired.'];
  }
  return ['InvalidAuthenticationToken', 'The access token is invalid.'];
}

/** Outermost: request ids for support, on error responses as well. */
export const requestIds: Middleware = async (request, next) => {
  const correlationId = header(request, 'x-ms-correlation-request-id') ?? randomUUID();
  const clientId = header(request, 'x-ms-client-request-id');
  const ids = {
    'x-ms-request-id': randomUUID(),
    'x-ms-correlation-request-id': correlationId,
    ...(clientId === undefined ? {} : { 'x-ms-client-request-id': clientId }),
  };
  // The handlers of the request see the same one.
  request.headers['x-ms-correlation-request-id'] = correlationId;
  try {
    const reply = await next();
    return { ...reply, headers: { ...ids, ...reply.headers } };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { status: error.status, headers: { ...ids, ...error.extra.headers }, body: armErrorBody(error) };
  }
};
