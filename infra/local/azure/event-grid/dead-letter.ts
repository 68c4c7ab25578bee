/** Stores undeliverable events: as a blob with Azure's path and shape, or as a file. */
import { type TokenCredential } from '@azure/identity';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writePrivateFile } from '../../stand-in-support/private-file';
import { type Delivery } from './delivery-queue';
import { type Outcome } from './retry-policy';
import { subscriptionName, topicName } from './names';

const deadLetterContainer = 'dead-letters';

interface DeadLetter {
  delivery: Delivery;
  attempts: number;
  outcome: Outcome;
  lastAttemptAt: Date;
  reason: string;
}

/** Stores one undeliverable event; a rejection leaves it in the queue. */
export type DeadLetterStore = (letter: DeadLetter) => Promise<void>;

/** Blobs `TOPIC/SUBSCRIPTION/year/month/day/hour/uuid.json` in the container `dead-letters`. */
export function blobDeadLetters(blobEndpoint: string, credential: TokenCredential): DeadLetterStore {
  return async (letter) => {
    // Loaded when first needed: the library is large and dead letters are rare.
    const { ContainerClient } = await import('@azure/storage-blob');
    const container = new ContainerClient(`${blobEndpoint}/${deadLetterContainer}`, credential);
    const content = deadLetterContent(letter);
    await container
      .getBlockBlobClient(deadLetterName(letter.lastAttemptAt))
      .upload(content, Buffer.byteLength(content));
  };
}

/** The same names below `folder`. */
export function fileDeadLetters(folder: string): DeadLetterStore {
  return async (letter) => {
    const file = path.join(folder, deadLetterName(letter.lastAttemptAt));
    await mkdir(path.dirname(file), { recursive: true });
    writePrivateFile(file, deadLetterContent(letter));
  };
}

function deadLetterName(at: Date): string {
  const [year, month, day, hour] = at.toISOString().split(/[-T:]/);
  const folder = `${topicName}/${subscriptionName}`.toUpperCase();
  return `${folder}/${year}/${Number(month)}/${Number(day)}/${Number(hour)}/${randomUUID()}.json`;
}

/** An array, as in Azure, which may put several events into one blob; attribute names follow CloudEvents. */
function deadLetterContent(letter: DeadLetter): string {
  const event = {
    ...letter.delivery.event,
    deadletterreason: letter.reason,
    deliveryattempts: letter.attempts,
    lastdeliveryoutcome: letter.outcome.name,
    ...(letter.outcome.status === undefined ? {} : { lasthttpstatuscode: letter.outcome.status }),
    publishtime: letter.delivery.publishedAt.toISOString(),
    lastdeliveryattempttime: letter.lastAttemptAt.toISOString(),
  };
  return JSON.stringify([event]);
}
