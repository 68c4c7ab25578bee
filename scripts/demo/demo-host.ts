/** A machine with sessions that exist only in a log: what commands do to them is noted, and a recording of the screen is kept ready. */
import type { Command, SessionHost } from '../cloud-client/command-runner';

export class DemoHost implements SessionHost {
  /** Sessions whose screen is being recorded, by session id, with the start of the recording. */
  readonly recording = new Map<string, string>();

  startScreenRecording = async ({ sessionId }: Command): Promise<void> => {
    if (sessionId && !this.recording.has(sessionId)) this.recording.set(sessionId, new Date().toISOString());
  };
  // The sessions are in a log, so there is nothing to lock; that the command was carried out is what counts.
  lockSession = async (): Promise<void> => {};
  logOffSession = async (): Promise<void> => {};
  disconnectSession = async (): Promise<void> => {};
  notifyUser = async (): Promise<void> => {};
}
