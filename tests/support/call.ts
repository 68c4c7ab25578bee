/**
 * For tests: sends a request to an operation as the Functions runtime would, and checks the answer against its
 * declaration.
 */
import { HttpRequest } from '@azure/functions';
import { problemsByStatus } from '../../shared/http/openapi';
import { type Operation, successStatuses } from '../../shared/http/operation';
import { runOperation } from '../../shared/http/run-operation';
import { PROBLEMS, type ProblemCode } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { type Log, lineLog } from '../../shared/telemetry/telemetry';

export interface TestRequest {
  token?: string;
  /** Values of the path's parameters, as the host decodes them. */
  params?: Record<string, string>;
  query?: string;
  /** An object is sent as JSON, text and bytes as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  log?: Log;
}

export interface TestAnswer {
  status: number;
  headers: Record<string, string>;
  /** JSON where the answer is JSON. */
  body: Record<string, unknown> & { code?: string; errors?: { pointer?: string; parameter?: string }[] };
  text: string;
}

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

const silent = lineLog(() => undefined);

/** @throws Error when the operation does not declare the answer */
export async function call(
  services: Services,
  operation: Operation,
  request: TestRequest = {},
): Promise<TestAnswer> {
  const { token, params = {}, query = '', body, headers = {}, log = silent } = request;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((params[name] ?? 'none').replaceAll(/\p{Cs}/gu, '\uFFFD')),
  );
  const raw = body instanceof Uint8Array ? { bytes: body } : { string: textOf(body) };
  const response = await runOperation(
    operation,
    new HttpRequest({
      method: operation.method,
      url: `${services.config.publicUrl}${path}${query}`,
      params,
      ...(body === undefined ? {} : { body: raw }),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    }),
    { services, log, traceId: TRACE_ID },
  );
  const text = typeof response.body === 'string' ? response.body : '';
  const sent = response.headers as Record<string, string>;
  const json = sent['content-type']?.includes('json') ? (JSON.parse(text) as TestAnswer['body']) : {};
  const answer = { status: response.status ?? 200, headers: sent, body: json, text };
  checkDeclared(operation, answer);
  return answer;
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function checkDeclared(operation: Operation, { status, body }: TestAnswer): void {
  const plain = [...successStatuses(operation), ...Object.keys(operation.otherStatuses ?? {}).map(Number)];
  if (plain.includes(status)) return;
  const codes = problemsByStatus(operation).get(status) ?? [];
  const code = String(body.code);
  if (code in PROBLEMS && codes.includes(code as ProblemCode)) return;
  throw new Error(
    `${operation.id} answered ${status} ${code}, which it does not declare: ${JSON.stringify(body)}`,
  );
}
