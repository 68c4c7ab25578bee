/** An HTTP client for Azure SDKs whose requests have a time limit, the body of the answer included. */
import { createDefaultHttpClient, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { type TimeLimit, withinTimeLimit } from './time-limits';

/**
 * The SDKs' own client with a limit for each request. Their options do not bound one: `timeout` ends with the headers of
 * the answer, and an abort does not reach a body that is unpacked.
 * @param what the name of the dependency, for errors
 */
export function timedHttpClient(
  what: string,
  limitOf: (request: PipelineRequest) => TimeLimit,
  client: HttpClient = createDefaultHttpClient(),
): HttpClient {
  return {
    sendRequest: (request) => {
      const { abortSignal: outer } = request;
      return withinTimeLimit(what, limitOf(request), (limit) => {
        const abortSignal = outer instanceof AbortSignal ? AbortSignal.any([outer, limit]) : limit;
        return client.sendRequest({ ...request, abortSignal });
      });
    },
  };
}
