/** Retry policies of functions (`retry` in the programming model): the same trigger data again, in the same process. */
import { type InvocationResult, type Invoker, type TriggerCall } from './invoker';
import { type FunctionMetadata, type RpcRetryContext, type RpcRetryOptions } from './worker/rpc';

/** Runs a function until it succeeds, its retries are used up, or `stopping` is aborted. `maxRetryCount` -1 = no end. */
export async function runWithRetries(
  invoker: Invoker,
  target: FunctionMetadata,
  call: TriggerCall,
  stopping: AbortSignal,
): Promise<InvocationResult> {
  const policy = target.retryOptions;
  let retryContext: RpcRetryContext | undefined = policy && {
    retryCount: 0,
    maxRetryCount: policy.maxRetryCount,
  };
  for (let attempt = 1; ; attempt += 1) {
    const result = await invoker.run(target, { ...call, retryContext });
    if (result.ok || !policy || stopping.aborted || attempt - 1 === policy.maxRetryCount) return result;
    retryContext = { retryCount: attempt, maxRetryCount: policy.maxRetryCount, exception: result.exception };
    if (!(await sleep(retryDelayMs(policy, attempt), stopping))) return result;
  }
}

/**
 * Fixed, or doubling from the minimum to the maximum with ±20 % of jitter (the host's
 * RandomizedExponentialBackoffStrategy).
 */
function retryDelayMs(policy: RpcRetryOptions, retry: number): number {
  if (policy.retryStrategy === 'fixedDelay') return (policy.delayInterval?.seconds ?? 0) * 1000;
  const minimumMs = (policy.minimumInterval?.seconds ?? 0) * 1000;
  const maximumMs = (policy.maximumInterval?.seconds ?? 0) * 1000;
  const doubledMs = minimumMs * 2 ** (retry - 1) * (0.8 + 0.4 * Math.random());
  return Math.max(minimumMs, Math.min(maximumMs, doubledMs));
}

/** False when `stopping` was aborted first. */
function sleep(delayMs: number, stopping: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), delayMs);
    stopping.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}
