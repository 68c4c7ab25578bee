/** The one line that a request leaves in the log: when it was refused, failed or slow. */
import type { Config } from '../config';
import type { Problem } from '../problem';
import type { Log, Properties } from '../telemetry/telemetry';

/** Who is refused like this may be trying what they should not. */
const SUSPICIOUS = [403, 429];

/** One request from its beginning to its end. */
export class RequestLog {
  /** Known when the caller is. */
  customerId: string | undefined;
  /** Of the time that it takes, what the caller asked it to wait. */
  waitSeconds = 0;
  private readonly startedAt = performance.now();

  constructor(
    private readonly log: Log,
    private readonly operation: string,
    private readonly traceId: string,
    private readonly config: Pick<Config, 'requests'>,
  ) {}

  /** The request was answered as its operation declares. */
  answered(status: number): void {
    if (status >= 500) this.log.error('request.failed', `answered with ${status}`, this.properties(status));
    else if (this.milliseconds() > (this.config.requests.slowSeconds + this.waitSeconds) * 1000)
      this.log.warn('request.slow', this.properties(status));
  }

  /** The request was answered with a problem; `cause` is what made it one. */
  refused({ status, code }: Problem, cause: unknown): void {
    const properties = { ...this.properties(status), code };
    if (status >= 500) this.log.error('request.failed', cause, properties);
    else if (SUSPICIOUS.includes(status)) this.log.warn('request.refused', properties);
    else this.log.info('request.refused', properties);
  }

  /** What went on after the deadline has ended: with a status, or with a problem. */
  finishedLate(status: number, code?: string): void {
    this.log.warn('request.finished-late', { ...this.properties(status), code });
  }

  private properties(status: number): Properties {
    const { operation, traceId, customerId } = this;
    return { operation, traceId, customerId, status, durationMs: Math.round(this.milliseconds()) };
  }

  private milliseconds(): number {
    return performance.now() - this.startedAt;
  }
}
