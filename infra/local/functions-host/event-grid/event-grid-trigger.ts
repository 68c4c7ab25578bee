/** Event Grid triggers: the webhook `/runtime/webhooks/eventgrid?functionName=NAME` to which a topic delivers. */
import { jsonAnswer, type WebhookAnswer, type WebhookRequest } from '../http/webhook';
import { type Invoker } from '../invoker';
import { type FunctionMetadata, type TypedData } from '../worker/rpc';

interface Event {
  readonly [attribute: string]: unknown;
}

export class EventGridTrigger {
  private readonly functions: ReadonlyMap<string, FunctionMetadata>;

  constructor(
    functions: readonly FunctionMetadata[],
    private readonly invoker: Invoker,
  ) {
    this.functions = new Map(functions.map((target) => [target.name.toLowerCase(), target]));
  }

  /** One delivery: a handshake, or events to run the function with. */
  async handle({ method, url, headers, body }: WebhookRequest): Promise<WebhookAnswer> {
    const functionName = url.searchParams.get('functionName') ?? '';
    const target = this.functions.get(functionName.toLowerCase());
    if (!target) return { status: 404, body: `cannot find function: '${functionName}'` };
    if (method === 'OPTIONS') return allowOrigin(headers['webhook-request-origin']);
    if (method !== 'POST') return { status: 405 };
    const events = parseEvents(body);
    if (!events) return { status: 400, body: 'The body is neither an event nor a list of events.' };
    switch (headers['aeg-event-type']?.toLowerCase()) {
      case 'subscriptionvalidation':
        return confirmSubscription(events);
      case 'notification':
        return this.deliver(target, events);
      case 'unsubscribe':
        return { status: 202 };
      default:
        return { status: 400 };
    }
  }

  /** All events at once; when one fails the answer is 500, and the topic sends all of them again. */
  private async deliver(target: FunctionMetadata, events: readonly Event[]): Promise<WebhookAnswer> {
    const results = await Promise.all(
      events.map((event) =>
        this.invoker.run(target, {
          data: { json: JSON.stringify(event) },
          metadata: eventMetadata(event),
          reason: `EventGrid trigger fired at ${new Date().toISOString()}`,
        }),
      ),
    );
    const failed = results.find((result) => !result.ok);
    return failed && !failed.ok ? { status: 500, body: failed.exception.message } : { status: 202 };
  }
}

/** The abuse protection handshake of CloudEvents' HTTP webhooks (CloudEvents webhook specification 4.1). */
function allowOrigin(origin: string | undefined): WebhookAnswer {
  if (origin === undefined) return { status: 400, body: 'WebHook-Request-Origin is missing.' };
  return {
    status: 200,
    headers: { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*', allow: 'POST' },
  };
}

/** The Event Grid schema sends a list with `data.validationCode`, CloudEvents one event whose data may be text. */
function confirmSubscription([event]: readonly Event[]): WebhookAnswer {
  const data: unknown = typeof event?.data === 'string' ? JSON.parse(event.data) : event?.data;
  const code =
    typeof data === 'object' && data !== null && 'validationCode' in data ? data.validationCode : undefined;
  if (typeof code !== 'string') return { status: 400, body: 'The validation code is missing.' };
  return jsonAnswer(200, { validationResponse: code });
}

function parseEvents(body: Buffer): readonly Event[] | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    const events: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
    return events.every((event) => typeof event === 'object' && event !== null)
      ? (events as Event[])
      : undefined;
  } catch {
    return undefined;
  }
}

function eventMetadata(event: Event): Record<string, TypedData> {
  return { data: { json: JSON.stringify(event.data ?? null) } };
}
