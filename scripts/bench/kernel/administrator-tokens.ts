/** An issuer of administrators' tokens as large as those of a directory, and its published key. */
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  type JWTVerifyGetKey,
  SignJWT,
} from 'jose';
import { benchEnvironment } from '../environment';

const TENANT = '11111111-1111-4111-8111-111111111111';
const GROUPS = 20;
const LIFETIME_SECONDS = 3600;

export interface TokenSource {
  readonly keys: JWTVerifyGetKey;
  /** A full administrator's token, signed with RS256 and valid for an hour; another one for each number. */
  readonly token: (number: number) => Promise<string>;
}

export async function startTokenSource(): Promise<TokenSource> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const kid = 'bench';
  const sign = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
  return {
    keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] }),
    token: (number) => sign(claimsOf(number)),
  };
}

function claimsOf(number: number): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: benchEnvironment.ADMIN_ISSUER.replace('{tenantid}', TENANT),
    aud: benchEnvironment.ADMIN_AUDIENCE,
    iat: now,
    nbf: now,
    exp: now + LIFETIME_SECONDS,
    tid: TENANT,
    oid: guid('a', number),
    name: `Administrator ${number}`,
    preferred_username: `administrator${number}@contoso.example`,
    roles: ['SessionRecording.FullAdmin'],
    groups: Array.from({ length: GROUPS }, (_, group) => guid('b', group)),
  };
}

function guid(first: string, number: number): string {
  return `${first.repeat(8)}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
