/** A machine whose sessions are in a log: commands on them fail, and the service gets the reason. */
import type { SessionHost } from '../command-runner';

export class LogOnlyHost implements SessionHost {
  startScreenRecording = refuse;
  lockSession = refuse;
  logOffSession = refuse;
  disconnectSession = refuse;
  notifyUser = refuse;
}

function refuse(): Promise<void> {
  return Promise.reject(new Error('the sessions are in a log, not on this machine'));
}
