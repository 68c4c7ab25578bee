/** Injected faults: `/local/faults` on the gateway's own port, and every other request carried out under them. */
import { type Refusal, FaultInjector } from '../faults/fault-injector';
import { type FaultRegistry } from '../faults/fault-registry';
import { answerFaultRequest, CALLS_PATH, FAULTS_PATH } from '../faults/fault-requests';
import { CosmosError, type GatewayRequest, type GatewayResponse, type Handler, parseJson } from './message';

/** Substatus codes that the service sends along: request units used up, partition moved. */
const substatuses: Readonly<Record<number, number>> = { 410: 1002, 429: 3200 };

/** The handler under the faults that are injected in the registry; injecting and counting need no authorization. */
export function withFaults(registry: FaultRegistry, handler: Handler): Handler {
  const faults = new FaultInjector(registry, 'cosmos');
  return async (request) => {
    if (isAboutFaults(request.path)) return answerAboutFaults(registry, request);
    return faults.carryOut<GatewayResponse>({
      call: {
        method: methodOf(request),
        path: readablePath(request.path),
        body: () => request.body,
      },
      proceed: () => handler(request),
      refuse,
      proceedAsOf: (ageSeconds) => handler({ ...request, staleSeconds: ageSeconds }),
    });
  };
}

function isAboutFaults(path: string): boolean {
  return path === CALLS_PATH || path === FAULTS_PATH || path.startsWith(`${FAULTS_PATH}/`);
}

function answerAboutFaults(registry: FaultRegistry, { method, path, body: text }: GatewayRequest) {
  let order: unknown;
  try {
    order = text === '' ? undefined : parseJson(text);
  } catch (error) {
    if (error instanceof CosmosError) return error.toResponse();
    throw error;
  }
  const { status, body } = answerFaultRequest(registry, { method, path, body: order });
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return {
    status,
    headers: { 'content-type': type },
    body: body === undefined ? '' : JSON.stringify(body),
  };
}

/** The kind of a POST to the documents, by which faults are matched. */
const postHeaders: readonly (readonly [string, string])[] = [
  ['x-ms-cosmos-is-query-plan-request', 'PLAN'],
  ['x-ms-documentdb-isquery', 'QUERY'],
  ['x-ms-cosmos-is-batch-request', 'BATCH'],
];

function methodOf({ method, headers }: GatewayRequest): string {
  const meaning = postHeaders.find(([name]) => headers[name]?.toLowerCase() === 'true');
  return meaning?.[1] ?? method;
}

/** Decoded ids, not percent-encoded. */
function readablePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A code of digits is the substatus; any other text is the `code` of the body. */
function refuse({ status, code, retryAfterSeconds, message }: Refusal): GatewayResponse {
  const isSubstatus = code !== undefined && /^\d+$/u.test(code);
  const substatus = isSubstatus ? Number(code) : substatuses[status];
  const { headers, body } = new CosmosError(status, message, {
    ...(substatus !== undefined && { substatus }),
    ...(code !== undefined && !isSubstatus && { code }),
  }).toResponse();
  const wait = retryAfterSeconds !== undefined && {
    'x-ms-retry-after-ms': String(retryAfterSeconds * 1000),
  };
  return { status, headers: { 'content-type': 'application/json', ...headers, ...wait }, body };
}
