/** The host's log: one line per entry on standard output, in the wording of the real host. */
import { type RpcException, type RpcLog, type RpcLogLevel } from './worker/rpc';

type LogLevel = Exclude<RpcLogLevel, 'none'>;

export interface HostLog {
  write(level: LogLevel, category: string, message: string): void;
}

const SEVERITY: readonly string[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'];

/** A log that drops what is below `minimum` (host.json `logging.logLevel.default`). */
export function createHostLog(minimum: RpcLogLevel, print: (line: string) => void): HostLog {
  const threshold = SEVERITY.indexOf(minimum);
  return {
    write(level, category, message) {
      if (SEVERITY.indexOf(level) < threshold) return;
      print(`[${new Date().toISOString()}] [${level}] ${category}: ${oneLine(message)}`);
    },
  };
}

/** Writes lines from the worker: the app's own under its function's category, as in the real host. */
export function workerLog(log: HostLog): (entry: RpcLog) => void {
  return ({ level, category, functionName, message }) => {
    if (level === 'none') return;
    const owner = functionName ? `Function.${functionName}${category === 'user' ? '.User' : ''}` : 'Worker';
    log.write(level, owner, message);
  };
}

/** A failing orchestrator appends its state to the message of the exception, after this marker. */
const ORCHESTRATOR_STATE = '\n\n$OutOfProcData$:';

/** An exception in one line: message, then origin. For an orchestrator's state only the error is shown. */
export function describeException({ message: fullMessage, stackTrace }: RpcException): string {
  const [text = '', state] = fullMessage.split(ORCHESTRATOR_STATE);
  const message = state === undefined ? text : (JSON.parse(state) as { error?: string }).error;
  const frames = stackTrace.split('\n').filter((line) => /^\s+at /.test(line));
  return [message, ...frames.slice(0, 6).map((frame) => frame.trim())].join(' ');
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function oneLine(text: string): string {
  return text.replace(/\s*\r?\n\s*/g, ' | ');
}
