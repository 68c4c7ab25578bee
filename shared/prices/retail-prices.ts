/**
 * Azure's public price list: https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices.
 * It needs no sign-in, comes in pages, and is slow enough to be worth keeping.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock';
import { TIME_LIMITS, withinTimeLimit } from '../time-limits';

/** The fields of a price that are looked at. */
export interface RetailPriceRow {
  retailPrice: number;
  productName: string;
  skuName: string;
  meterName: string;
  type: string;
  tierMinimumUnits: number;
}

/** Prices of a filter, and when they were asked for. */
export interface RetailPriceRows {
  rows: RetailPriceRow[];
  askedAt: Date;
}

const API_VERSION = '2023-01-01-preview';
const KEPT_MILLISECONDS = 24 * 3_600_000;
/** While the list cannot be reached, callers do not wait for it again and again. */
const FAILURE_KEPT_MILLISECONDS = 5 * 60_000;
const MAX_KEPT = 2_000;
const MAX_PAGES = 20;
const ATTEMPTS = 3;
const MAX_WAIT_MILLISECONDS = 5_000;

interface Kept {
  answer: Promise<RetailPriceRows>;
  until: number;
}

export class RetailPrices {
  private readonly kept = new Map<string, Kept>();

  /** @param url of the service; undefined where there is none to ask */
  constructor(
    private readonly url: string | undefined,
    private readonly clock: Clock,
    private readonly send: typeof fetch = fetch,
    private readonly pause: (milliseconds: number) => Promise<unknown> = sleep,
  ) {}

  /** Whether there is a list to ask. */
  get isConfigured(): boolean {
    return this.url !== undefined;
  }

  /**
   * All prices of an OData filter, at most a day old. Who asks for the same at once shares one request.
   * @throws Error when the list cannot be reached, also for five minutes after that
   */
  async rows(filter: string): Promise<RetailPriceRows> {
    const now = this.clock.now().getTime();
    const known = this.kept.get(filter);
    if (known && known.until > now) return known.answer;
    if (this.kept.size >= MAX_KEPT) this.kept.clear();
    const answer = withinTimeLimit('The price list', TIME_LIMITS.prices, (signal) =>
      this.ask(filter, signal),
    );
    const entry: Kept = { answer, until: now + KEPT_MILLISECONDS };
    this.kept.set(filter, entry);
    return entry.answer.catch((error: unknown) => {
      entry.until = Math.min(entry.until, this.clock.now().getTime() + FAILURE_KEPT_MILLISECONDS);
      throw error;
    });
  }

  private async ask(filter: string, signal: AbortSignal): Promise<RetailPriceRows> {
    if (this.url === undefined) throw new Error('no price list is configured');
    const first = new URL('/api/retail/prices', this.url);
    first.searchParams.set('api-version', API_VERSION);
    first.searchParams.set('currencyCode', "'USD'");
    first.searchParams.set('$filter', filter);
    const rows: RetailPriceRow[] = [];
    let next: string | undefined = first.href;
    for (let page = 0; next !== undefined && page < MAX_PAGES; page++) {
      const answer: { Items: RetailPriceRow[]; NextPageLink?: string | null } = await this.page(next, signal);
      rows.push(...answer.Items);
      next = this.sameService(answer.NextPageLink);
    }
    return { rows, askedAt: this.clock.now() };
  }

  private async page(
    url: string,
    signal: AbortSignal,
  ): Promise<{ Items: RetailPriceRow[]; NextPageLink?: string | null }> {
    for (let attempt = 1; ; attempt++) {
      const limit = AbortSignal.timeout(TIME_LIMITS.pricePage.tryMilliseconds);
      const response = await this.send(url, { signal: AbortSignal.any([signal, limit]) });
      if (response.ok)
        return (await response.json()) as { Items: RetailPriceRow[]; NextPageLink?: string | null };
      await response.body?.cancel();
      const mayPass = response.status === 429 || response.status >= 500;
      if (!mayPass || attempt === ATTEMPTS) throw new Error(`the price list answered ${response.status}`);
      const seconds = Number(response.headers.get('retry-after') ?? attempt);
      await this.pause(
        Math.min(MAX_WAIT_MILLISECONDS, (Number.isFinite(seconds) ? seconds : attempt) * 1_000),
      );
    }
  }

  /** A link that leads elsewhere is not followed. */
  private sameService(link: string | null | undefined): string | undefined {
    if (!link || this.url === undefined) return undefined;
    const next = new URL(link);
    const own = new URL(this.url);
    return next.hostname === own.hostname ? new URL(next.pathname + next.search, own).href : undefined;
  }
}
