/** What a server has to deliver about itself, beside its sessions: performance samples, and changes made on it. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { type Connection, RejectedError } from './connection';
import type { LocalChange } from './machine';
import { Spool } from './spool';

/** What was measured at one moment. */
export interface PerformanceSample {
  /** RFC 3339, by the clock of the machine. */
  time: string;
  cpuPercent: number;
  memoryPercent: number;
  networkSendBytes: number;
  networkReceiveBytes: number;
}

type ServerRecord =
  | { kind: 'performance'; batchId: string; sessionId?: string; samples: PerformanceSample[] }
  | { kind: 'localChanges'; records: LocalChange[] };

const MAX_CHANGES = 500;
const MAX_SAMPLE_BYTES = 16 * 1_048_576;

export interface ServerRecordOptions {
  folder: string;
  /** From this size on the oldest samples are dropped: they are the first thing that may be lost. */
  maxSampleBytes?: number;
  /** Called for what the service has rejected permanently. */
  onRejectedRecord?: (kind: ServerRecord['kind'], reason: RejectedError) => void;
  onDamaged?: (file: string) => void;
}

export class ServerRecords {
  private readonly samples: Spool<ServerRecord>;
  private readonly changes: Spool<ServerRecord>;

  constructor(private readonly options: ServerRecordOptions) {
    const { folder, maxSampleBytes: maxBytes = MAX_SAMPLE_BYTES, onDamaged = () => undefined } = options;
    this.samples = new Spool(path.join(folder, 'performance'), { maxBytes, dropOldest: true, onDamaged });
    this.changes = new Spool(path.join(folder, 'local-changes'), { onDamaged });
  }

  /** @param sessionId absent: they are of the server itself */
  addSamples(samples: PerformanceSample[], sessionId?: string): void {
    if (samples.length === 0) return;
    const batch = { kind: 'performance' as const, batchId: randomUUID(), samples };
    this.samples.append({ ...batch, ...(sessionId === undefined ? {} : { sessionId }) });
  }

  addChanges(changes: readonly LocalChange[]): void {
    for (let at = 0; at < changes.length; at += MAX_CHANGES)
      this.changes.append({ kind: 'localChanges', records: changes.slice(at, at + MAX_CHANGES) });
  }

  /** Number of batches that wait. */
  get pending(): number {
    return this.samples.size + this.changes.size;
  }

  /**
   * Delivers until the signal.
   * @param checkServer registers the machine again when the service has lost it
   * @throws CredentialsRefusedError, RejectedError when the client cannot go on
   */
  async run(
    connection: Connection,
    serverId: () => string,
    checkServer: () => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const deliver = async (record: ServerRecord): Promise<'delivered' | 'refused'> => {
      const attempt = () => send(connection, serverId(), record, signal);
      try {
        await attempt().catch(async (error: unknown) => {
          if (!(error instanceof RejectedError) || error.status !== 404) throw error;
          await checkServer();
          await attempt();
        });
        return 'delivered';
      } catch (error) {
        if (!(error instanceof RejectedError)) throw error;
        this.options.onRejectedRecord?.(record.kind, error);
        return 'refused';
      }
    };
    await Promise.all([this.samples.drain(deliver, signal), this.changes.drain(deliver, signal)]);
  }
}

async function send(
  connection: Connection,
  serverId: string,
  record: ServerRecord,
  signal: AbortSignal,
): Promise<void> {
  const { kind, ...content } = record;
  const options = { gzip: true, signal };
  if (kind === 'performance')
    await connection.call('POST', '/performance', { body: { serverId, ...content }, ...options });
  else await connection.call('POST', `/servers/${serverId}/logs`, { body: content, ...options });
}
