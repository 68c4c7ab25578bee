/** The Durable HTTP API (HttpApiHandler of the extension), as clients and `durable-functions` call it. */
import { randomUUID } from 'node:crypto';
import { jsonAnswer, notImplemented, type WebhookAnswer, type WebhookRequest } from '../http/webhook';
import { type FunctionMetadata } from '../worker/rpc';
import { type ClientAddresses, managementUrls } from './client-binding';
import { EventType, type HistoryEvent, isEnded } from './history';
import { matchesFilter, readFilter } from './instance-filter';
import { startedEvent } from './orchestrator-turn';
import { statusPayload } from './status-payload';
import { type DurableStore, type Instance } from './store';

export interface DurableClientApiOptions {
  readonly store: DurableStore;
  readonly orchestrators: readonly FunctionMetadata[];
  readonly addresses: ClientAddresses;
  /** Called when there is something new to run. */
  readonly onWork: () => void;
}

/** The two places at which the API is served: for clients with a key, and for the worker on the same machine. */
const BASE_PATHS = /^\/(?:runtime\/webhooks\/durabletask|durabletask)(?:\/|$)/;
const MAX_INSTANCE_ID_LENGTH = 100;

export class DurableClientApi {
  constructor(private readonly options: DurableClientApiOptions) {}

  /** True when the path is one of this API's. */
  serves(pathname: string): boolean {
    return BASE_PATHS.test(pathname);
  }

  handle(request: WebhookRequest): WebhookAnswer {
    const path = request.url.pathname.replace(BASE_PATHS, '');
    const [controller, first, operation, eventName] = path.split('/').map(decodeURIComponent);
    if (controller === 'orchestrators' && first) {
      return request.method === 'POST' ? this.start(request, first, operation) : { status: 404 };
    }
    if (controller === 'instances') return this.instances(request, first ?? '', operation ?? '', eventName);
    if (controller === 'entities') return notImplemented('Durable Entities API');
    return { status: 404 };
  }

  private instances(
    request: WebhookRequest,
    instanceId: string,
    operation: string,
    eventName?: string,
  ): WebhookAnswer {
    const { method } = request;
    if (instanceId === '') {
      if (method === 'GET') return this.list(request);
      return method === 'DELETE' ? this.purgeMany(request) : { status: 404 };
    }
    if (operation === '') {
      if (method === 'GET') return this.status(request, instanceId);
      return method === 'DELETE' ? this.purge(instanceId) : { status: 404 };
    }
    if (method !== 'POST') return { status: 404 };
    const reason = request.url.searchParams.get('reason') ?? '';
    const Timestamp = new Date().toISOString();
    switch (operation.toLowerCase()) {
      case 'raiseevent':
        return this.raiseEvent(request, instanceId, eventName ?? '');
      case 'terminate':
        return this.send(instanceId, { EventType: EventType.ExecutionTerminated, Timestamp, Input: reason });
      case 'suspend':
        return this.send(instanceId, { EventType: EventType.ExecutionSuspended, Timestamp, Reason: reason });
      case 'resume':
        return this.send(instanceId, { EventType: EventType.ExecutionResumed, Timestamp, Reason: reason });
      case 'rewind':
        return jsonAnswer(501, 'Rewind is not supported by the underlying storage provider.');
      default:
        return notImplemented(`Durable operation '${operation}'`);
    }
  }

  private start({ body, url }: WebhookRequest, name: string, requestedId: string | undefined): WebhookAnswer {
    const { store, orchestrators, addresses, onWork } = this.options;
    const target = orchestrators.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (!target) {
      const known = orchestrators.map((candidate) => `'${candidate.name}'`).join(', ');
      return badArgument(
        `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function. Known: ${known}`,
      );
    }
    const instanceId = requestedId || randomUUID().replaceAll('-', '');
    const fault = faultOfInstanceId(instanceId);
    if (fault !== undefined) return badArgument(fault);
    const input = body.length > 0 ? readJson(body) : null;
    if (input === undefined) return jsonAnswer(400, { Message: 'Invalid JSON content' });
    const version = url.searchParams.get('version') ?? '';
    const executionId = randomUUID().replaceAll('-', '');
    const start = { instanceId, executionId, name: target.name, version, input, parent: null };
    const obstacle = store.transaction(() => store.create(start, startedEvent(target.name, version, input)));
    if (obstacle !== undefined) {
      return jsonAnswer(409, {
        Message: `An Orchestration instance with the status ${obstacle} already exists.`,
      });
    }
    onWork();
    const urls = managementUrls(addresses, instanceId);
    return jsonAnswer(202, urls, { location: urls.statusQueryGetUri ?? '', 'retry-after': '10' });
  }

