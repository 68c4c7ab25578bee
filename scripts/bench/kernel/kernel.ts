/** What the kernel adds to a request: one operation served by bare Node, by the Functions library and by the kernel. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { median, quantile, summarise } from '../statistics';
import { figure, ratio, type Table, withSpread } from '../table';
import { startTokenSource, type TokenSource } from './administrator-tokens';
import { bareNode, functionsLibrary, kernel, kernelServices, listener } from './endpoints';
import { type Load, load } from './load-loop';
import { measuredBody, measuredOperation, measuredQuery } from './measured-operation';

const ROUNDS = 9;
const ROUND_MILLISECONDS = 1_000;
/** By then V8 has optimised what is worth it. */
const WARM_UP_REQUESTS = 6_000;
/** Enough that no token is asked for again while one place is all that the cache has. */
const TOKENS = 64;

interface Side {
  readonly name: string;
  readonly server: Server;
  readonly requests: readonly Buffer[];
  readonly status: number;
}

/** Loads the sides in turn, round by round, in this process. */
export async function benchKernel(): Promise<Table> {
  const source = await startTokenSource();
  const sides = await startSides(source);
  try {
    const rounds = new Map<Side, Load[]>(sides.map((side) => [side, []]));
    for (const side of sides) await loadSide(side, (answered) => answered >= WARM_UP_REQUESTS);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [side, results] of rounds)
        results.push(await loadSide(side, (_, elapsed) => elapsed >= ROUND_MILLISECONDS));
    }
    return report(rounds);
  } finally {
    for (const { server } of sides) server.close();
  }
}

async function startSides(source: TokenSource): Promise<Side[]> {
  const tokens = await Promise.all(Array.from({ length: TOKENS }, (_, number) => source.token(number)));
  const requests = tokens.map(httpRequest);
  const cached = kernel(kernelServices(source));
  const sides = [
    { name: 'bare node:http', answer: bareNode, requests, status: 200 },
    { name: '+ request of @azure/functions', answer: functionsLibrary, requests, status: 200 },
    { name: '+ kernel, token verified before', answer: cached, requests, status: 200 },
    {
      name: '+ kernel, RS256 verified each time',
      answer: kernel(kernelServices(source, 1)),
      requests,
      status: 200,
    },
    { name: '+ kernel, no token: 401', answer: cached, requests: [httpRequest(undefined)], status: 401 },
  ];
  return Promise.all(
    sides.map(async ({ answer, ...side }) => ({ ...side, server: await listen(listener(answer)) })),
  );
}

function listen(answer: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(answer);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** The measured request as it goes over the wire. */
function httpRequest(token: string | undefined): Buffer {
  const head = [
    `${measuredOperation.method} ${measuredOperation.path}${measuredQuery} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(measuredBody)}`,
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${measuredBody}`);
}

function loadSide({ server, requests, status }: Side, isEnough: Parameters<typeof load>[3]): Promise<Load> {
  const { port } = server.address() as AddressInfo;
  return load(port, requests, status, isEnough);
}

function report(rounds: Map<Side, Load[]>): Table {
  const [bare = []] = rounds.values();
  const rate = (loads: readonly Load[]) => median(loads.map(({ requestsPerSecond }) => requestsPerSecond));
  const cpu = (loads: readonly Load[]) =>
    median(loads.map(({ cpuMicrosecondsPerRequest }) => cpuMicrosecondsPerRequest));
  const rows = [...rounds].map(([{ name }, loads]) => {
    const latencies = loads.flatMap(({ latenciesMilliseconds }) => latenciesMilliseconds);
    return [
      name,
      withSpread(summarise(loads.map(({ requestsPerSecond }) => requestsPerSecond))),
      ratio(rate(loads), rate(bare)),
      figure(cpu(loads)),
      ratio(cpu(loads), cpu(bare)),
      figure(quantile(latencies, 0.5), 2),
      figure(quantile(latencies, 0.99), 2),
    ];
  });
  const size = Buffer.byteLength(measuredBody);
  return {
    title: 'Kernel',
    note: `POST with ${size} bytes of JSON and a query, ${ROUNDS} rounds of ${ROUND_MILLISECONDS} ms in turn, 16 connections; client and server share a thread.`,
    columns: ['', 'requests/s', 'ratio', 'CPU µs/request', 'ratio of CPU', 'p50 (ms)', 'p99 (ms)'],
    rows,
  };
}
