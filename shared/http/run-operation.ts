/**
 * The processing steps of every request, in the order that callers rely on:
 * 401, 429, 403, 404, 400, 428, 412, 409 (the handler's), then the work itself.
 */
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { type AuditEntry, type AuditTrail, auditEntryType, auditTrail } from '../audit/audit-entry';
import type { Caller } from '../identity/caller';
import { newId } from '../ids';
import { notFound, Problem } from '../problem';
import { appendToLog } from '../log/append';
import type { Services } from '../services';
import { type Log, withSpan } from '../telemetry/telemetry';
import { admit, inTurn } from './admission';
import { authenticate, authorise, basicCredentials } from './authentication';
import { clientAddressOf } from './client-address';
import { answerNotKept, beginIdempotent, type IdempotentRequest, NOT_IDEMPOTENT } from './idempotency';
import { isUnanswered } from './dependency-errors';
import { Deadline } from './deadline';
import type { Operation, Reply } from './operation';
import { auditEntry, failureOf, recordRefusal } from './request-audit';
import { readBody } from './request-body';
import { RequestLog } from './request-log';
import {
  type Answer,
  isText,
  problemResponse,
  toAnswer,
  toProblem,
  toResponse,
  unlessKnown,
} from './respond';
import { validateBody, validateQuery, validationFailed } from './validation';
import { changesNothing } from './changes-nothing';
import { checkIfMatch } from './preconditions';
import { withoutReadOnlyFields } from './read-only-fields';

type Context = Parameters<Operation['handle']>[0];

export interface Invocation {
  readonly services: Services;
  readonly log: Log;
  readonly traceId: string;
  /** What is left of the time for the answer; default: all of the operation's time. */
  readonly deadlineSeconds?: number;
}

/** One request on its way through the steps. */
interface Request {
  readonly operation: Operation;
  readonly request: HttpRequest;
  readonly invocation: Invocation;
  readonly deadline: Deadline;
  readonly record: RequestLog;
}

/**
 * Answers one request, at its deadline at the latest. Never throws: whatever goes wrong is a problem answer and a log
 * line. What has begun by the deadline goes on to its end with its audit entry and its idempotency mark, so that neither
 * tells of a failure that did not happen; a repeat with the same Idempotency-Key waits for it, or goes on in its place.
 */
export async function runOperation(
  operation: Operation,
  request: HttpRequest,
  invocation: Invocation,
): Promise<HttpResponseInit> {
  const { services, log, traceId } = invocation;
  const { config } = services;
  const deadline = new Deadline(
    invocation.deadlineSeconds ?? operation.deadlineSeconds ?? config.requests.deadlineSeconds,
  );
  const record = new RequestLog(log, operation.id, traceId, config);
  const attributes = { 'http.route': operation.path, 'http.method': operation.method };
  const work = withSpan(operation.id, attributes, () =>
    identifyAndAnswer({ operation, request, invocation, deadline, record }),
  );
  try {
    const response = await deadline.within(work);
    record.answered(response.status ?? 200);
    return response;
  } catch (error) {
    const problem = toProblem(error);
    record.refused(problem, error);
    if (deadline.hasPassed) void logLateEnd(work, record);
    else if (problem.code === 'too-many-requests') await services.workLimits.refusals.wait();
    return problemResponse(problem, traceId, config.publicUrl, operation.oauthErrors);
  }
}

async function logLateEnd(work: Promise<HttpResponseInit>, record: RequestLog): Promise<void> {
  try {
    record.finishedLate((await work).status ?? 200);
  } catch (error) {
    const { status, code } = toProblem(error);
    record.finishedLate(status, code);
  }
}

async function identifyAndAnswer(all: Request): Promise<HttpResponseInit> {
  const caller = await authenticate(all.operation, all.request, all.invocation.services);
  if (caller.type !== 'anonymous') all.record.customerId = caller.customerId;
  admit(all.operation, all.request, caller, all.invocation.services);
  const { operation, deadline, invocation } = all;
  return inTurn(operation, caller, { services: invocation.services, deadline }, () => answer(all, caller));
}

async function answer(
  { operation, request, invocation, deadline, record }: Request,
  caller: Caller,
): Promise<HttpResponseInit> {
  const { services, log, traceId } = invocation;
  const clientAddress = clientAddressOf(request.headers);
  const entry = (id: string) =>
    auditEntry(operation, caller, { id, clientAddress, traceId, at: services.clock.now() });
  deadline.check();
  try {
    authorise(operation, caller);
  } catch (refusal) {
    await recordRefusal(services, caller, entry(newId()), refusal);
    throw refusal;
  }

  const params = idsOf(request);
  const resource = await operation.load?.({ params, caller: caller, services });
  if (operation.load && resource === undefined && operation.ifMatch !== 'whenExists')
    throw notFound(nounOf(operation.path));

  const query = validateQuery(operation.query, new URL(request.url).searchParams);
  record.waitSeconds = operation.waitSeconds?.(query) ?? 0;
  deadline.extend(record.waitSeconds);
  const { body, ifMatch, unchanged } = await checkChange(
    { operation, request, invocation, deadline, record },
    caller,
    resource,
  );
  if (unchanged) return toResponse(toAnswer(operation, unchanged));

  // Nothing has been done yet, and the caller was asked to retry.
  deadline.check();
  const idempotent = await begin(operation, request, caller, services, { params, query, body });
  if (idempotent.replay) return toResponse(idempotent.replay);
  const refuseRepeat = operation.idempotency === 'oneTimeSecret' ? answerNotKept : undefined;
  const details = operation.auditDetails?.({ resource, body });
  const trail = trailOf(services, caller, { ...entry(idempotent.newId()), ...details }, refuseRepeat);
  const context: Context = {
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
    get signal() {
      return deadline.signal;
    },
    clientAddress,
    basic: operation.oauthErrors ? basicCredentials(request) : undefined,
  };

  const reply = await work(operation, context, idempotent, deadline, () => trail.entry());
  return toResponse(unlessKnown(operation, request.headers.get('if-none-match'), reply));
}

