/** Sends many requests that are generated from the served OpenAPI document, and checks the answers against it. */
import fc from 'fast-check';
import { forEachConcurrently } from '../for-each-concurrently';
import { validRequest } from '../valid-requests';
import { createTestCustomer, type CustomerRequest, type TestCustomer } from '../customer-requests';
import { fillPath, rawRequest, type RawRequest } from '../raw-request';
import type { TestService } from '../service';
import { AnswerChecker } from './answer-checker';
import { type ApiDocument, operationsOf, type PlacedOperation } from './api-document';
import { ValidValues } from './valid-value';
import { cursorFaults, type Cursors, cursorsOf } from './cursors';
import { requestsTo } from './request-arbitrary';

/** After this many requests a new customer is used: the old one's resources are deleted, ended or full. */
const REQUESTS_PER_CUSTOMER = 1_000;
/** Takes seconds to create, since an event must pass the whole pipeline. */
const SLOW_TO_CREATE = ['answerCommand'];

export interface FuzzOptions {
  /** Request number n is made from seed + n: `seed: s + n, count: 1` reproduces it, for a new customer. */
  seed: number;
  count: number;
  /** Only operations whose path has this text. */
  only?: string | undefined;
  /** Called when a customer's requests are done, with the failures. */
  progress?: (line: string) => void;
}

export interface FuzzReport {
  requests: number;
  /** Answers by status. */
  statuses: Record<string, number>;
  /** Operations for which no request succeeded. */
  neverSucceeded: string[];
  /** What was wrong, with the seed and the request. */
  faults: string[];
}

/** Runs `count` requests, eight at a time. */
export async function fuzz(
  service: TestService,
  { seed, count, only = '', progress = () => undefined }: FuzzOptions,
): Promise<FuzzReport> {
  const document = (await (await fetch(`${service.url}/api/openapi.json`)).json()) as ApiDocument;
  const operations = operationsOf(document).filter(({ path }) => path.includes(only));
  const checker = new AnswerChecker(document);
  const report: FuzzReport = { requests: 0, statuses: {}, neverSucceeded: [], faults: [] };
  const succeeded = new Set<string>();
  let foreign: readonly string[] = [];

  for (let first = 0; first < count; first += REQUESTS_PER_CUSTOMER) {
    const known = report.faults.length;
    const customer = await FuzzedCustomer.make(
      service,
      document,
      operations,
      `fuzz-${seed + first}`,
      foreign,
    );
    foreign = customer.cursors.own;
    const seeds = Array.from(
      { length: Math.min(REQUESTS_PER_CUSTOMER, count - first) },
      (_, n) => seed + first + n,
    );
    await forEachConcurrently(seeds, async (requestSeed) => {
      const operation = operations[requestSeed % operations.length];
      if (!operation) return;
      const request = customer.request(operation, requestSeed);
      const faults = await check(service, checker, customer.cursors, operation, request, async (status) => {
        report.statuses[status] = (report.statuses[status] ?? 0) + 1;
        if (status >= 400) return;
        succeeded.add(operation.operationId);
        await customer.renew(operation);
      });
      report.requests++;
      report.faults.push(...faults.map((fault) => `seed ${requestSeed}: ${fault}`));
    });
    const summary = `${report.requests} requests ${JSON.stringify(report.statuses)}, ${report.faults.length} faults`;
    progress([summary, ...report.faults.slice(known)].join('\n'));
  }
  report.neverSucceeded = operations.map(({ operationId }) => operationId).filter((id) => !succeeded.has(id));
  return report;
}

async function check(
  { url }: TestService,
  checker: AnswerChecker,
  cursors: Cursors,
  operation: PlacedOperation,
  request: RawRequest,
  onStatus: (status: number) => Promise<void>,
): Promise<string[]> {
  const { method, path, headers: { authorization: _token, ...headers } = {}, body = '' } = request;
  const content = typeof body === 'string' ? body : Buffer.from(body).toString('base64');
  const sent = `${operation.operationId} ${method} ${path} ${JSON.stringify(headers)} ${content.slice(0, 2_000)}`;
  try {
    const answer = await rawRequest(url, request);
    await onStatus(answer.status);
    return [...checker.faults(operation, answer), ...cursorFaults(cursors, path, answer)].map(
      (fault) => `${fault}\n  ${sent}\n  ${answer.text.slice(0, 1_000)}`,
    );
  } catch (error) {
    return [`no answer: ${String(error)}\n  ${sent}`];
  }
}

/** A customer with one resource of each kind. */
class FuzzedCustomer {
  private constructor(
    private readonly customer: TestCustomer,
    private readonly administratorToken: string,
    private readonly validRequests: Map<string, CustomerRequest>,
    private readonly values: ValidValues,
    private readonly ids: readonly string[],
    readonly cursors: Cursors,
  ) {}

  static async make(
    service: TestService,
    document: ApiDocument,
    operations: PlacedOperation[],
    name: string,
    foreign: readonly string[],
  ): Promise<FuzzedCustomer> {
    const customer = await createTestCustomer(service, name);
    const validRequests = new Map<string, CustomerRequest>();
    for (const { operationId } of operations)
      validRequests.set(operationId, await validRequest(operationId, customer));
    const ids = [
      ...new Set(
        [...validRequests.values()].flatMap(({ params, body }) => idsIn({ ...params, ...(body as object) })),
      ),
    ];
    const token = await service.token({ customer: name });
    const own: string[] = [];
    for (const { operationId, method, path, parameters } of operations) {
      if (method !== 'GET' || !parameters.some((parameter) => parameter.name === 'cursor')) continue;
      const target = fillPath(path, validRequests.get(operationId)?.params ?? {});
      const headers = { authorization: `Bearer ${token}` };
      own.push(...cursorsOf(await rawRequest(service.url, { method, path: `${target}?top=1`, headers })));
    }
    const values = new ValidValues(document, ids);
    return new FuzzedCustomer(customer, token, validRequests, values, ids, { own, foreign });
  }

  request(operation: PlacedOperation, seed: number): RawRequest {
    const valid = this.validRequests.get(operation.operationId) ?? { params: {} };
    const requests = requestsTo(operation, valid, this.values, this.ids, this.cursors);
    // Consecutive seeds make random generators that begin alike: spread them.
    const [request] = fc.sample(requests, { seed: Math.imul(seed + 1, 0x9e3779b1), numRuns: 1 });
    if (!request) throw new Error('fast-check made no request');
    return { ...request, headers: { ...request.headers, ...this.authorization(operation) } };
  }

  /** A deleted or changed resource cannot be used again: creates another one, if the customer's state still allows it. */
  async renew({ operationId, method }: PlacedOperation): Promise<void> {
    if (method === 'GET' || SLOW_TO_CREATE.includes(operationId)) return;
    const next = await validRequest(operationId, this.customer).catch(() => undefined);
    if (next) this.validRequests.set(operationId, next);
  }

  private authorization({ security }: PlacedOperation): Record<string, string> {
    const [scheme] = security.flatMap((one) => Object.keys(one));
    if (scheme === undefined) return {};
    const token = scheme === 'cloudClient' ? this.customer.serverToken : this.administratorToken;
    return { authorization: `Bearer ${token}` };
  }
}

function idsIn(fields: object): string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'string' && /id$/i.test(name) && /^[0-9a-f-]{36}$/.test(value) ? [value] : [],
  );
}
