/** `/local/faults` and `/local/calls`: of the stand-ins in this process, and by asking it of the Cosmos DB gateway. */
import { z } from 'zod';
import { type FaultRegistry } from '../faults/fault-registry';
import { answerFaultRequest, CALLS_PATH, FAULTS_PATH, type FaultAnswer } from '../faults/fault-requests';
import { HttpError } from '../stand-in-support/errors';
import { jsonBody, type Handler, type LocalRequest } from '../stand-in-support/server';

const ofCosmos = z.object({ standIn: z.literal('cosmos') });
const counts = z.record(z.string(), z.number());
const listing = z.object({ value: z.array(z.unknown()) });
const fetchFailure = z.object({ cause: z.object({ code: z.string().optional() }).optional() });

/** @param cosmosUrl of the gateway's own `/local/faults`, without a path; absent where there is no gateway */
export function faultRoutes(registry: FaultRegistry, cosmosUrl: string | undefined): Record<string, Handler> {
  const here = (request: LocalRequest, body?: unknown): FaultAnswer =>
    answerFaultRequest(registry, { method: request.method, path: request.url.pathname, body });
  /** Undefined when no gateway runs: faults end with the process that they are injected in. */
  const there = (request: LocalRequest): Promise<FaultAnswer | undefined> => askGateway(cosmosUrl, request);
  return {
    [`POST ${FAULTS_PATH}`]: async (request) => {
      const fault = jsonBody(request);
      if (!ofCosmos.safeParse(fault).success) return here(request, fault);
      const answer = await there(request);
      if (answer === undefined) throw new HttpError(502, 'BadGateway', 'The Cosmos DB gateway does not run.');
      return answer;
    },
    [`GET ${FAULTS_PATH}`]: async (request) => {
      const answer = await there(request);
      return { status: 200, body: { value: [...registry.list(), ...faultsIn(answer)] } };
    },
    [`GET ${CALLS_PATH}`]: async (request) => ({
      status: 200,
      body: { ...registry.calls(), ...counts.parse((await there(request))?.body ?? {}) },
    }),
    [`DELETE ${FAULTS_PATH}`]: async (request) => {
      registry.clear();
      const answer = await there(request);
      return answer === undefined || answer.status < 300 ? { status: 204 } : answer;
    },
    [`DELETE ${FAULTS_PATH}/{id}`]: async (request) => {
      const answer = here(request);
      return answer.status === 404 ? ((await there(request)) ?? answer) : answer;
    },
  };
}

function faultsIn(answer: FaultAnswer | undefined): unknown[] {
  if (answer === undefined) return [];
  const parsed = listing.safeParse(answer.body);
  if (answer.status === 200 && parsed.success) return parsed.data.value;
  throw new HttpError(502, 'BadGateway', `The Cosmos DB gateway did not list its faults: ${answer.status}.`);
}

async function askGateway(
  cosmosUrl: string | undefined,
  { method, url, body }: LocalRequest,
): Promise<FaultAnswer | undefined> {
  if (cosmosUrl === undefined) return undefined;
  try {
    const response = await fetch(cosmosUrl + url.pathname, {
      method,
      ...(body.length === 0
        ? {}
        : { body: new Uint8Array(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return { status: response.status, ...(text === '' ? {} : { body: JSON.parse(text) as unknown }) };
  } catch (error) {
    const { cause } = fetchFailure.parse(error);
    if (cause?.code === 'ECONNREFUSED') return undefined;
    throw new HttpError(502, 'BadGateway', `The Cosmos DB gateway does not answer: ${String(error)}`);
  }
}
