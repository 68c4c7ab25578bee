/**
 * Composes the local Functions host: loads the app through a worker, starts its triggers, serves HTTP, drains at the
 * end.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppFunctions, sortFunctions } from './app-functions';
import { openHostDatabase } from './database';
import { DurableClientApi } from './durable/client-api';
import { clientBindingJson } from './durable/client-binding';
import { DurableEngine } from './durable/engine';
import { DurableStore } from './durable/store';
import { EventGridTrigger } from './event-grid/event-grid-trigger';
import { createHostLog, type HostLog, messageOf, workerLog } from './host-log';
import { type HostSettings } from './host-settings';
import { inTurn } from './http/connection-turns';
import { type Environment, readStorageConnection, STORAGE_SERVICES } from './storage-connection';
import { hasUsableHost, httpTriggerHandler, requestUrl } from './http/http-trigger';
import { type LocalRoutes } from './http/local-proxy';
import { Router } from './http/router';
import { notImplemented, type WebhookAnswer, type WebhookRequest } from './http/webhook';
import { type FunctionTimeout, Invoker } from './invoker';
import { Membership } from './membership';
import { queueOutput, QueueTriggers } from './queue/queue-bindings';
import { QueueClients } from './queue/queue-clients';
import { ScheduleStore } from './timer/schedule-store';
import { TimerTrigger } from './timer/timer-trigger';
import { type RpcLog } from './worker/rpc';
import { type Worker } from './worker/worker';

export interface HostOptions {
  /** 0 takes a free port. The host listens on 127.0.0.1 only. */
  readonly port: number;
  readonly settings: HostSettings;
  /** Folder of the host's state. Several hosts may share it. */
  readonly storageDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long a queue message stays invisible after the process that received it has crashed. */
  readonly queueLeaseSeconds: number;
  /** Loads the app. Called once the host's own address is known. */
  readonly loadWorker: (hostUrl: string, writeLog: (entry: RpcLog) => void) => Promise<Worker>;
  /** Routes besides the app's, matched first. */
  readonly localRoutes?: LocalRoutes;
  readonly print: (line: string) => void;
  /** Called when a function has run for longer than `functionTimeout`: its worker must end. */
  readonly onFunctionTimeout?: () => void;
}

export interface RunningHost {
  readonly url: string;
  /** Stops the triggers and waits for running functions, at most `drainMs`. */
  stop(drainMs: number): Promise<void>;
}

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface RunningApp {
  readonly handle: RequestHandler;
  stop(drainMs: number): Promise<void>;
}

const DEFAULT_BODY_LIMIT_BYTES = 104_857_600;
/** How long clients may take to read the rest of their answers after the drain. */
const FLUSH_MS = 2000;

/** Resolves when HTTP is served and all triggers run. Rejects, with nothing left behind, when the app cannot be run. */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const log = createHostLog(options.settings.logging.logLevel.default, options.print);
  // The app may ask for the host's address while it loads: listen first, answer 503 until all runs.
  let handler: RequestHandler = async (_request, response) =>
    void response.writeHead(503, { 'retry-after': '1' }).end();
  const answers = new Set<Promise<unknown>>();
  const server = createServer(
    inTurn((request, response) => {
      // Closed means sent: answers must reach their clients before the connections are closed.
      const answer = once(response, 'close').finally(() => answers.delete(answer));
      answers.add(answer);
      if (options.localRoutes?.(request, response)) return;
      if (!hasUsableHost(request)) return void response.writeHead(400, { connection: 'close' }).end();
      handler(request, response).catch((error: unknown) => failRequest(log, request, response, error));
    }),
  );
  const url = await listen(server, options.port);
  try {
    const app = await startApp(options, url, log);
    handler = app.handle;
    return {
      url,
      stop: async (drainMs) => {
        server.close();
        await app.stop(drainMs);
        await Promise.race([Promise.all(answers), sleep(FLUSH_MS, undefined, { ref: false })]);
        server.closeAllConnections();
      },
    };
  } catch (error) {
    server.close();
    server.closeAllConnections();
    throw error;
  }
}

