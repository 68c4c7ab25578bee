/** Runs operations in worker threads (`inThread`): everything from reading the body to writing the answer. */
import { HttpRequest, type HttpResponseInit } from '@azure/functions';
import { Problem } from '../problem';
import type { ThreadPool } from '../threads/thread-pool';
import type { TaskLog } from '../threads/serve-tasks';
import type { Services } from '../services';
import { lineLog } from '../telemetry/telemetry';
import { admit } from './admission';
import { authenticate, authorise } from './authentication';
import { Deadline } from './deadline';
import type { Operation } from './operation';
import { maxBodyBytes } from './request-body';
import { RequestLog } from './request-log';
import { problemResponse, toProblem } from './respond';
import { type Invocation, runOperation } from './run-operation';

/** A thread answers at the deadline of the request by itself, unless it computes without a pause. */
const GRACE_SECONDS = 2;
/** For a request that a thread gets just before its deadline. */
const MIN_SECONDS = 0.05;

/** A request as a thread gets it. */
export interface ThreadCall {
  operationId: string;
  traceId: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  params: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | undefined;
  /** Epoch milliseconds; the time that the request waited for a thread counts. */
  answerBy: number;
}

/** An answer as a thread returns it. */
export interface ThreadAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Answers a request in a thread of the pool. Who may not call the operation, and what is too large for it, is refused
 * before a thread is asked for. Never throws.
 */
export async function runInThread(
  pool: ThreadPool,
  operation: Operation,
  request: HttpRequest,
  invocation: Invocation & { writeLog: TaskLog },
): Promise<HttpResponseInit> {
  const { services, log, traceId } = invocation;
  const deadlineSeconds = operation.deadlineSeconds ?? services.config.requests.deadlineSeconds;
  const answerBy = Date.now() + deadlineSeconds * 1000;
  const record = new RequestLog(log, operation.id, traceId, services.config);
  try {
    const customerId = await new Deadline(deadlineSeconds).within(customerOf(operation, request, services));
    if (customerId === undefined || declaresTooMuch(operation, request))
      return await runOperation(operation, request, invocation);
    record.customerId = customerId;
    services.workLimits.operations.admit(customerId);
    const body = operation.body ? new Uint8Array(await request.arrayBuffer()) : undefined;
    const call: ThreadCall = { ...partsOf(request), operationId: operation.id, traceId, body, answerBy };
    if (body && body.length > maxBodyBytes(operation))
      return await runOperation(operation, requestOf(call), invocation);
    const answer = (await pool.run({
      customerId,
      input: call,
      transfer: body ? [body.buffer] : [],
      deadlineSeconds: secondsUntil(answerBy),
      graceSeconds: GRACE_SECONDS,
      onLog: invocation.writeLog,
      onEnd: (activeMs) => services.workLimits.operations.spend(customerId, activeMs),
    })) as ThreadAnswer;
    return { status: answer.status, headers: answer.headers, ...(answer.body ? { body: answer.body } : {}) };
  } catch (error) {
    const problem = toProblem(error);
    record.refused(problem, error);
    return problemResponse(problem, traceId, services.config.publicUrl, operation.oauthErrors);
  }
}

/** The thread's side of `runInThread`. */
export async function answerInThread(
  operations: readonly Operation[],
  services: Services,
  call: ThreadCall,
  log: TaskLog,
): Promise<{ result: ThreadAnswer; transfer: ArrayBuffer[] }> {
  const { operationId, traceId, answerBy } = call;
  const operation = operations.find(({ id }) => id === operationId);
  if (!operation) throw new Error(`no thread runs the operation ${operationId}`);
  const invocation = {
    services,
    traceId,
    log: lineLog(log, { traceId }),
    deadlineSeconds: secondsUntil(answerBy),
  };
  const { status = 200, headers, body } = await runOperation(operation, requestOf(call), invocation);
  if (body !== undefined && typeof body !== 'string') throw new Error(`${operationId} answered no text`);
  const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
  return {
    result: { status, headers: headers as Record<string, string>, body: bytes },
    transfer: bytes ? [bytes.buffer] : [],
  };
}

function secondsUntil(instant: number): number {
  return Math.max(MIN_SECONDS, (instant - Date.now()) / 1000);
}

/** The customer of the caller, or undefined when the request is to be refused. */
async function customerOf(
  operation: Operation,
  request: HttpRequest,
  services: Services,
): Promise<string | undefined> {
  try {
    const caller = await authenticate(operation, request, services);
    authorise(operation, caller);
    // Here for all threads together; what passes here passes the count of one thread too.
    admit(operation, request, caller, services);
    return caller.type === 'anonymous' ? undefined : caller.customerId;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** A body that is too large by its own header is refused without being read. */
function declaresTooMuch(operation: Operation, { headers }: HttpRequest): boolean {
  return operation.body !== undefined && Number(headers.get('content-length')) > maxBodyBytes(operation);
}

function partsOf({ method, url, headers, params }: HttpRequest) {
  return { method, url, headers: Object.fromEntries(headers), params: { ...params } };
}

function requestOf({ method, url, headers, params, body }: ThreadCall): HttpRequest {
  return new HttpRequest({ method, url, headers, params, ...(body ? { body: { bytes: body } } : {}) });
}
