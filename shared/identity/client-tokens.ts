/** Access tokens of secure clients: ES256, 15 minutes, accepted only by the cloud client's operations. */
import {
  type CryptoKey,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock';
import { newId } from '../ids';
import type { SecretStore } from '../secrets/secret-store';
import type { ClientCaller } from './caller';
import { unauthenticated } from './token-verifier';

export const CLIENT_TOKEN_SECONDS = 900;
const KEY_SECRET = 'cloud-client-signing-key';
const AUDIENCE = 'cloud-client';
/** RFC 9068: an access token, nothing else that this key might sign one day. */
const TOKEN_TYPE = 'at+jwt';
/** How long an instance trusts the keys that it read. */
const REFRESH_MS = 300_000;

const keyDocument = z.object({
  current: z.object({ kid: z.string(), jwk: z.record(z.string(), z.unknown()), madeAt: z.string() }),
  /** Still accepted until its last token has expired. */
  previous: z
    .object({ kid: z.string(), jwk: z.record(z.string(), z.unknown()), madeAt: z.string() })
    .optional(),
});

interface LoadedKeys {
  signing: { kid: string; key: CryptoKey };
  verifying: Map<string, CryptoKey>;
  loadedAt: number;
}

const payloadSchema = z.object({
  sub: z.string(),
  customerId: z.string(),
  name: z.string(),
  secretId: z.string().optional(),
});

export class ClientTokens {
  private loaded: Promise<LoadedKeys> | undefined;

  constructor(
    private readonly issuer: string,
    private readonly secrets: SecretStore,
    private readonly clock: Clock,
  ) {}

  /** A token for the client; expires after CLIENT_TOKEN_SECONDS. */
  async issue(client: Omit<ClientCaller, 'type'>): Promise<string> {
    const { signing } = await this.keys();
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const { customerId, name, secretId } = client;
    return new SignJWT({ customerId, name, secretId })
      .setProtectedHeader({ alg: 'ES256', kid: signing.kid, typ: TOKEN_TYPE })
      .setSubject(client.id)
      .setIssuer(this.issuer)
      .setAudience(AUDIENCE)
      .setIssuedAt(now)
      .setExpirationTime(now + CLIENT_TOKEN_SECONDS)
      .sign(signing.key);
  }

  /** The client that a token names. @throws Problem `unauthenticated` */
  async verify(token: string): Promise<ClientCaller> {
    try {
      const { kid } = decodeProtectedHeader(token);
      const key = await this.verifyingKey(kid);
      if (!key) throw unauthenticated('The token is not valid here.');
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['ES256'],
        issuer: this.issuer,
        audience: AUDIENCE,
        typ: TOKEN_TYPE,
        requiredClaims: ['exp'],
        currentDate: this.clock.now(),
      });
      const { sub, ...claims } = payloadSchema.parse(payload);
      return { type: 'client', id: sub, ...claims };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (code === 'ERR_JWT_EXPIRED')
        throw unauthenticated('The token has expired: ask for a new one.', error);
      if (code.startsWith('ERR_J') || error instanceof TypeError || error instanceof z.ZodError) {
        throw unauthenticated('The token is not valid here.', error);
      }
      throw error;
    }
  }

  /** Replaces the signing key; tokens of the old one are accepted until they expire. */
  async rotate(): Promise<void> {
    const text = await this.secrets.getOrCreate(KEY_SECRET, () => this.makeDocument());
    const { current } = keyDocument.parse(JSON.parse(text));
    const fresh = keyDocument.parse(JSON.parse(await this.makeDocument()));
    await this.secrets.set(KEY_SECRET, JSON.stringify({ current: fresh.current, previous: current }));
    this.loaded = undefined;
  }

  private async verifyingKey(kid: string | undefined): Promise<CryptoKey | undefined> {
    if (!kid) return undefined;
    const known = (await this.keys()).verifying.get(kid);
    if (known) return known;
    // Another instance may have rotated; one look at most every few seconds.
    const { loadedAt } = await this.keys();
    if (this.clock.now().getTime() - loadedAt < 5_000) return undefined;
    this.loaded = undefined;
    return (await this.keys()).verifying.get(kid);
  }

  private async keys(): Promise<LoadedKeys> {
    const present = this.loaded && (await this.loaded);
    if (present && this.clock.now().getTime() - present.loadedAt < REFRESH_MS) return present;
    const loading = this.load();
    this.loaded = loading;
    loading.catch(() => {
      if (this.loaded === loading) this.loaded = undefined;
    });
    return loading;
  }

  private async load(): Promise<LoadedKeys> {
    const text = await this.secrets.getOrCreate(KEY_SECRET, () => this.makeDocument());
    const { current, previous } = keyDocument.parse(JSON.parse(text));
    const verifying = new Map<string, CryptoKey>();
    for (const item of [current, previous]) {
      if (item) verifying.set(item.kid, await toKey(publicPart(item.jwk)));
    }
    const signing = { kid: current.kid, key: await toKey(current.jwk) };
    return { signing, verifying, loadedAt: this.clock.now().getTime() };
  }

  private async makeDocument(): Promise<string> {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(privateKey);
    return JSON.stringify({ current: { kid: newId(), jwk, madeAt: this.clock.now().toISOString() } });
  }
}

async function toKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, 'ES256');
  if (key instanceof Uint8Array) throw new Error('The signing key of the cloud client is not an EC key');
  return key;
}

function publicPart({ d: _d, ...rest }: JWK): JWK {
  return rest;
}
