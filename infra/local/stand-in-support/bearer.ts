/** Verification of bearer tokens, as a middleware with an error response per stand-in. */
import { jwtVerify, type JWTVerifyGetKey } from 'jose';
import { type HttpError } from './errors';
import { header, type Middleware } from './server';

export interface BearerRule {
  keys: JWTVerifyGetKey;
  /** The resource that a token must be made for; a trailing slash makes no difference. */
  audience: string;
  /** The service's error response (401); `detail` says what is wrong with the token. */
  refuse: (detail: string) => HttpError;
}

/** Lets a request through when it carries a valid application token for `audience`. */
export function requireBearer(rule: BearerRule): Middleware {
  return async (request, next) => {
    const token = /^Bearer (.+)$/i.exec(header(request, 'authorization') ?? '')?.[1];
    if (token === undefined) {
      throw rule.refuse('The request has no bearer token.');
    }
    try {
      await jwtVerify(token, rule.keys, {
        audience: [rule.audience, `${rule.audience}/`],
        algorithms: ['RS256'],
      });
    } catch (error) {
      throw rule.refuse(error instanceof Error ? error.message : String(error));
    }
    return next();
  };
}
