/**
 * Client of the Azure Retail Prices API, with a cache:
 * https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices. It needs no authentication.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock';
import type { RetailPrice } from '../pure/retail-prices';
import { TIME_LIMITS, withinTimeLimit } from '../time-limits';

/** The prices of a filter, and when they were fetched. */
export interface RetailPriceRows {
  rows: RetailPrice[];
  fetchedAt: Date;
}

const API_VERSION = '2023-01-01-preview';
const TTL_MILLISECONDS = 24 * 3_600_000;
/** Failures are cached as well, so that callers do not wait for an unavailable API again and again. */
const FAILURE_TTL_MILLISECONDS = 5 * 60_000;
const MAX_CACHE_ENTRIES = 2_000;
const MAX_PAGES = 20;
const MAX_ATTEMPTS = 3;
const MAX_WAIT_MILLISECONDS = 5_000;

interface CacheEntry {
  response: Promise<RetailPriceRows>;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** A page of the API's response, as far as it is read. */
interface Page {
  Items: RetailPrice[];
  NextPageLink?: string | null;
}

/** Fetches and caches prices. */
export class RetailPricesClient {
  private readonly cache = new Map<string, CacheEntry>();

  /** @param url of the API; undefined where none is configured */
  constructor(
    private readonly url: string | undefined,
    private readonly clock: Clock,
    private readonly fetchUrl: typeof fetch = fetch,
    private readonly pause: (milliseconds: number) => Promise<unknown> = sleep,
  ) {}

  /** Whether an API is configured. */
  get isConfigured(): boolean {
    return this.url !== undefined;
  }

  /**
   * All prices of an OData filter, at most a day old. Concurrent calls with the same filter share one request.
   * @throws Error when the API is not available, and for five minutes after that
   */
  async rows(filter: string): Promise<RetailPriceRows> {
    const now = this.clock.now().getTime();
    const known = this.cache.get(filter);
    if (known && known.expiresAt > now) return known.response;
    if (this.cache.size >= MAX_CACHE_ENTRIES) this.cache.clear();
    const response = withinTimeLimit('The price list', TIME_LIMITS.prices, (signal) =>
      this.fetchRows(filter, signal),
    );
    const entry: CacheEntry = { response, expiresAt: now + TTL_MILLISECONDS };
    this.cache.set(filter, entry);
    return entry.response.catch((error: unknown) => {
      entry.expiresAt = Math.min(entry.expiresAt, this.clock.now().getTime() + FAILURE_TTL_MILLISECONDS);
      throw error;
    });
  }

  private async fetchRows(filter: string, signal: AbortSignal): Promise<RetailPriceRows> {
    if (this.url === undefined) throw new Error('no Retail Prices API is configured');
    const first = new URL('/api/retail/prices', this.url);
    first.searchParams.set('api-version', API_VERSION);
    first.searchParams.set('currencyCode', "'USD'");
    first.searchParams.set('$filter', filter);
    const rows: RetailPrice[] = [];
    let next: string | undefined = first.href;
    for (let page = 0; next !== undefined && page < MAX_PAGES; page++) {
      const response: Page = await this.fetchPage(next, signal);
      rows.push(...response.Items);
      next = this.ownUrl(response.NextPageLink);
    }
    return { rows, fetchedAt: this.clock.now() };
  }

  private async fetchPage(url: string, signal: AbortSignal): Promise<Page> {
    for (let attempt = 1; ; attempt++) {
      const limit = AbortSignal.timeout(TIME_LIMITS.pricePage.tryMilliseconds);
      const response = await this.fetchUrl(url, { signal: AbortSignal.any([signal, limit]) });
      if (response.ok) return (await response.json()) as Page;
      await response.body?.cancel();
      const isTransient = response.status === 429 || response.status >= 500;
      if (!isTransient || attempt === MAX_ATTEMPTS)
        throw new Error(`the Retail Prices API responded with status ${response.status}`);
      const seconds = Number(response.headers.get('retry-after') ?? attempt);
      await this.pause(
        Math.min(MAX_WAIT_MILLISECONDS, (Number.isFinite(seconds) ? seconds : attempt) * 1_000),
      );
    }
  }

  /** The link to the next page at the configured URL; undefined for a link to another host. */
  private ownUrl(link: string | null | undefined): string | undefined {
    if (!link || this.url === undefined) return undefined;
    const next = new URL(link);
    const own = new URL(this.url);
    return next.hostname === own.hostname ? new URL(next.pathname + next.search, own).href : undefined;
  }
}
