/** Verification of bearer tokens, as a middleware with an error response per stand-in. */
import { jwtVerify, type JWTVerifyGetKey } from 'jose';
import { type AccessControl, type Operation } from '../access/access-control';
import { type HttpError } from './errors';
import { header, type LocalRequest, type Middleware } from './server';

export interface BearerRule {
  keys: JWTVerifyGetKey;
  /** The resource that a token must be made for; a trailing slash makes no difference. */
  audience: string;
  /** The service's error response (401); `detail` says what is wrong with the token. */
  refuse: (detail: string) => HttpError;
  /** Who may call what; absent: whoever has a token may call everything. */
  authorization?: Authorization;
}

interface Authorization {
  access: AccessControl;
  operationOf: (request: LocalRequest) => Operation;
  /** The service's answer to a caller whose roles do not permit the operation. */
  refuse: (operation: Operation) => HttpError;
}

/** Lets a request through when it carries a valid application token for `audience`. */
export function requireBearer(rule: BearerRule): Middleware {
  return async (request, next) => {
    const token = /^Bearer (.+)$/i.exec(header(request, 'authorization') ?? '')?.[1];
    if (token === undefined) {
      throw rule.refuse('The request has no bearer token.');
    }
    const principal = await principalOf(token, rule);
    const { authorization } = rule;
    const operation = authorization?.operationOf(request);
    if (authorization && operation && !authorization.access.allows(principal, operation)) {
      throw authorization.refuse(operation);
    }
    return next();
  };
}

/** The object id in a valid token. @throws HttpError for any other token */
async function principalOf(token: string, { keys, audience, refuse }: BearerRule): Promise<unknown> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      audience: [audience, `${audience}/`],
      algorithms: ['RS256'],
    });
    return payload.oid;
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}
