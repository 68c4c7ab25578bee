/** What answers the requests: bare Node, Node with the request of the Functions library, and the kernel on top of it. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { HttpRequest, type HttpResponseInit } from '@azure/functions';
import { systemClock } from '../../../shared/clock';
import { loadConfig } from '../../../shared/config';
import { runOperation } from '../../../shared/http/run-operation';
import { TokenVerifier } from '../../../shared/identity/token-verifier';
import { openServices, type Services } from '../../../shared/services';
import { lineLog } from '../../../shared/telemetry/telemetry';
import { benchEnvironment } from '../environment';
import { measuredOperation } from './measured-operation';
import type { TokenSource } from './administrator-tokens';

const ORIGIN = benchEnvironment.PUBLIC_URL;
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const silent = lineLog(() => undefined);

type Answer = (message: IncomingMessage, body: string) => HttpResponseInit | Promise<HttpResponseInit>;

/**
 * The app's services with the keys of the token source. Databases and queues are opened but lead nowhere.
 * @param maxRemembered verified tokens that are remembered at the most; the app's own number unless given
 */
export function kernelServices({ keys }: TokenSource, maxRemembered?: number): Services {
  const config = loadConfig(benchEnvironment);
  return {
    ...openServices(config),
    tokens: new TokenVerifier(config.administrators, systemClock, keys, maxRemembered),
  };
}

/** Parses the body and answers with the same text as the measured operation, without asking who calls. */
export const bareNode: Answer = (message, body) => {
  const { searchParams } = new URL(message.url ?? '/', ORIGIN);
  return echo(searchParams, JSON.parse(body));
};

/** The same, with the request object that the Functions library makes for every function. */
export const functionsLibrary: Answer = async (message, body) => {
  const request = functionsRequest(message, body);
  return echo(request.query, await request.json());
};

/** All that the service does for a request. */
export function kernel(services: Services): Answer {
  return (message, body) =>
    runOperation(measuredOperation, functionsRequest(message, body), {
      services,
      log: silent,
      traceId: TRACE_ID,
    });
}

/** A listener of `node:http` that reads the whole body and writes the answer. */
export function listener(answer: Answer): RequestListener {
  return (message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => void respond(answer, message, Buffer.concat(chunks).toString(), response));
  };
}

async function respond(answer: Answer, message: IncomingMessage, body: string, response: ServerResponse) {
  const { status = 200, headers, body: text } = await answer(message, body);
  response.writeHead(status, headers as Record<string, string>);
  response.end(text);
}

function echo(query: URLSearchParams, policy: unknown): HttpResponseInit {
  const body = JSON.stringify({
    limit: Number(query.get('limit')),
    dryRun: query.get('dryRun') === 'true',
    policy,
  });
  const headers = { 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' };
  return { status: 200, headers, body };
}

function functionsRequest(
  { method = 'GET', url = '/', headers }: IncomingMessage,
  body: string,
): HttpRequest {
  const sent = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return new HttpRequest({
    method,
    url: `${ORIGIN}${url}`,
    headers: Object.fromEntries(sent),
    body: { string: body },
  });
}
