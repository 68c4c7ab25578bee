/** Verifies administrators' access tokens against the issuer's published keys. */
import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock';
import type { Config } from '../config';
import { sha256Hex } from '../ids';
import { Problem } from '../problem';
import { TIME_LIMITS } from '../time-limits';
import { APP_ROLES, strongestKind } from './permissions';
import type { Administrator } from './caller';

const claims = z.object({
  tid: z.guid().toLowerCase(),
  oid: z.guid().toLowerCase(),
  exp: z.number(),
  preferred_username: z.string().optional(),
  name: z.string().optional(),
  azp: z.string().optional(),
  appid: z.string().optional(),
  idtyp: z.string().optional(),
  roles: z.array(z.string()).default([]),
  groups: z.array(z.string().toLowerCase()).default([]),
  hasgroups: z.boolean().optional(),
  _claim_names: z.record(z.string(), z.unknown()).optional(),
});

/** Verified tokens that are remembered, so that a busy caller costs one signature check. */
const CACHED_TOKENS = 5_000;
const CLOCK_TOLERANCE_SECONDS = 60;

export class TokenVerifier {
  private readonly cache = new Map<string, { administrator: Administrator; expiresAt: number }>();

  constructor(
    private readonly options: Config['administrators'],
    private readonly clock: Clock,
    private readonly keys: JWTVerifyGetKey = publishedKeys(options.jwksUrl),
    private readonly maxRemembered = CACHED_TOKENS,
  ) {}

  /** How many verified tokens are remembered just now. */
  get remembered(): number {
    return this.cache.size;
  }

  /**
   * The administrator whom the token names, with the role that its app roles make.
   * @throws Problem `unauthenticated` for anything but a valid token of an accepted tenant,
   *   `unavailable` when the issuer's keys cannot be had.
   */
  async verify(token: string): Promise<Administrator> {
    const key = sha256Hex(token);
    const cached = this.cache.get(key);
    if (cached && cached.expiresAt > this.clock.now().getTime()) return cached.administrator;
    this.cache.delete(key);

    const payload = claims.safeParse(await this.verifiedPayload(token));
    if (!payload.success)
      throw unauthenticated('The token lacks claims that an access token has (tid, oid).');
    const administrator = toAdministrator(payload.data);
    this.remember(key, administrator, payload.data.exp * 1000);
    return administrator;
  }

  private async verifiedPayload(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        algorithms: ['RS256', 'ES256'],
        audience: this.options.audiences,
        requiredClaims: ['exp', 'iss', 'tid', 'oid'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: this.clock.now(),
      });
      const tenant = String(payload['tid']).toLowerCase();
      if (payload.iss !== this.options.issuerTemplate.replace('{tenantid}', tenant)) {
        throw unauthenticated('The token is from another issuer.');
      }
      if (!this.options.tenants.includes('*') && !this.options.tenants.includes(tenant)) {
        throw unauthenticated('The organisation of this token does not use this service.');
      }
      return payload;
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw toProblem(error);
    }
  }

  private remember(key: string, administrator: Administrator, expiresAt: number): void {
    if (this.cache.size >= this.maxRemembered) {
      const oldest = this.cache.keys().next();
      if (!oldest.done) this.cache.delete(oldest.value);
    }
    this.cache.set(key, { administrator, expiresAt });
  }
}

function publishedKeys(url: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), { timeoutDuration: TIME_LIMITS.signInKeys.tryMilliseconds });
}

function toAdministrator(payload: z.infer<typeof claims>): Administrator {
  const kind = strongestKind(payload.roles.flatMap((role) => APP_ROLES[role] ?? []));
  const isApplication = payload.idtyp === 'app' || (!payload.preferred_username && !payload.name);
  const overage = payload.hasgroups === true || payload._claim_names?.['groups'] !== undefined;
  return {
    type: 'administrator',
    customerId: payload.tid,
    id: payload.oid,
    name: payload.preferred_username ?? payload.name ?? payload.azp ?? payload.appid ?? payload.oid,
    kind,
    throughGroup: false,
    isApplication,
    groups: overage ? [] : payload.groups,
    groupOverage: overage,
  };
}

/** A 401 that says why. */
export function unauthenticated(detail: string, cause?: unknown): Problem {
  return new Problem('unauthenticated', detail, { cause });
}

/** What jose says when the published keys cannot be fetched or are not a key set. */
const KEY_SET_CODES = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];

/** jose marks what is wrong with a token by `ERR_J…` codes; the rest is about reaching the keys. */
function toProblem(error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_JWT_EXPIRED') return unauthenticated('The token has expired: sign in again.', error);
  if (KEY_SET_CODES.includes(code) || !code.startsWith('ERR_J')) {
    return new Problem('unavailable', 'The keys of the sign-in service cannot be had just now: try again.', {
      retryAfterSeconds: 5,
      cause: error,
    });
  }
  return unauthenticated('The token is not valid here.', error);
}
