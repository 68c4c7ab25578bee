/** Asks a server to archive or delete the file of a recording that stays on its storage (RCD-9). */
import { derivedId } from '../../../shared/ids';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { type CommandContent, queueCommand } from '../../servers';
import type { Recording } from '../recording';
import type { Move } from './move';

/** Stored with every command. */
export const SERVER_FILES_PURPOSE = 'recordingFiles';
/** A server that is offline may come back within a day. */
const ASKED_FOR_SECONDS = 86_400;

type Asking = Pick<Services, 'database' | 'clock'>;

/** The command of a move: one, however often it is resumed. */
export function commandIdOf({ id, move }: Pick<Recording, 'id' | 'move'>): string {
  return derivedId('recording-file', id, move?.kind ?? '', move?.startedAt ?? '');
}

/** Queues the command, once; returns what the task says of it. */
export function askServerToArchive(
  services: Asking,
  customerId: string,
  recording: Recording,
): Promise<string> {
  const { path, location = '' } = { path: pathOf(recording), ...recording.move };
  return ask(services, customerId, recording, { kind: 'archiveFile', parameters: { path, location } });
}

/** Queues the command, once; returns what the task says of it. */
export function askServerToDelete(
  services: Asking,
  customerId: string,
  recording: Recording,
): Promise<string> {
  const parameters = { path: pathOf(recording) };
  return ask(services, customerId, recording, { kind: 'deleteFile', parameters });
}

function pathOf({ serverPath }: Recording): string {
  if (serverPath === undefined) throw new Problem('conflict', 'The server has not said where its file lies.');
  return serverPath;
}

async function ask(
  services: Asking,
  customerId: string,
  recording: Recording,
  content: CommandContent,
): Promise<string> {
  const { id: recordingId, sessionId, serverId, move } = recording;
  await queueCommand(services, {
    ...content,
    id: commandIdOf(recording),
    customerId,
    serverId,
    sessionId,
    expiresAt: expiryOf(move, services.clock.now()),
    purpose: SERVER_FILES_PURPOSE,
    replyTo: { customerId, recordingId, startedAt: move?.startedAt ?? '' },
  });
  return 'Its server was asked to do it: the recording shows what became of it.';
}

function expiryOf(move: Move | undefined, now: Date): Date {
  const startedAt = move === undefined ? now.getTime() : Date.parse(move.startedAt);
  return new Date(startedAt + ASKED_FOR_SECONDS * 1000);
}
