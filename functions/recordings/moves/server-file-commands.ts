/** What servers report of the files of recordings that they were asked to archive or delete (RCD-9). */
import type { Services } from '../../../shared/services';
import type { Stored } from '../../../shared/cosmos/document-type';
import { Problem } from '../../../shared/problem';
import { type CommandPurpose, findCommandEnd } from '../../servers';
import type { Recording } from '../recording';
import { findRecording } from '../store';
import { endArchive, failArchive } from './archive-recording';
import { endDeletion, failDeletion } from './delete-recording';
import type { Moving } from './move-order';
import { commandIdOf, SERVER_FILES_PURPOSE } from './server-files';

type CommandEnd = NonNullable<Awaited<ReturnType<typeof findCommandEnd>>>;

/** Takes the outcomes of commands; late and repeated ones change nothing. */
export const recordingFileCommands: CommandPurpose = {
  name: SERVER_FILES_PURPOSE,
  async onOutcome(services, { replyTo, ...outcome }) {
    const { customerId = '', recordingId = '', startedAt } = replyTo;
    const recording = await findRecording(services, customerId, recordingId);
    if (recording?.move && recording.move.startedAt === startedAt)
      await takeOutcome(services, customerId, recording, outcome);
  },
};

/** Ends the move of a recording whose server has answered in the meantime; returns whether it has. */
export async function endAnsweredMove(
  services: Moving,
  customerId: string,
  recording: Stored<Recording>,
): Promise<boolean> {
  const { serverId } = recording;
  const end = await findCommandEnd(services, customerId, serverId, commandIdOf(recording));
  if (end) await takeOutcome(services, customerId, recording, end);
  return end !== undefined;
}

async function takeOutcome(
  services: Pick<Services, 'database' | 'blobs' | 'archives' | 'clock'>,
  customerId: string,
  recording: Stored<Recording>,
  { status, reason, data }: CommandEnd,
): Promise<void> {
  const isArchive = recording.move?.kind === 'archive';
  if (status === 'succeeded') {
    const path = data?.kind === 'archiveFile' ? data.path : undefined;
    return isArchive
      ? endArchive(services, customerId, recording, path)
      : endDeletion(services, customerId, recording);
  }
  const why = failureOf(recording, reason ?? 'it gave no reason: see the log of its cloud client');
  if (!isArchive) return failDeletion(services, customerId, recording, why);
  await failArchive(services, customerId, recording, why).catch((error: unknown) => {
    // The recording says so; nobody waits here.
    if (!(error instanceof Problem)) throw error;
  });
}

/** The reason, with the rights that are most often missing (B4368). */
function failureOf({ move }: Recording, reason: string): string {
  if (move?.kind !== 'archive') {
    return `Its server could not delete the file: ${reason}. SYSTEM and NETWORK SERVICE need the right to delete it.`;
  }
  const rights = move.location?.startsWith('\\\\')
    ? 'all computer accounts of the recording servers of the site need to read and write the share'
    : 'SYSTEM and NETWORK SERVICE need to read and write the folder';
  return `Its server could not move the file to ${move.location}: ${reason}. Check the rights: ${rights}.`;
}
