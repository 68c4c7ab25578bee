/** Reads Azure Resource Manager where no client of an SDK is needed: one answer, or all pages of a list. */
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { AZURE_SCOPE, type AzureSubscription, callAzure, successfulBody } from './azure-calls';
import { AzureError } from './azure-error';

const PUBLIC_AZURE = 'https://management.azure.com';
const CALL_MILLISECONDS = 15_000;
/** Far above what Azure has: a list that never ends is an error. */
const MAX_PAGES = 100;

/** Paths are relative to the subscription, such as `/locations`; empty for the subscription itself. */
export interface AzureReader {
  /** @throws AzureError */
  get(path: string, apiVersion: string, query?: Record<string, string>): Promise<unknown>;
  /** The rows of all pages. @throws AzureError */
  list(path: string, apiVersion: string, query?: Record<string, string>): Promise<unknown[]>;
}

/** The reader of a subscription. A passing failure is tried once more, within 15 seconds for each answer. */
export function azureReader({ subscriptionId, credential, endpoint }: AzureSubscription): AzureReader {
  const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 1, maxRetryDelayInMs: 2_000 } });
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: AZURE_SCOPE }));
  const client = createDefaultHttpClient();
  const origin = new URL(endpoint ?? PUBLIC_AZURE).origin;
  const read = (url: URL) =>
    callAzure(async ({ abortSignal }) => {
      const request = createPipelineRequest({ url: url.href, abortSignal });
      return successfulBody(await pipeline.sendRequest(client, request));
    }, CALL_MILLISECONDS);
  const urlOf = (path: string, apiVersion: string, query: Record<string, string> = {}) => {
    const url = new URL(`${origin}/subscriptions/${subscriptionId}${path}`);
    url.search = new URLSearchParams({ 'api-version': apiVersion, ...query }).toString();
    return url;
  };
  return {
    get: (path, apiVersion, query) => read(urlOf(path, apiVersion, query)),
    list: async (...first) => {
      const rows: unknown[] = [];
      let next: URL | undefined = urlOf(...first);
      for (let pages = 0; next !== undefined; pages += 1) {
        if (pages === MAX_PAGES) throw unexpected('The list does not end.');
        const { value, nextLink } = (await read(next)) as { value?: unknown; nextLink?: unknown };
        if (!Array.isArray(value)) throw unexpected('The answer is no list.');
        rows.push(...(value as unknown[]));
        next = typeof nextLink === 'string' && nextLink !== '' ? new URL(nextLink) : undefined;
        // The token goes to Resource Manager alone.
        if (next !== undefined && next.origin !== origin) throw unexpected('The next page is elsewhere.');
      }
      return rows;
    },
  };
}

const unexpected = (message: string) => new AzureError({ code: 'UnexpectedAnswer', message });
