/** A machine with sessions that exist only in a log: commands on them are recorded, and a screen recording is provided. */
import type { Command, SessionHost } from '../cloud-client/command-runner';

export class DemoHost implements SessionHost {
  /** Sessions whose screen is being recorded, by session id, with the start of the recording. */
  readonly recording = new Map<string, string>();

  startScreenRecording = async ({ sessionId }: Command): Promise<void> => {
    if (sessionId && !this.recording.has(sessionId)) this.recording.set(sessionId, new Date().toISOString());
  };
  // The sessions are in a log, so there is nothing to lock; the command succeeds without effect.
  lockSession = async (): Promise<void> => {};
  logOffSession = async (): Promise<void> => {};
  disconnectSession = async (): Promise<void> => {};
  notifyUser = async (): Promise<void> => {};
}
