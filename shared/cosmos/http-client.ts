/** What the Cosmos SDK sends its requests through: within a time limit, and without its longest repetitions. */
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { TIME_LIMITS, type TimeLimit } from '../time-limits';
import { timedHttpClient } from '../timed-http-client';

/** The longest that one answer of 429 can make the SDK wait; its own limit counts only the waits before. */
const MAX_RETRY_AFTER_MILLISECONDS = 2_000;
const RETRY_AFTER = 'x-ms-retry-after-ms';

/** The SDK repeats these 120 times, a second apart, each time with as many looks for another region. */
const REPEATED_BY_THE_SDK = ['ENOTFOUND', 'REQUEST_SEND_ERROR'];

/** The account cannot be found or reached. */
class CosmosUnreachable extends Error {
  override readonly name = 'CosmosUnreachable';
  readonly code = 'EHOSTUNREACH';
}

/**
 * The HTTP client for `CosmosClientOptions.httpClient`. The SDK's own `requestTimeout` must be longer than the limits here:
 * it repeats reads that met it 120 times.
 */
export function cosmosHttpClient(client?: HttpClient): HttpClient {
  const timed = timedHttpClient('Cosmos DB', limitOf, client);
  return {
    async sendRequest(request) {
      try {
        return withShortWait(await timed.sendRequest(request));
      } catch (error) {
        throw REPEATED_BY_THE_SDK.includes(codeOf(error))
          ? new CosmosUnreachable('Cosmos DB cannot be reached', { cause: error })
          : error;
      }
    },
  };
}

function limitOf({ method, headers }: PipelineRequest): TimeLimit {
  const isRead = method === 'GET' || headers.has('x-ms-documentdb-isquery');
  return isRead ? TIME_LIMITS.cosmosRead : TIME_LIMITS.cosmosWrite;
}

function withShortWait(response: PipelineResponse): PipelineResponse {
  if (Number(response.headers.get(RETRY_AFTER)) > MAX_RETRY_AFTER_MILLISECONDS)
    response.headers.set(RETRY_AFTER, String(MAX_RETRY_AFTER_MILLISECONDS));
  return response;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