/** Runs the handler after its audit entry and before its response is stored. */
async function work(
  operation: Operation,
  context: Context,
  idempotent: IdempotentRequest,
  deadline: Deadline,
  entry: () => AuditEntry,
): Promise<Answer> {
  const { services, caller } = context;
  const before = operation.audit?.when === 'before';
  const append = async (written: AuditEntry) => {
    if (caller.type !== 'anonymous') await appendToLog(services, caller.customerId, auditEntryType, written);
  };
  if (before) await append({ ...entry(), outcome: 'attempted' });
  let handled: Reply<unknown>;
  try {
    deadline.check();
    handled = await operation.handle(context);
  } catch (error) {
    await tidyUp(operation, context, async () => {
      await (toProblem(error).status < 500 ? idempotent.abandon() : idempotent.release());
      // What was attempted may have been done: that it failed is not known.
      if (isUnanswered(error)) return;
      // Where the entry was written before a change that lies elsewhere, its failure is logged too.
      if (before || (context.audit as RecordingTrail).recorded()) await append(failureOf(entry(), error));
    });
    throw error;
  }
  // From here on the work is done, even if the response fails.
  try {
    return await keepAnswer(operation, context, idempotent, toAnswer(operation, handled));
  } catch (error) {
    await tidyUp(operation, context, () => idempotent.release());
    throw error;
  }
}

async function keepAnswer(
  operation: Operation,
  context: Context,
  idempotent: IdempotentRequest,
  reply: Answer,
): Promise<Answer> {
  const isRecorded = (context.audit as RecordingTrail).recorded();
  if (operation.audit?.when === 'withChange' && reply.status < 300 && !isRecorded)
    throw new Error(`${operation.id} changed something without its audit entry`);
  const isKept = operation.idempotency !== 'oneTimeSecret' && isText(reply);
  await idempotent.complete(isKept ? reply : undefined);
  return reply;
}

/** After a failure, which counts more than another one of this. */
async function tidyUp(
  operation: Operation,
  { log, traceId }: Pick<Context, 'log' | 'traceId'>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (failure) {
    log.error('request.failure-not-recorded', failure, { operation: operation.id, traceId });
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
    throw new Problem('validation-failed', 'The Idempotency-Key is not valid.', {
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

/**
 * The valid body, the ETag of If-Match, and the answer where the body changes nothing. A stale change is refused as such
 * before its read-only fields are compared.
 */
async function checkChange(
  { operation, request, invocation: { services } }: Request,
  caller: Caller,
  resource: unknown,
): Promise<{ body: unknown; ifMatch: string | undefined; unchanged: Reply<unknown> | undefined }> {
  const sent = operation.body ? await readBody(request, operation) : undefined;
  const { edits, body: input, success } = operation;
  const current =
    resource === undefined
      ? undefined
      : await edits?.current({ params: idsOf(request), resource, caller, services });
  const split = edits
    ? withoutReadOnlyFields(sent, { input, view: success.body, volatile: edits.volatile ?? [] }, current)
    : { body: sent, changed: [] };
  const body = input ? validateBody(input, split.body) : undefined;
  const ifMatch = checkIfMatch(operation, request.headers.get('if-match'), resource);
  if (ifMatch.outcome === 'fails') throw ifMatch.problem;
  if (split.changed.length > 0) throw validationFailed('The body', split.changed);
  const isUnchanged =
    operation.audit?.when === 'withChange' &&
    current !== undefined &&
    changesNothing(operation, body, success.body?.parse(current));
  const unchanged = isUnchanged
    ? { body: current, ...(ifMatch.etag ? { etag: ifMatch.etag } : {}) }
    : undefined;
  return { body, ifMatch: ifMatch.etag, unchanged };
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

/** Parameters of the path are ids and numbers: ids are read in either case, as in bodies and queries. */
function idsOf({ params }: HttpRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, id]) => [name, id.toLowerCase()]));
}

/** `/api/v1/sites/{siteId}/settings` is about a site: the noun of the last parameter. */
function nounOf(path: string): string {
  const name = [...path.matchAll(/\{(\w+?)(?:Id)?\}/g)].at(-1)?.[1];
  return !name || name === 'id' ? 'resource' : name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
}
