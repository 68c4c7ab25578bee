/**
 * What happens to every request, in the order that callers rely on:
 * 401, 403, 404, 400, 428, 412, 409 (the handler's), then the work itself.
 */
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { type AuditEntry, type AuditTrail, auditEntryType, auditTrail } from '../audit/audit-entry';
import type { Caller } from '../identity/caller';
import { newId } from '../ids';
import { notFound, Problem } from '../problem';
import { appendToLog } from '../log/append';
import type { Services } from '../services';
import { type Log, withSpan } from '../telemetry/telemetry';
import { authenticate, authorise, basicCredentials } from './authentication';
import { answerNotKept, beginIdempotent, type IdempotentRequest, NOT_IDEMPOTENT } from './idempotency';
import type { Operation, OperationContext } from './operation';
import { readBody } from './request-body';
import { isText, problemResponse, toAnswer, toProblem, toResponse, unlessKnown } from './respond';
import { validateBody, validateQuery } from './validation';

type Context = OperationContext<never, string, undefined, undefined, unknown>;

export interface Invocation {
  readonly services: Services;
  readonly log: Log;
  readonly traceId: string;
}

/** Answers one request. Never throws: whatever goes wrong is a problem answer and a log line. */
export async function runOperation(
  operation: Operation,
  request: HttpRequest,
  invocation: Invocation,
): Promise<HttpResponseInit> {
  const { services, log, traceId } = invocation;
  let customerId: string | undefined;
  try {
    return await withSpan(
      operation.id,
      { 'http.route': operation.path, 'http.method': operation.method },
      async () => {
        const caller = await authenticate(operation, request, services);
        if (caller.type !== 'anonymous') customerId = caller.customerId;
        return answer(operation, request, caller, invocation);
      },
    );
  } catch (error) {
    const problem = toProblem(error);
    if (problem.status >= 500)
      log.error('request failed', error, { operation: operation.id, traceId, customerId });
    return problemResponse(problem, traceId, services.config.publicUrl, operation.oauthErrors);
  }
}

async function answer(
  operation: Operation,
  request: HttpRequest,
  caller: Caller,
  invocation: Invocation,
): Promise<HttpResponseInit> {
  const { services, log, traceId } = invocation;
  const clientAddress = addressOf(request);
  const entry = (id: string) =>
    auditEntry(operation, caller, { id, clientAddress, traceId, at: services.clock.now() });
  try {
    authorise(operation, caller);
  } catch (refusal) {
    await recordRefusal(services, caller, entry(newId()), refusal);
    throw refusal;
  }

  const params = request.params;
  const resource = await operation.load?.({ params, caller: caller, services });
  if (operation.load && resource === undefined && operation.ifMatch !== 'whenExists')
    throw notFound(nounOf(operation.path));

  const query = validateQuery(operation.query, new URL(request.url).searchParams);
  const body = operation.body ? validateBody(operation.body, await readBody(request, operation)) : undefined;
  const ifMatch = checkIfMatch(operation, request, resource);

  const idempotent = await begin(operation, request, caller, services, { params, query, body });
  if (idempotent.replay) return toResponse(idempotent.replay);
  const refuseRepeat = operation.idempotency === 'oneTimeSecret' ? answerNotKept : undefined;
  const trail = trailOf(services, caller, entry(idempotent.newId()), refuseRepeat);
  const context = {
    params,
    query,
    body,
    resource,
    caller,
    services,
    audit: trail,
    ifMatch,
    newId: idempotent.newId,
    log,
    traceId,
    clientAddress,
    basic: operation.oauthErrors ? basicCredentials(request) : undefined,
  } as unknown as Context;

  const reply = await work(operation, context, idempotent, () => trail.entry());
  return toResponse(unlessKnown(operation, request.headers.get('if-none-match'), reply));
}

/** Runs the handler between its audit entry and the keeping of its answer. */
async function work(
  operation: Operation,
  context: Context,
  idempotent: IdempotentRequest,
  entry: () => AuditEntry,
) {
  const { services, caller } = context as unknown as { services: Services; caller: Caller };
  const before = operation.audit?.when === 'before' && caller.type !== 'anonymous' ? caller : undefined;
  const append = async (written: AuditEntry) => {
    if (before) await appendToLog(services, before.customerId, auditEntryType, written);
  };
  await append({ ...entry(), outcome: 'attempted' });
  try {
    const reply = toAnswer(operation, await operation.handle(context));
    if (
      operation.audit?.when === 'withChange' &&
      reply.status < 300 &&
      !(context.audit as RecordingTrail).recorded()
    ) {
      throw new Error(`${operation.id} changed something without its audit entry`);
    }
    await idempotent.complete(
      operation.idempotency === 'oneTimeSecret' || !isText(reply) ? undefined : reply,
    );
    return reply;
  } catch (error) {
    const { log, traceId } = context;
    try {
      await (toProblem(error).status < 500 ? idempotent.abandon() : idempotent.release());
      await append({ ...entry(), id: newId(), outcome: 'failed', reason: reasonOf(error) });
    } catch (failure) {
      log.error('a failure could not be recorded', failure, { operation: operation.id, traceId });
    }
    throw error;
  }
}

