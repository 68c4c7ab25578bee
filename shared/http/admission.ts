/** Whether a request may begin, by what its caller has sent and used before: decided before its body is read. */
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../identity/caller';
import type { Services } from '../services';
import type { Deadline } from './deadline';
import type { Operation } from './operation';

/** Counts the request. @throws Problem `too-many-requests` */
export function admit(
  operation: Operation,
  { params, headers }: HttpRequest,
  caller: Caller,
  services: Services,
): void {
  const bodyBytes = Number(headers.get('content-length') ?? 0) || 0;
  services.rateLimits.count(caller, services.clock.now(), { serverId: params['serverId'], bodyBytes });
  operation.admit?.({ caller, services });
}

/**
 * The result of `work`, when the caller's place is free: so many requests of a customer's administrators, and of its
 * servers, are in work at the same time. A long poll takes none, since it waits without working. Work that goes on after
 * its deadline keeps no place: it waits for something that hangs, and must not keep the customer from the rest.
 * @throws Problem `too-many-requests` when too many wait already
 */
export async function inTurn<T>(
  operation: Operation,
  caller: Caller,
  { services: { workLimits }, deadline }: { services: Pick<Services, 'workLimits'>; deadline: Deadline },
  work: () => Promise<T>,
): Promise<T> {
  if (caller.type === 'anonymous' || operation.waitSeconds) return work();
  const begun = await new Promise<{ result: Promise<T> }>((resolve, reject) => {
    const hold = async () => {
      const result = work();
      resolve({ result });
      await deadline.untilEndOf(result);
    };
    workLimits.requests.run(`${caller.type} ${caller.customerId}`, hold).catch(reject);
  });
  return begun.result;
}
