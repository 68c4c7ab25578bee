/** Publishes dead-lettered events again, and removes each blob once the topic has all of its events. */
import type { ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import type { EventPublisher, OutgoingEvent } from '../../shared/events/event-publisher';

export interface ReplayTarget {
  /** The container to which Event Grid writes undeliverable events. */
  deadLetters: ContainerClient;
  publisher: Pick<EventPublisher, 'publish'>;
}

export interface ReplayedLetter {
  name: string;
  /** 0 when the blob cannot be read. */
  events: number;
  /** Why Event Grid dead-lettered the events. */
  reasons: string[];
  /** What was done with the blob, or why nothing was. */
  outcome: string;
  /** The blob is still there. */
  isLeft: boolean;
}

/**
 * Event Grid adds the outcome of the delivery to the attributes of the event; only the event itself is published again.
 * Source: https://learn.microsoft.com/azure/event-grid/manage-event-delivery, dead-lettered events.
 */
const letterSchema = z.array(
  z.object({
    id: z.string(),
    type: z.string(),
    source: z.string(),
    subject: z.string(),
    time: z.coerce.date(),
    data: z.record(z.string(), z.unknown()),
    deadletterreason: z.string().optional(),
  }),
);

/**
 * Works through the blobs in the order of their names, which is that of the hours. One that fails stays; the next
 * goes on.
 */
export async function replayDeadLetters(
  { deadLetters, publisher }: ReplayTarget,
  { prefix, dryRun }: { prefix: string; dryRun: boolean },
): Promise<ReplayedLetter[]> {
  const replayed: ReplayedLetter[] = [];
  if (!(await deadLetters.exists())) return replayed;
  // All names first: what is dead-lettered again during this run must not be processed twice.
  const names: string[] = [];
  for await (const { name } of deadLetters.listBlobsFlat({ prefix })) names.push(name);
  for (const name of names) {
    const letter: ReplayedLetter = { name, events: 0, reasons: [], outcome: 'left', isLeft: true };
    replayed.push(letter);
    try {
      const blob = deadLetters.getBlobClient(name);
      const events = letterSchema.parse(JSON.parse((await blob.downloadToBuffer()).toString('utf8')));
      letter.events = events.length;
      letter.reasons = [...new Set(events.map(({ deadletterreason = 'unknown' }) => deadletterreason))];
      if (dryRun) continue;
      await publisher.publish(events.map(outgoing));
      await blob.deleteIfExists();
      Object.assign(letter, { outcome: 'published again', isLeft: false });
    } catch (error) {
      letter.outcome = `left: ${whyOf(error)}`;
    }
  }
  return replayed;
}

function outgoing({
  id,
  type,
  source,
  subject,
  time,
  data,
}: z.output<typeof letterSchema>[number]): OutgoingEvent {
  return { id, type, source, subject, time, data };
}

function whyOf(error: unknown): string {
  if (error instanceof z.ZodError || error instanceof SyntaxError) return 'not a dead letter of this service';
  return error instanceof Error ? error.message : String(error);
}