async function begin(
  operation: Operation,
  request: HttpRequest,
  caller: Caller,
  services: Services,
  input: unknown,
): Promise<IdempotentRequest> {
  const key = request.headers.get('idempotency-key');
  if (key === null || operation.method !== 'POST' || caller.type !== 'administrator') return NOT_IDEMPOTENT;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Problem('validation-failed', 'The Idempotency-Key is not usable.', {
      errors: [
        { parameter: 'Idempotency-Key', detail: 'Use 1 to 255 visible ASCII characters, such as a UUID.' },
      ],
    });
  }
  const scope = [caller.id, operation.id];
  return beginIdempotent(
    services.database.people(caller.customerId, caller.id),
    services.clock,
    scope,
    key,
    JSON.stringify(input),
  );
}

function checkIfMatch(operation: Operation, request: HttpRequest, resource: unknown): string | undefined {
  const header = request.headers.get('if-match') ?? undefined;
  if (!operation.ifMatch) return undefined;
  const etag =
    typeof resource === 'object' && resource !== null && 'etag' in resource
      ? String(resource.etag)
      : undefined;
  if (header === undefined) {
    if (operation.ifMatch === 'whenExists' && resource === undefined) return undefined;
    throw new Problem(
      'precondition-required',
      'Send If-Match with the ETag that you read, so that no change of others is lost.',
    );
  }
  const named = header.split(',').map((part) => part.trim().replace(/^W\//, ''));
  if (resource === undefined || (!named.includes('*') && etag !== undefined && !named.includes(etag))) {
    throw new Problem(
      'stale',
      'The resource has changed since you read it: read it again and repeat your change.',
    );
  }
  return etag;
}

type RecordingTrail = AuditTrail & { recorded: () => boolean; entry: () => AuditEntry };

function trailOf(
  services: Services,
  caller: Caller,
  entry: AuditEntry,
  refuseRepeat: (() => Error) | undefined,
): RecordingTrail {
  const customerId = caller.type === 'anonymous' ? 'nobody' : caller.customerId;
  return { ...auditTrail(services.database, customerId, entry, refuseRepeat), entry: () => entry };
}

function auditEntry(
  operation: Operation,
  caller: Caller,
  request: { id: string; clientAddress: string; traceId: string; at: Date },
): AuditEntry {
  return {
    id: request.id,
    at: request.at.toISOString(),
    category: operation.audit?.category ?? 'configuration',
    action: operation.audit?.action ?? operation.id,
    by: whoIs(caller),
    address: request.clientAddress,
    authorised: true,
    outcome: 'succeeded',
    traceId: request.traceId,
  };
}

function whoIs(caller: Caller): AuditEntry['by'] {
  switch (caller.type) {
    case 'anonymous':
      return { id: '', name: '', kind: 'anonymous' };
    case 'client':
      return { id: caller.id, name: caller.name, kind: 'secureClient' };
    case 'administrator':
      return {
        id: caller.id,
        name: caller.name,
        kind: caller.isApplication ? 'application' : (caller.kind ?? 'none'),
      };
  }
}

async function recordRefusal(
  services: Services,
  caller: Caller,
  entry: AuditEntry,
  refusal: unknown,
): Promise<void> {
  if (caller.type === 'anonymous') return;
  const refused: AuditEntry = { ...entry, authorised: false, outcome: 'failed', reason: reasonOf(refusal) };
  await appendToLog(services, caller.customerId, auditEntryType, refused);
}

function reasonOf(error: unknown): string {
  return toProblem(error).code;
}

/** The address that the platform's front end saw: the last hop of X-Forwarded-For, without its port. */
function addressOf(request: HttpRequest): string {
  const last = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
  return last.replace(/^\[([^\]]+)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1');
}

/** `/api/v1/sites/{siteId}/settings` is about a site: the noun of the last parameter. */
function nounOf(path: string): string {
  const name = [...path.matchAll(/\{(\w+?)(?:Id)?\}/g)].at(-1)?.[1];
  return !name || name === 'id' ? 'resource' : name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
}