async function startApp(options: HostOptions, url: string, log: HostLog): Promise<RunningApp> {
  const { settings, environment } = options;
  const { queues: queueSettings, durableTask, http } = settings.extensions;
  const worker = await options.loadWorker(url, workerLog(log));
  const functions = sortFunctions(worker.functions, environment);
  checkHostStorage(functions, environment);
  const router = new Router(functions.http, http.routePrefix);
  const database = openHostDatabase(options.storageDir);
  const membership = new Membership(database);
  const clients = new QueueClients(environment);
  const addresses = { hostUrl: url, hubName: durableTask.hubName };
  const handlers = {
    inputs: { durableclient: () => ({ string: clientBindingJson(addresses) }) },
    outputs: { queue: queueOutput(clients, queueSettings) },
  };
  const invoker = new Invoker(worker, handlers, log, functionTimeout(options));

  const schedules = new ScheduleStore(database);
  const timers = functions.timer.map(
    (target) => new TimerTrigger(target, { schedules, membership, invoker, log }),
  );
  const { queueLeaseSeconds: leaseSeconds } = options;
  const queues = new QueueTriggers(functions.queue, {
    clients,
    settings: queueSettings,
    leaseSeconds,
    invoker,
    log,
  });
  const eventGrid = new EventGridTrigger(functions.eventGrid, invoker);
  const { orchestration: orchestrators, activity: activities } = functions;
  const store = new DurableStore(database, membership);
  const engine = new DurableEngine({ store, invoker, orchestrators, activities, settings: durableTask, log });
  const durableApi = new DurableClientApi({ store, orchestrators, addresses, onWork: () => engine.wake() });
  const bodyLimitBytes = Number(environment.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ?? DEFAULT_BODY_LIMIT_BYTES);
  const serveFunction = httpTriggerHandler({
    router,
    invoker,
    log,
    workerHttpUri: worker.httpUri,
    bodyLimitBytes,
  });

  membership.join(() => engine.wake());
  queues.start();
  for (const timer of timers) timer.start();
  engine.start();
  return {
    handle: async (request, response) => {
      const { pathname } = requestUrl(request);
      if (pathname === '/runtime/webhooks/eventgrid')
        await answerWebhook(request, response, (call) => eventGrid.handle(call));
      else if (durableApi.serves(pathname))
        await answerWebhook(request, response, (call) => durableApi.handle(call));
      else if (/^\/(runtime|admin)\//.test(pathname))
        await answerWebhook(request, response, () => notImplemented(pathname));
      else await serveFunction(request, response);
    },
    stop: async (drainMs) => {
      for (const timer of timers) timer.stop();
      engine.stop();
      await queues.stop();
      const unfinished = await invoker.drain(drainMs);
      if (unfinished > 0)
        log.write('warning', 'Host', `${unfinished} functions still ran after ${drainMs} ms`);
      else await Promise.all([queues.finished(), engine.finished()]);
      await worker.stop();
      membership.leave();
      database.close();
    },
  };
}

/**
 * Refuses to start where the real host could not: timers and Event Grid keep locks in the host's storage, Durable Functions
 * its task hub, for which the extension wants blobs, queues and tables.
 */
function checkHostStorage({ orchestration, activity }: AppFunctions, environment: Environment): void {
  if (orchestration.length + activity.length === 0) return;
  readStorageConnection('AzureWebJobsStorage', environment, STORAGE_SERVICES);
}

async function answerWebhook(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (call: WebhookRequest) => WebhookAnswer | Promise<WebhookAnswer>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { status, headers, body } = await answer({
    method: request.method ?? 'GET',
    url: requestUrl(request),
    headers: request.headers as Record<string, string | undefined>,
    body: Buffer.concat(chunks),
  });
  response.writeHead(status, { 'content-length': Buffer.byteLength(body ?? ''), ...headers }).end(body);
}

function functionTimeout({ settings, onFunctionTimeout }: HostOptions): FunctionTimeout | undefined {
  if (settings.functionTimeout === undefined) return undefined;
  return { limitMs: settings.functionTimeout, onExceeded: () => onFunctionTimeout?.() };
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

function failRequest(log: HostLog, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  log.write('error', 'Host.Http', `${request.method} ${request.url}: ${messageOf(error)}`);
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'content-length': 0 }).end();
}