  private status({ url }: WebhookRequest, instanceId: string): WebhookAnswer {
    const instance = this.options.store.instance(instanceId);
    if (!instance) return { status: 404 };
    const flag = (name: string) => url.searchParams.get(name)?.toLowerCase() === 'true';
    const history = flag('showHistory') ? this.options.store.history(instanceId) : undefined;
    const showInput = url.searchParams.get('showInput')?.toLowerCase() !== 'false';
    const payload = statusPayload(instance, showInput, history, flag('showHistoryOutput'));
    if (!isEnded(instance.status))
      return jsonAnswer(202, payload, { location: url.href, 'retry-after': '5' });
    const isFailure = instance.status === 'Failed' && flag('returnInternalServerErrorOnFailure');
    return jsonAnswer(isFailure ? 500 : 200, payload);
  }

  private list({ url, headers }: WebhookRequest): WebhookAnswer {
    const filter = readFilter(url.searchParams);
    const pageSize = Number(url.searchParams.get('top') ?? 0) || Number.POSITIVE_INFINITY;
    const found = this.options.store
      .instances(headers['x-ms-continuation-token'] ?? '')
      .filter((instance) => matchesFilter(instance, filter));
    const page = found.slice(0, pageSize);
    const last = found.length > page.length ? page.at(-1) : undefined;
    const showInput = url.searchParams.get('showInput')?.toLowerCase() !== 'false';
    const payload = page.map((instance) => statusPayload(instance, showInput));
    return jsonAnswer(200, payload, last ? { 'x-ms-continuation-token': last.instanceId } : {});
  }

  private purge(instanceId: string): WebhookAnswer {
    const { store } = this.options;
    if (!store.instance(instanceId)) return { status: 404 };
    store.transaction(() => store.delete(instanceId));
    return jsonAnswer(200, { instancesDeleted: 1 });
  }

  /** Only instances that have ended; `createdTimeFrom` is required. */
  private purgeMany({ url }: WebhookRequest): WebhookAnswer {
    const { store } = this.options;
    if (!url.searchParams.has('createdTimeFrom')) {
      return jsonAnswer(400, `Please provide value for 'createdTimeFrom' parameter.`);
    }
    const filter = readFilter(url.searchParams);
    const instances = store
      .instances('')
      .filter((instance) => isEnded(instance.status) && matchesFilter(instance, filter));
    if (instances.length === 0) return { status: 404 };
    store.transaction(() => {
      for (const { instanceId } of instances) store.delete(instanceId);
    });
    return jsonAnswer(200, { instancesDeleted: instances.length });
  }

  private raiseEvent({ headers, body }: WebhookRequest, instanceId: string, name: string): WebhookAnswer {
    const gone = this.absence(instanceId);
    if (gone) return gone;
    if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
      return jsonAnswer(400, { Message: 'Only application/json request content is supported' });
    }
    const input = readJson(body);
    if (input === undefined) return jsonAnswer(400, { Message: 'Invalid JSON content' });
    return this.send(instanceId, {
      EventType: EventType.EventRaised,
      Timestamp: new Date().toISOString(),
      Name: name,
      Input: input,
    });
  }

  /** Sends an event to an instance that has not ended; 404 and 410 otherwise. */
  private send(instanceId: string, event: HistoryEvent): WebhookAnswer {
    const { store, onWork } = this.options;
    if (!store.transaction(() => store.deliverToRunning(instanceId, event)))
      return this.absence(instanceId) ?? { status: 410 };
    onWork();
    return { status: 202 };
  }

  private absence(instanceId: string): WebhookAnswer | undefined {
    const instance: Instance | undefined = this.options.store.instance(instanceId);
    if (!instance) return { status: 404 };
    return isEnded(instance.status) ? { status: 410 } : undefined;
  }
}

function faultOfInstanceId(instanceId: string): string | undefined {
  if (instanceId.startsWith('@')) return 'Orchestration instance ids must not start with @.';
  if (/[/\\?#\u0000-\u001f\u007f-\u009f]/.test(instanceId)) {
    return 'Orchestration instance ids must not contain /, \\, #, ?, or control characters.';
  }
  if (instanceId.length > MAX_INSTANCE_ID_LENGTH)
    return `Instance ID lengths must not exceed ${MAX_INSTANCE_ID_LENGTH} characters.`;
  return undefined;
}

function badArgument(message: string): WebhookAnswer {
  return jsonAnswer(400, {
    Message: 'One or more of the arguments submitted is incorrect',
    ExceptionMessage: message,
  });
}

/** The body as compact JSON text, or undefined when it is not JSON. */
function readJson(body: Buffer): string | undefined {
  try {
    return JSON.stringify(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
}
