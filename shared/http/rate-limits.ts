/** Rate limits of requests and events: token buckets in memory, so each instance of the app has its own. */
import type { Config } from '../config';
import type { Administrator, Caller, ClientCaller } from '../identity/caller';
import { Problem } from '../problem';
import { TokenBuckets } from '../pure/token-buckets';

/** What a server spooled during an outage of ten minutes may come at once. */
const EVENT_BURST_SECONDS = 60;

/** A request with a larger body counts as several: so much of it is worth another one. */
const BYTES_OF_ONE_REQUEST = 262_144;

/** What is known of a request before its body is read. */
interface CountedRequest {
  /** Of the path, where it names a recording server. */
  serverId?: string | undefined;
  /** According to its header. */
  bodyBytes?: number;
}

/** A bucket that a request or an event is counted in, and the refusal when it is empty. */
interface Limit {
  buckets: TokenBuckets;
  key: string;
  refusal: string;
}

/** The limits of each administrator and each recording server, and of all of a customer together. */
export class RateLimits {
  private readonly administrators: TokenBuckets;
  private readonly allAdministrators: TokenBuckets;
  private readonly servers: TokenBuckets;
  private readonly allServers: TokenBuckets;
  private readonly serverEvents: TokenBuckets;
  private readonly allEvents: TokenBuckets;

  constructor(limits: Config['requests']) {
    this.administrators = new TokenBuckets(limits.administratorPerMinute);
    this.allAdministrators = new TokenBuckets(limits.customerPerMinute);
    this.servers = new TokenBuckets(limits.serverPerMinute);
    this.allServers = new TokenBuckets(limits.customerServersPerMinute);
    const events = { burstSeconds: EVENT_BURST_SECONDS };
    this.serverEvents = new TokenBuckets(limits.serverEventsPerMinute, events);
    this.allEvents = new TokenBuckets(limits.customerEventsPerMinute, events);
  }

  /**
   * Counts a request, one with a large body as several; one that is refused does not count.
   * @throws Problem `too-many-requests`
   */
  count(caller: Caller, now: Date, { serverId, bodyBytes }: CountedRequest = {}): void {
    if (caller.type === 'anonymous') return;
    const limits = caller.type === 'client' ? this.ofClient(caller, serverId) : this.ofAdministrator(caller);
    check(limits, now);
    take(limits, now, 1 + Math.floor((bodyBytes ?? 0) / BYTES_OF_ONE_REQUEST));
  }

  /** Counts a request of a server that its path does not name. @throws Problem `too-many-requests` */
  countServer(caller: ClientCaller, serverId: string, now: Date): void {
    const own = [this.ofServer(caller, serverId)];
    check(own, now);
    take(own, now, 1);
  }

  /** Whether the customer's servers may deliver events now. @throws Problem `too-many-requests` */
  admitEvents({ customerId }: ClientCaller, now: Date): void {
    check([this.ofAllEvents(customerId)], now);
  }

  /**
   * Counts events. A batch may exceed what is left: the next ones wait the longer.
   * @throws Problem `too-many-requests` when nothing is left for the server
   */
  countEvents(caller: ClientCaller, serverId: string, events: number, now: Date): void {
    const refusal = 'The server sends too many events';
    const own = { buckets: this.serverEvents, key: serverKey(caller, serverId), refusal };
    check([own], now);
    take([own, this.ofAllEvents(caller.customerId)], now, events);
  }

  private ofClient(caller: ClientCaller, serverId: string | undefined): Limit[] {
    const refusal = 'The servers of your organisation send too many requests';
    const all = { buckets: this.allServers, key: caller.customerId, refusal };
    return serverId === undefined ? [all] : [this.ofServer(caller, serverId), all];
  }

  private ofAdministrator({ customerId, id }: Administrator): Limit[] {
    const refusal = 'The administrators of your organisation send too many requests';
    return [
      { buckets: this.administrators, key: `${customerId} ${id}`, refusal: 'You send too many requests' },
      { buckets: this.allAdministrators, key: customerId, refusal },
    ];
  }

  private ofServer(caller: ClientCaller, serverId: string): Limit {
    const refusal = 'The server sends too many requests';
    return { buckets: this.servers, key: serverKey(caller, serverId), refusal };
  }

  private ofAllEvents(customerId: string): Limit {
    return {
      buckets: this.allEvents,
      key: customerId,
      refusal: 'The servers of your organisation send too many events',
    };
  }
}

/** With the client, so that nobody can use up what is left for a server that is not his. */
function serverKey({ customerId, id }: ClientCaller, serverId: string): string {
  return `${customerId} ${id} ${serverId.toLowerCase()}`;
}

function check(limits: readonly Limit[], now: Date): void {
  for (const { buckets, key, refusal } of limits) {
    const retryAfterSeconds = buckets.waitSeconds(key, now);
    if (retryAfterSeconds > 0) throw tooMany(refusal, retryAfterSeconds);
  }
}

function take(limits: readonly Limit[], now: Date, amount: number): void {
  for (const { buckets, key } of limits) buckets.take(key, now, amount);
}

/** The refusal of a caller whose limit is used up. @param what a clause without its end */
export function tooMany(what: string, retryAfterSeconds: number): Problem {
  return new Problem('too-many-requests', `${what}: wait before the next one.`, { retryAfterSeconds });
}
