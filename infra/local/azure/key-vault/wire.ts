/** What the Key Vault client sends and expects: bundles, items, pages. */
import { z } from 'zod';
import { HttpError } from '../../stand-in-support/errors';
import { jsonBody, type LocalRequest, type Reply } from '../../stand-in-support/server';
import { recoverableDays, type Secret, type SecretChange, type SecretVersion } from './vault';

/** Azure's limits: https://learn.microsoft.com/azure/key-vault/general/service-limits and …/secrets/about-secrets. */
const maxValueBytes = 25_600;
const maxPageSize = 25;

const properties = {
  contentType: z.string().max(255).optional(),
  tags: z.record(z.string().max(512), z.string().max(256)).optional(),
  attributes: z
    .object({ enabled: z.boolean().optional(), nbf: z.int().optional(), exp: z.int().optional() })
    .optional(),
};
const setBody = z.object({ value: z.string(), ...properties });
const updateBody = z.object(properties);

/** The value and the properties of `PUT /secrets/{name}`. */
export function readSetBody(request: LocalRequest): { value: string; change: SecretChange } {
  const body = parse(setBody, request);
  if (Buffer.byteLength(body.value) > maxValueBytes) {
    throw new HttpError(400, 'BadParameter', `The value of a secret has at most ${maxValueBytes} bytes.`);
  }
  return { value: body.value, change: toChange(body) };
}

/** The properties of `PATCH /secrets/{name}/{version}`. */
export function readUpdateBody(request: LocalRequest): SecretChange {
  return toChange(parse(updateBody, request));
}

/** One version with its value. */
export function secretBundle(vaultUrl: string, secret: Secret, version: SecretVersion): object {
  return {
    value: version.value,
    ...describe(version, `${vaultUrl}/secrets/${secret.name}/${version.version}`),
  };
}

/** An item of a list: without value; for a secret as a whole (`version` absent) without version in its id. */
export function secretItem(vaultUrl: string, secret: Secret, version?: SecretVersion): object {
  const id = `${vaultUrl}/secrets/${secret.name}`;
  return version === undefined ? describe(latest(secret), id) : describe(version, `${id}/${version.version}`);
}

/** A deleted secret, without its value. */
export function deletedItem(vaultUrl: string, secret: Secret, withVersion: boolean): object {
  return {
    ...secretItem(vaultUrl, secret, withVersion ? latest(secret) : undefined),
    recoveryId: `${vaultUrl}/deletedsecrets/${secret.name}`,
    deletedDate: secret.deleted?.at,
    scheduledPurgeDate: secret.deleted?.purgeAt,
  };
}

/** One page of `items`, with the link to the next one. */
export function page<T>(
  vaultUrl: string,
  request: LocalRequest,
  items: T[],
  toItem: (item: T) => object,
): Reply {
  const query = request.url.searchParams;
  const size = Number(query.get('maxresults') ?? maxPageSize);
  if (!Number.isInteger(size) || size < 1 || size > maxPageSize) {
    throw new HttpError(400, 'BadParameter', `maxresults must be between 1 and ${maxPageSize}.`);
  }
  const start = Number(query.get('$skiptoken') ?? 0);
  const next = new URL(request.url.pathname + request.url.search, vaultUrl);
  next.searchParams.set('$skiptoken', String(start + size));
  return {
    status: 200,
    body: {
      value: items.slice(start, start + size).map(toItem),
      nextLink: start + size < items.length ? next.href : null,
    },
  };
}

export function latest(secret: Secret): SecretVersion {
  const version = secret.versions.at(-1);
  if (version === undefined) {
    throw new Error(`Secret ${secret.name} has no version.`);
  }
  return version;
}

function describe(version: SecretVersion, id: string): object {
  return {
    id,
    contentType: version.contentType,
    tags: version.tags,
    attributes: {
      enabled: version.enabled,
      nbf: version.notBefore,
      exp: version.expires,
      created: version.created,
      updated: version.updated,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays,
    },
  };
}

function parse<T>(schema: z.ZodType<T>, request: LocalRequest): T {
  const parsed = schema.safeParse(jsonBody(request, 'BadParameter'));
  if (!parsed.success) {
    throw new HttpError(400, 'BadParameter', z.prettifyError(parsed.error));
  }
  return parsed.data;
}

/** Only the members that were sent, so that an update keeps the rest. */
function toChange(body: z.infer<typeof updateBody>): SecretChange {
  const change = {
    contentType: body.contentType,
    tags: body.tags,
    enabled: body.attributes?.enabled,
    notBefore: body.attributes?.nbf,
    expires: body.attributes?.exp,
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
