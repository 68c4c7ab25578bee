/** Errors of Azure: made readable, and whether the same call may succeed later. Pure. */

/** An error as Azure gives it, without its nesting. */
export interface AzureErrorInfo {
  code: string;
  message: string;
  /** The resource or property that it is about. */
  target?: string | undefined;
  /** For Microsoft's support. */
  correlationId?: string | undefined;
  /** What the error is due to, where Azure nests one error in another. */
  cause?: { code: string; message: string; target?: string | undefined } | undefined;
  /** The policies that denied the request. */
  policies?: { policy: string; assignment: string }[] | undefined;
}

/** A call of Azure that failed. */
export class AzureError extends Error {
  constructor(
    readonly info: AzureErrorInfo,
    /** HTTP status; undefined when there was no answer. */
    readonly status?: number,
    /** From the headers `Retry-After` and `x-ms-*-retry-after`; seconds. */
    readonly retryAfterSeconds?: number,
  ) {
    super(`${info.code}: ${info.message}`);
    this.name = 'AzureError';
  }
}

type Fields = Record<string, unknown>;
type Found = { code: string; message: string; target?: string | undefined };

const MAX_DEPTH = 20;
const MAX_MESSAGE = 2_000;

/**
 * Reads the body of a refused request, the error of a deployment, or the status message of an operation. Errors are nested
 * as `error`, `details`, `innererror`, and as JSON within a message.
 */
export function readAzureError(body: unknown, correlationId?: string): AzureErrorInfo {
  const top = errorIn(body) ?? { code: 'Unknown', message: 'Azure gave no reason.' };
  const chain = causes(errorFields(body), 0);
  const innermost = chain.at(-1);
  const policies = policiesIn(body);
  const isNested = innermost !== undefined && innermost.code !== top.code;
  return {
    ...top,
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(isNested ? { cause: innermost } : {}),
    ...(policies.length > 0 ? { policies } : {}),
  };
}

/** Whether Azure only refers to the operations of the deployment, since its error would be too large. */
export function refersToOperations({ message, cause }: AzureErrorInfo): boolean {
  return cause === undefined && /too large|list deployment operations/i.test(message);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object with the code: the body itself, or its `error`. */
function errorFields(body: unknown): Fields | undefined {
  if (!isFields(body)) return undefined;
  return isFields(body['error']) ? body['error'] : body;
}

function errorIn(body: unknown): Found | undefined {
  const fields = errorFields(body);
  if (!fields || typeof fields['code'] !== 'string') return undefined;
  const { code, message, target } = fields;
  return {
    code,
    message: typeof message === 'string' ? message.slice(0, MAX_MESSAGE) : '',
    ...(typeof target === 'string' ? { target } : {}),
  };
}

/** The errors from this one to its innermost cause. */
function causes(fields: Fields | undefined, depth: number): Found[] {
  const own = errorIn(fields);
  if (!fields || depth > MAX_DEPTH) return [];
  const details = listIn(fields['details']);
  const candidates = [...details, fields['innererror'], jsonIn(fields['message'])];
  const nested = candidates
    .map((candidate) => causes(errorFields(candidate), depth + 1))
    .find((chain) => chain.length > 0);
  return [...(own ? [own] : []), ...(nested ?? [])];
}

function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function jsonIn(message: unknown): unknown {
  if (typeof message !== 'string' || !message.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(message) as unknown;
  } catch {
    return undefined;
  }
}

/** Of `additionalInfo` of type PolicyViolation, at any depth. */
function policiesIn(body: unknown, depth = 0): { policy: string; assignment: string }[] {
  const fields = errorFields(body);
  if (!fields || depth > MAX_DEPTH) return [];
  const infos = listIn(fields['additionalInfo']);
  const own = infos.flatMap((entry) => {
    if (!isFields(entry) || entry['type'] !== 'PolicyViolation' || !isFields(entry['info'])) return [];
    const { info } = entry;
    const name = (kind: string) =>
      [info[`${kind}DisplayName`], info[`${kind}Name`], info[`${kind}Id`]].find(
        (found) => typeof found === 'string',
      ) ?? 'unknown';
    return [{ policy: name('policyDefinition'), assignment: name('policyAssignment') }];
  });
  const details = listIn(fields['details']);
  return [
    ...own,
    ...[...details, jsonIn(fields['message'])].flatMap((nested) => policiesIn(nested, depth + 1)),
  ];
}

/** What another attempt cannot change; these win over the status, since quota errors come as conflicts. */
const NEVER_RETRIED = [
  /quota/i,
  /^SkuNotAvailable$/,
  /DisallowedByPolicy$/,
  /^(?:Linked)?AuthorizationFailed$/,
  /^Invalid/,
  /^ResourceGroupNotFound$/,
  /^ScopeLocked$/,
];

/** Codes of refusals that pass: something else is going on, or a new role is not known everywhere yet. */
const RETRIED = [
  /^AnotherOperationInProgress$/,
  /^BlobAuditingInsufficientStorageAccountPermissions$/,
  /^DeploymentActive$/,
  /^InUse/,
  /InUse$/,
  /^OperationPreempted$/,
  /^PrincipalNotFound$/,
  /^ReferencedResourceNotProvisioned$/,
  /^ResourceGroupBeingDeleted$/,
  /^RetryableError/,
  /^TooManyRequests$/,
  /^(?:ServerBusy|ServiceUnavailable|GatewayTimeout|InternalServerError)$/,
];

const RETRIED_STATUSES: readonly number[] = [408, 429, 500, 502, 503, 504];

const codesOf = ({ info }: AzureError) => [info.code, ...(info.cause ? [info.cause.code] : [])];
const matches = (codes: readonly string[], patterns: readonly RegExp[]) =>
  codes.some((code) => patterns.some((pattern) => pattern.test(code)));

/** Whether no other attempt can succeed before somebody changes something in Azure. */
export function isFinal(error: AzureError): boolean {
  return matches(codesOf(error), NEVER_RETRIED);
}

/** Whether the same call may succeed later. Without a status there was no answer: the call may have been carried out. */
export function isRetryable(error: AzureError): boolean {
  if (isFinal(error)) return false;
  if (matches(codesOf(error), RETRIED)) return true;
  return error.status === undefined || RETRIED_STATUSES.includes(error.status);
}

const RETRY_AFTER_HEADERS = [
  'retry-after',
  'x-ms-ratelimit-microsoft.consumption-retry-after',
  'x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after',
];
const MAX_RETRY_AFTER_SECONDS = 3_600;

/** The longest pause that the headers of an answer ask for, in seconds; a date counts from `now`. */
export function retryAfterSeconds(
  header: (name: string) => string | null | undefined,
  now: Date,
): number | undefined {
  const pauses = RETRY_AFTER_HEADERS.flatMap((name) => {
    const text = header(name)?.trim();
    if (!text) return [];
    const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1_000;
    return Number.isFinite(seconds)
      ? [Math.min(Math.max(0, Math.ceil(seconds)), MAX_RETRY_AFTER_SECONDS)]
      : [];
  });
  return pauses.length === 0 ? undefined : Math.max(...pauses);
}
