/** Bounds what one customer's work takes of an instance: processor time, and requests and deliveries at the same time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './clock';
import { KeyedConcurrencyLimit } from './concurrency-limit';
import type { Config } from './config';
import { tooMany } from './http/rate-limits';
import { RefusalDelay } from './refusal-delay';
import { TokenBuckets } from './pure/token-buckets';

/** Who wants to work longer than the budget allows is delivered again later: Event Grid waits 30 s for an answer. */
const MAX_PAUSE_SECONDS = 10;
/** Policies of some megabytes that are saved or simulated one after the other. */
const OPERATION_BURST_SECONDS = 60;
/** Of the average cost of an event: how much a new measurement counts. */
const NEWEST_SHARE = 0.2;
const MAX_CUSTOMERS = 10_000;
/**
 * What a response with its documents, messages and actions costs its customer: half of what it takes of an instance, by the
 * pipeline's benchmark, since a response that comes late is worth less.
 */
const RESPONSE_MS = 10;

/** A budget of processor time for each customer. The price of work is known when it is done: it is paid afterwards. */
class ProcessorTime {
  protected readonly buckets: TokenBuckets;

  constructor(
    protected readonly clock: Clock,
    millisecondsPerMinute: number,
    private readonly refusal: string,
    burstSeconds?: number,
  ) {
    this.buckets = new TokenBuckets(
      millisecondsPerMinute,
      burstSeconds === undefined ? {} : { burstSeconds },
    );
  }

  /** @throws Problem `too-many-requests` while the customer has used up its time */
  admit(customerId: string): void {
    const waitSeconds = this.buckets.waitSeconds(customerId, this.clock.now());
    if (waitSeconds > 0) throw tooMany(this.refusal, waitSeconds);
  }

  spend(customerId: string, milliseconds: number): void {
    this.buckets.take(customerId, this.clock.now(), milliseconds);
  }
}

/** A moving average for each customer. */
class Averages {
  private readonly values = new Map<string, number>();

  /** 0 while nothing is known. */
  of(customerId: string): number {
    return this.values.get(customerId) ?? 0;
  }

  add(customerId: string, value: number): void {
    const average = this.values.get(customerId) ?? value;
    this.values.delete(customerId);
    if (this.values.size >= MAX_CUSTOMERS) this.values.clear();
    this.values.set(customerId, average + NEWEST_SHARE * (value - average));
  }
}

/**
 * The processor time of matching events with policies and of what follows. Batches are matched after they were accepted,
 * perhaps on another instance: what they will take is estimated from what the customer's events took before.
 */
class MatchingTime extends ProcessorTime {
  /** What accepted batches are expected to take. */
  private readonly expected: TokenBuckets;
  /** Milliseconds per event, by customer. */
  private readonly matchingAverages = new Averages();
  private readonly actingAverages = new Averages();

  constructor(clock: Clock, millisecondsPerMinute: number) {
    super(clock, millisecondsPerMinute, MATCHING_REFUSAL);
    this.expected = new TokenBuckets(millisecondsPerMinute);
  }

  override admit(customerId: string): void {
    super.admit(customerId);
    const waitSeconds = this.expected.waitSeconds(customerId, this.clock.now());
    if (waitSeconds > 0) throw tooMany(MATCHING_REFUSAL, waitSeconds);
  }

  /** Counts events that were accepted and will be matched. */
  expect(customerId: string, events: number): void {
    const average = this.matchingAverages.of(customerId) + this.actingAverages.of(customerId);
    if (average > 0) this.expected.take(customerId, this.clock.now(), events * average);
  }

  /** Counts what matching some events has taken. */
  matched(customerId: string, events: number, milliseconds: number): void {
    this.spend(customerId, milliseconds);
    if (events > 0) this.matchingAverages.add(customerId, milliseconds / events);
  }

  /** Counts what those of some matched events take that have a response. */
  acted(customerId: string, events: number, withResponse: number): void {
    const milliseconds = withResponse * RESPONSE_MS;
    this.spend(customerId, milliseconds);
    if (events > 0) this.actingAverages.add(customerId, milliseconds / events);
  }

  /** Waits until the customer has time for the next events. @throws Problem `too-many-requests` when that is too long */
  async pause(customerId: string): Promise<void> {
    const milliseconds = this.buckets.waitMilliseconds(customerId, this.clock.now());
    if (milliseconds > MAX_PAUSE_SECONDS * 1000)
      throw tooMany(MATCHING_REFUSAL, Math.ceil(milliseconds / 1000));
    if (milliseconds > 0) await sleep(milliseconds);
  }
}

const MATCHING_REFUSAL =
  'Events of your organisation take too long to match with its response policies and to respond to';
const OPERATION_REFUSAL = 'Large policies of your organisation take too long to process';

export class WorkLimits {
  /** Of the threads that match events with policies. */
  readonly matching: MatchingTime;
  /** Of the threads that read and write policies for administrators. */
  readonly operations: ProcessorTime;
  /** Requests in work, of a customer's administrators or of its servers; the others wait. */
  readonly requests: KeyedConcurrencyLimit;
  /** Deliveries of events in work. */
  readonly deliveries: KeyedConcurrencyLimit;

  /** Of requests that are refused with 429. */
  readonly refusals: RefusalDelay;

  constructor(limits: Config['requests'], clock: Clock) {
    this.refusals = new RefusalDelay(limits.refusalDelayMs);
    this.matching = new MatchingTime(clock, limits.customerMatchingMsPerMinute);
    this.operations = new ProcessorTime(
      clock,
      limits.customerPolicyMsPerMinute,
      OPERATION_REFUSAL,
      OPERATION_BURST_SECONDS,
    );
    this.requests = new KeyedConcurrencyLimit({
      concurrent: limits.customerConcurrentRequests,
      waiting: 25 * limits.customerConcurrentRequests,
      retryAfterSeconds: 2,
    });
    this.deliveries = new KeyedConcurrencyLimit({
      concurrent: 4,
      waiting: 100,
      retryAfterSeconds: 10,
      maxWaitSeconds: MAX_PAUSE_SECONDS,
    });
  }
}
