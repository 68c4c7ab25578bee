/** For tests: forged tokens, each with one fault, and those of the true issuers to compare with. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import path from 'node:path';
import {
  base64url,
  decodeJwt,
  decodeProtectedHeader,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { loadSigningKey } from '../../infra/local/azure/login/signing-key';
import { loadConfig } from '../../shared/config';
import { appCredential } from '../../shared/credential';
import { openSecretStore } from '../../shared/secrets/secret-store';
import type { TestService } from './service';

/** An issuer: its signing key, and a set of claims that is accepted. */
export interface TrueIssuer {
  alg: 'RS256' | 'ES256';
  key: KeyObject;
  header: JWTHeaderParameters;
  claims: JWTPayload;
  /** A genuine token. */
  token: string;
}

/** The issuer of administrators' tokens: the directory. */
export async function administratorIssuer(service: TestService): Promise<TrueIssuer> {
  const { privateKey } = await loadSigningKey(path.join(service.stack.dataDir, 'azure/login-key.pem'));
  return trueIssuer('RS256', privateKey, await service.token());
}

/** The issuer of recording servers' tokens: the service itself, with its key from Key Vault. */
export async function clientIssuer(service: TestService, token: string): Promise<TrueIssuer> {
  const config = loadConfig(service.stack.env);
  const text = await openSecretStore(config, appCredential(config)).get('cloud-client-signing-key');
  if (text === undefined) throw new Error('The service has no signing key yet');
  const { current } = JSON.parse(text) as { current: { jwk: Record<string, string> } };
  const key = createPrivateKey({ key: current.jwk, format: 'jwk' });
  return trueIssuer('ES256', key, token);
}

function trueIssuer(alg: TrueIssuer['alg'], key: KeyObject, token: string): TrueIssuer {
  const { kid, typ } = decodeProtectedHeader(token);
  return { alg, key, header: { alg, kid, typ }, claims: decodeJwt(token), token };
}

type Header = Record<string, unknown>;

/** A token of the true issuer's key, with other claims or another header. */
export function signAs(issuer: TrueIssuer, claims: JWTPayload = {}, header: Header = {}): Promise<string> {
  return new SignJWT({ ...issuer.claims, ...claims })
    .setProtectedHeader({ ...issuer.header, ...header })
    .sign(issuer.key);
}

/**
 * Every forgery by name; all of them must be refused.
 * @param attackerUrl serves a key set of the forger's, which must not be requested
 */
export async function forgedTokens(issuer: TrueIssuer, attackerUrl: string): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000);
  return {
    expired: await signAs(issuer, { iat: now - 7200, nbf: now - 7200, exp: now - 120 }),
    'not yet valid': await signAs(issuer, { nbf: now + 600 }),
    'without an expiry': await signAs(issuer, { exp: undefined }),
    'for another audience': await signAs(issuer, { aud: 'https://vault.azure.net' }),
    'for no audience': await signAs(issuer, { aud: undefined }),
    'of another issuer': await signAs(issuer, { iss: attackerUrl }),
    'of no issuer': await signAs(issuer, { iss: undefined }),
    'with an unknown critical header': await unsupportedCritical(issuer),
    ...unsigned(issuer),
    ...(await signedWithPublicKey(issuer)),
    ...(await signedByAnother(issuer, attackerUrl)),
    ...damaged(issuer),
  };
}

const encoded = (value: object): string => base64url.encode(JSON.stringify(value));

async function unsupportedCritical(issuer: TrueIssuer): Promise<string> {
  const header = { ...issuer.header, crit: ['bound-to'], 'bound-to': 'somebody else' };
  return new SignJWT(issuer.claims)
    .setProtectedHeader(header)
    .sign(issuer.key, { crit: { 'bound-to': true } });
}

function unsigned({ claims, header, token }: TrueIssuer): Record<string, string> {
  const signature = token.split('.')[2] ?? '';
  const none = (alg: string) => `${encoded({ ...header, alg })}.${encoded(claims)}`;
  return {
    'alg none': `${none('none')}.`,
    'alg None': `${none('None')}.`,
    'alg nOnE with the signature of another token': `${none('nOnE')}.${signature}`,
    'no alg': `${encoded({ ...header, alg: undefined })}.${encoded(claims)}.`,
    'without its signature': `${token.split('.').slice(0, 2).join('.')}.`,
  };
}

/** RFC 8725, section 2.1: the published key taken for a shared secret. */
async function signedWithPublicKey({ claims, key, header }: TrueIssuer): Promise<Record<string, string>> {
  const published = createPublicKey(key);
  const jwk = published.export({ format: 'jwk' });
  const secrets: Record<string, string | Buffer> = {
    JWK: JSON.stringify(jwk),
    'JWK with its id': JSON.stringify({ ...jwk, kid: header.kid }),
    PEM: published.export({ format: 'pem', type: 'spki' }),
    'trimmed PEM': published.export({ format: 'pem', type: 'spki' }).toString().trim(),
    DER: published.export({ format: 'der', type: 'spki' }),
    modulus: jwk.n ?? jwk.x ?? '',
  };
  const tokens = Object.entries(secrets).map(async ([form, secret]) => {
    const signer = new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS256' });
    return [`HS256 with the public key as ${form}`, await signer.sign(Buffer.from(secret))] as const;
  });
  return Object.fromEntries(await Promise.all(tokens));
}

async function signedByAnother(issuer: TrueIssuer, attackerUrl: string): Promise<Record<string, string>> {
  const pair =
    issuer.alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kid } = issuer.header;
  const forger = { ...issuer, key: pair.privateKey };
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid, alg: issuer.alg, use: 'sig' };
  return {
    'another key with the right kid': await signAs(forger),
    'another key with an unknown kid': await signAs(forger, {}, { kid: 'unknown' }),
    'another key without a kid': await signAs(forger, {}, { kid: undefined }),
    'a kid that is a path': await signAs(forger, {}, { kid: '../../../../dev/null' }),
    'its own key in the header': await signAs(forger, {}, { jwk }),
    "a jku header to the forger's keys": await signAs(forger, {}, { jku: `${attackerUrl}/keys` }),
    "an x5u header to the forger's certificate": await signAs(
      forger,
      {},
      { x5u: `${attackerUrl}/certificate` },
    ),
  };
}

function damaged({ token, claims }: TrueIssuer): Record<string, string> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const other = signature.startsWith('A') ? 'B' : 'A';
  return {
    'other claims under the same signature': `${header}.${encoded({ ...claims, roles: ['Cloud.FullAccess'], x: 1 })}.${signature}`,
    'another signature': `${header}.${payload}.${other}${signature.slice(1)}`,
    'a truncated signature': token.slice(0, -20),
    'a truncated payload': `${header}.${payload.slice(0, -20)}.${signature}`,
    'two parts': `${header}.${payload}`,
    'four parts': `${token}.${signature}`,
    'only dots': '..',
    'a header that is not JSON': `${base64url.encode('{"alg":')}.${payload}.${signature}`,
    'a payload that is not JSON': `${header}.${base64url.encode('nonsense')}.${signature}`,
    'a payload that is an array': `${header}.${base64url.encode('[]')}.${signature}`,
    'not a JWT': 'opensesame',
    'a very long text': 'A'.repeat(10_000),
  };
}
