/** Starts an orchestration under an id of the caller's, so that a repeated start starts nothing twice. */
import type { DurableClient } from 'durable-functions';

/** What starting needs of the Durable client. */
export type OrchestrationStarter = Pick<DurableClient, 'startNew' | 'getStatus'>;

/**
 * Starts the orchestration unless one with this id is running.
 * @throws what the client throws when it is not known whether the orchestration was started
 */
export async function startOrchestration(
  client: OrchestrationStarter,
  name: string,
  instanceId: string,
  input: unknown,
): Promise<void> {
  try {
    await client.startNew(name, { instanceId, input });
  } catch (error) {
    // Refused because it is running, or not reached: an instance with a status has been started.
    await client.getStatus(instanceId).catch(() => {
      throw error;
    });
  }
}
