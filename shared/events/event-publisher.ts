/** Publishes CloudEvents to the custom topic of the service. */
import { type CloudEvent, EventGridPublisherClient } from '@azure/eventgrid';
import type { TokenCredential } from '@azure/identity';
import type { Config } from '../config';
import { TIME_LIMITS, withinTimeLimit } from '../time-limits';

/** Event Grid takes 1 MB a request. */
const MAX_REQUEST_BYTES = 1_000_000;

/** A CloudEvent of this service; `id` makes a repeated publication recognisable. */
export interface OutgoingEvent {
  id: string;
  type: string;
  source: string;
  subject: string;
  time: Date;
  data: object;
}

export class EventPublisher {
  constructor(private readonly client: Pick<EventGridPublisherClient<'CloudEvent'>, 'send'>) {}

  /** Publishes all events, in as few requests as the limit allows. Resolves when the topic has them. */
  async publish(events: OutgoingEvent[]): Promise<void> {
    let request: CloudEvent<object>[] = [];
    let requestBytes = 0;
    for (const event of events) {
      const eventBytes = Buffer.byteLength(JSON.stringify(event));
      if (request.length > 0 && requestBytes + eventBytes > MAX_REQUEST_BYTES) {
        await this.send(request);
        request = [];
        requestBytes = 0;
      }
      request.push({ ...event, datacontenttype: 'application/json' });
      requestBytes += eventBytes;
    }
    if (request.length > 0) await this.send(request);
  }

  private send(events: CloudEvent<object>[]): Promise<void> {
    return withinTimeLimit('Event Grid', TIME_LIMITS.eventGrid, (abortSignal) =>
      this.client.send(events, { abortSignal }),
    );
  }
}

/** The publisher of the configured topic. */
export function openEventPublisher(config: Config, credential: TokenCredential): EventPublisher {
  return new EventPublisher(
    new EventGridPublisherClient(config.eventGrid.topicEndpoint, 'CloudEvent', credential, {
      retryOptions: { maxRetries: 2, maxRetryDelayInMs: 1_000 },
    }),
  );
}
