/** For tests: an OpenID issuer with a key of its own, and tokens as it, or a forger, would make them. */
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { Clock } from '../../shared/clock';
import type { Config } from '../../shared/config';

export const CONTOSO = '11111111-1111-4111-8111-111111111111';
export const FABRIKAM = '22222222-2222-4222-8222-222222222222';
export const ADA = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';

export const issuerOptions: Config['administrators'] = {
  issuerTemplate: 'https://login.test/{tenantid}/v2.0',
  audiences: ['api://session-recording'],
  jwksUrl: 'https://login.test/keys',
  tenants: [CONTOSO, FABRIKAM],
};

export interface TestIssuer {
  jwks: JSONWebKeySet;
  /** A token of an administrator of Contoso that is valid for an hour, but for what is given. */
  token(claims?: JWTPayload, header?: { kid?: string }): Promise<string>;
}

/** @param alg what it signs with */
export async function startTestIssuer(clock: Clock, alg: 'ES256' | 'RS256' = 'ES256'): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const kid = `key-${alg}`;
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }] };
  return {
    jwks,
    token: (claims = {}, header = {}) =>
      signToken(privateKey, { alg, kid, ...header }, { ...standardClaims(clock, claims['tid']), ...claims }),
  };
}

/** Claims of a full admin named Ada. */
export function standardClaims(clock: Clock, tid: unknown = CONTOSO): JWTPayload {
  const now = Math.floor(clock.now().getTime() / 1000);
  return {
    iss: `https://login.test/${String(tid)}/v2.0`,
    aud: 'api://session-recording',
    iat: now,
    nbf: now,
    exp: now + 3600,
    tid: String(tid),
    oid: ADA,
    preferred_username: 'ada@contoso.example',
    roles: ['SessionRecording.FullAdmin'],
  };
}

/** Signs claims just as they are; those that are undefined are left out. */
export function signToken(
  key: CryptoKey | Uint8Array,
  header: { alg: string; kid?: string },
  claims: JWTPayload,
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}
