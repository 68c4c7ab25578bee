/** Authentication by Entra token or by the account's master key. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { type Principal } from './authorization';
import { CosmosError, type GatewayRequest } from './message';

/** Resolves to who calls. Raises 401 for a request without a credential that is accepted. */
export type Authenticate = (request: GatewayRequest) => Promise<Principal>;

export interface AuthenticationOptions {
  /** Resolves the keys that sign Entra tokens; absent: no token is accepted. */
  readonly tokenKeys?: JWTVerifyGetKey | undefined;
  /** The account's master key in base64; absent: no key is accepted. */
  readonly masterKey?: string | undefined;
}

/** Verified tokens are cached until they expire, this many at most. */
const maxRememberedTokens = 1000;

/** What the Azure SDK asks for when the account itself is unknown to the directory. */
const commonAudience = 'https://cosmos.azure.com';

/** The keys behind an https URL, fetched once and then whenever an unknown key id appears. */
export function remoteKeys(url: string, caFile: string | undefined): JWTVerifyGetKey {
  if (caFile === undefined) return createRemoteJWKSet(new URL(url));
  const ca = readFileSync(caFile);
  return createRemoteJWKSet(new URL(url), { [customFetch]: (address) => fetchTrusting(ca, address) });
}

/** A GET that trusts an additional authority, which the global fetch can only do from the start of the process. */
function fetchTrusting(ca: Buffer, url: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    get(url, { ca }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 502 })),
      );
      answer.on('error', reject);
    }).on('error', reject);
  });
}

export function createAuthenticator({ tokenKeys, masterKey }: AuthenticationOptions): Authenticate {
  const verifyToken = tokenKeys && tokenVerifier(tokenKeys);
  return async (request) => {
    const { type, sig } = readAuthorization(request.headers.authorization);
    if (type === 'aad' && verifyToken) return verifyToken(sig, request.origin);
    if (type === 'master' && masterKey !== undefined) {
      verifyKey(masterKey, sig, request);
      return undefined;
    }
    throw unauthorized(`The authorization type '${type}' is not accepted.`);
  };
}

/** `type=…&ver=1.0&sig=…`, with or without percent-encoding. */
function readAuthorization(header: string | undefined): { type: string; sig: string } {
  if (header === undefined) throw unauthorized('Required Header authorization is missing.');
  let plain = header;
  try {
    if (/^type%3d/iu.test(header)) plain = decodeURIComponent(header);
  } catch (cause) {
    throw unauthorized('The authorization header is malformed.', cause);
  }
  const found = /^type=(?<type>\w+)&ver=1\.0&sig=(?<sig>.+)$/u.exec(plain);
  if (!found?.groups) throw unauthorized('The authorization header is malformed.');
  const { type = '', sig = '' } = found.groups;
  return { type, sig };
}

/** Checks signature, lifetime, issuer and audience of a token, and caches valid ones; resolves to its principal. */
function tokenVerifier(keys: JWTVerifyGetKey): (token: string, origin: string) => Promise<Principal> {
  const verified = new Map<string, { expiresAt: number; principal: string }>();
  return async (token, origin) => {
    const remembered = `${origin} ${token}`;
    const known = verified.get(remembered);
    if (known !== undefined && known.expiresAt * 1000 > Date.now()) return known.principal;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: `https://sts.windows.net/${String(decodeJwt(token).tid)}/`,
        audience: [origin, `${origin}/`, commonAudience, `${commonAudience}/`],
        requiredClaims: ['exp'],
      });
      const [oldest] = verified.keys();
      if (oldest !== undefined && verified.size >= maxRememberedTokens) verified.delete(oldest);
      // A token without one is of nobody: it has no roles.
      const principal = typeof payload.oid === 'string' ? payload.oid : '';
      verified.set(remembered, { expiresAt: payload.exp ?? 0, principal });
      return principal;
    } catch (cause) {
      const reason = cause instanceof errors.JOSEError ? cause.message : 'the signing keys cannot be read';
      throw unauthorized(`The token is not accepted: ${reason}.`, cause);
    }
  };
}

/** Source: "Access control on Cosmos DB resources": HMAC-SHA256 over verb, resource type, resource link and date. */
function verifyKey(masterKey: string, signature: string, { method, path, headers }: GatewayRequest): void {
  const date = headers['x-ms-date'] ?? '';
  const steps = decodeURIComponent(path)
    .split('/')
    .filter((step) => step !== '');
  const isFeed = steps.length % 2 === 1;
  const type = steps.at(isFeed ? -1 : -2) ?? '';
  const link = (isFeed ? steps.slice(0, -1) : steps).join('/');
  const text = `${method.toLowerCase()}\n${type.toLowerCase()}\n${link}\n${date.toLowerCase()}\n\n`;
  const expected = createHmac('sha256', Buffer.from(masterKey, 'base64')).update(text).digest();
  const given = Buffer.from(signature, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw unauthorized(
      'The MAC signature found in the HTTP request is not the same as the computed signature.',
    );
  }
}

function unauthorized(message: string, cause?: unknown): CosmosError {
  return new CosmosError(401, message, { cause });
}
