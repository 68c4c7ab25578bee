/** Rounds of a run: what each one works on, decided once and kept in a blob, so that planning it again changes nothing. */
import { z } from 'zod';
import type { Services } from '../../../shared/services';
import type { TaskRef } from '../../../shared/tasks/task-pages';
import { position } from './run-maintenance';

const plannedRound = z.object({ items: z.array(z.string()), next: position.optional() });
export type Round = z.output<typeof plannedRound>;

type Storing = Pick<Services, 'blobs'>;

/** The round with this number; undefined while it is not planned. */
export async function readRound(
  { blobs }: Storing,
  ref: TaskRef,
  number: number,
): Promise<Round | undefined> {
  const content = await blobs.get('tasks', nameOf(ref, number));
  return content && plannedRound.parse(JSON.parse(content.toString()));
}

/** Stores a round, and returns the one that was stored first. */
export async function storeRound(
  services: Storing,
  ref: TaskRef,
  number: number,
  round: Round,
): Promise<Round> {
  const content = Buffer.from(JSON.stringify(round));
  if (await services.blobs.putOnce('tasks', nameOf(ref, number), content, 'application/json')) return round;
  return (await readRound(services, ref, number)) ?? round;
}

function nameOf({ customerId, taskId }: TaskRef, number: number): string {
  return `${customerId}/${taskId}/round-${String(number).padStart(6, '0')}.json`;
}
