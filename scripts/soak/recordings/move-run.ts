/**
 * One seeded run: the recordings of a session are archived and deleted by processes that die at a call of chance. At each
 * moment every recording that exists must have its whole file; once the sweeps have run, everything must be done, once.
 */
import { randomBytes } from 'node:crypto';
import { maintainUploads, resumeGates } from '../../../functions/recordings';
import { archiveRecording } from '../../../functions/recordings/moves/archive-recording';
import { deleteRecording } from '../../../functions/recordings/moves/delete-recording';
import { type Recording, recordingType } from '../../../functions/recordings/recording';
import { fileOf } from '../../../functions/recordings/recording-file';
import { sessionPartition } from '../../../functions/sessions';
import { type Session, sessionType } from '../../../functions/sessions/session';
import { Random } from '../../../infra/local/stand-in-support/random';
import { ArchiveLocations } from '../../../shared/blobs/archive-locations';
import { newId, newSessionId, recordingId } from '../../../shared/ids';
import type { Services } from '../../../shared/services';
import { lineLog } from '../../../shared/telemetry/telemetry';
import type { RecordingServerTest } from '../../../tests/support/recording-server';
import { Killer } from './killer';

/** More calls than any step makes: a death beyond them is none. */
const CALLS = 40;
const LOCATIONS = ['archive', 'cold'] as const;

export interface MoveRun {
  seed: number;
  kills: number;
  /** What was wrong; undefined when nothing was. */
  failure: string | undefined;
}

/** Runs the seed with a customer of its own. */
export async function runMoves(test: RecordingServerTest, seed: number): Promise<MoveRun> {
  test.newCustomer();
  const run = new Run(test, new Random(seed));
  try {
    await run.play();
    return { seed, kills: run.kills, failure: undefined };
  } catch (error) {
    return { seed, kills: run.kills, failure: error instanceof Error ? error.message : String(error) };
  } finally {
    test.injectFault(undefined);
  }
}

type Step = { kind: 'archive'; location: string } | { kind: 'delete'; deleteFiles: boolean };

class Run {
  kills = 0;
  private readonly killer = new Killer();
  private readonly services: Services;
  private readonly files = new Map<string, Buffer>();
  private readonly sessionId: string;
  private readonly log;

  constructor(
    private readonly test: RecordingServerTest,
    private readonly random: Random,
  ) {
    test.clock.advanceSeconds(1);
    this.sessionId = newSessionId(test.clock.now());
    const blobs = this.killer.wrap(test.blobs.asStore());
    const archives = new ArchiveLocations([
      { name: 'archive', tier: 'Cool', store: blobs },
      { name: 'cold', tier: 'Cold', store: blobs },
    ]);
    this.services = { ...test.services, blobs, archives };
    const errors: string[] = [];
    this.log = lineLog((line) => void errors.push(line));
    test.injectFault(this.killer.database);
  }

  async play(): Promise<void> {
    await this.record();
    const steps: Step[] = [
      ...(this.random.chance(0.8)
        ? [{ kind: 'archive' as const, location: this.random.pick(LOCATIONS) }]
        : []),
      { kind: 'delete', deleteFiles: this.random.chance(0.5) },
    ];
    for (const step of steps) {
      const deaths = this.random.between(1, 3);
      for (let death = 0; death < deaths; death++) {
        await this.attempt(step, true);
        await this.checkFiles(step);
        if (this.random.chance(0.5)) await this.recover(this.random.chance(0.5));
        await this.checkFiles(step);
      }
      // What Durable Functions does with the page of a task, and the sweeps with the rest.
      await this.attempt(step, false);
      await this.recover(false);
      await this.recover(false);
      await this.checkDone(step);
    }
  }

  /** A session that has ended, with one to three recordings. */
  private async record(): Promise<void> {
    const { customerId } = this.test;
    const partition = await sessionPartition(this.services, customerId, this.sessionId);
    const common = { siteId: newId(), serverId: newId(), startedAt: this.test.time() };
    await partition.create(sessionType, {
      ...common,
      id: this.sessionId,
      customerId,
      sessionKey: this.sessionId,
      facts: { user: { name: 'CONTOSO\\ada', groups: [] }, tags: [] },
      state: 'ended',
      // Nothing here looks at it.
      decision: {} as Session['decision'],
    });
    for (let part = 1; part <= this.random.between(1, 3); part++) {
      const id = recordingId(this.sessionId, part);
      const blobName = `${customerId}/${id}.webm`;
      const content = randomBytes(this.random.between(0, 200));
      this.files.set(id, content);
      this.test.blobs.blobs.set(`recordings/${blobName}`, content);
      this.test.blobs.blobs.set(`recordings/incoming/${customerId}/${id}`, content);
      await partition.create(recordingType, { ...common, ...this.recordingOf(id, part, blobName, content) });
    }
  }

  private recordingOf(id: string, part: number, blobName: string, { length }: Buffer) {
    const verifiedAt = this.test.time(-this.random.pick([0, 3_600]));
    const user = { userName: 'CONTOSO\\ada', userKey: 'contoso\\ada', accountKey: 'ada' };
    const upload = { verifiedAt, dueAt: this.test.time(1_200), sizeBytes: length };
    const state = this.random.pick(['complete', 'damaged'] as const);
    return {
      ...user,
      ...upload,
      id,
      sessionId: this.sessionId,
      part,
      container: 'webm',
      state,
      blobName,
    } as const;
  }

  /** Works on every recording, some at the same time, as a page of a task does; possibly until the process dies. */
  private async attempt(step: Step, mayDie: boolean): Promise<void> {
    const death = { atCall: this.random.between(1, CALLS), afterwards: this.random.chance(0.5) };
    this.killer.arm(mayDie ? death : undefined);
    const work = [...this.files.keys()].flatMap((id) => (this.random.chance(0.2) ? [id, id] : [id]));
    const results = await Promise.allSettled(work.map((id) => this.workOn(step, id)));
    const failed = results.find((result) => result.status === 'rejected');
    if (this.killer.hasKilled) this.kills++;
    else if (failed) throw new Error(`${step.kind} failed without a death`, { cause: failed.reason });
    this.killer.arm();
  }

  private workOn(step: Step, id: string): Promise<unknown> {
    const order = {
      customerId: this.test.customerId,
      recordingId: id,
      operation: 'task',
      isScheduled: false,
    };
    return step.kind === 'archive'
      ? archiveRecording(this.services, { ...order, location: step.location })
      : deleteRecording(this.services, { ...order, deleteFiles: step.deleteFiles });
  }

  /** What the sweeps do a while later; they may be killed as well. */
  private async recover(mayDie: boolean): Promise<void> {
    this.test.clock.advanceSeconds(1_300);
    const death = { atCall: this.random.between(1, CALLS), afterwards: this.random.chance(0.5) };
    this.killer.arm(mayDie ? death : undefined);
    await maintainUploads(this.services, this.log).catch(() => undefined);
    await resumeGates(this.services, this.log).catch(() => undefined);
    if (this.killer.hasKilled) this.kills++;
    this.killer.arm();
  }

  /** Each recording that can be shown has all of its file. */
  private async checkFiles(step: Step): Promise<void> {
    for (const [id, content] of this.files) {
      const recording = await this.find(id);
      if (!recording) {
        if (step.kind === 'archive') throw new Error(`${id} is lost`);
        continue;
      }
      if (recording.state !== 'deleting') this.checkFile(recording, content);
    }
  }

  private checkFile(recording: Recording, content: Buffer): void {
    const place = fileOf(this.services, recording);
    const found = place && this.test.blobs.blobs.get(`${place.container}/${place.name}`);
    if (!found?.equals(content))
      throw new Error(`the file of ${recording.id} (${recording.state}) is not there`);
  }

  /** Everything is as the step wants it, and nothing is left over. */
  private async checkDone(step: Step): Promise<void> {
    await this.checkFiles(step);
    for (const [id, content] of this.files) {
      const recording = await this.find(id);
      const names = [...this.test.blobs.blobs.keys()].filter((name) => name.includes(id));
      const media = names.filter((name) => name.endsWith('.webm'));
      if (names.some((name) => name.includes('/incoming/'))) throw new Error(`${id} has an upload left`);
      if (step.kind === 'archive') {
        if (recording?.state !== 'archived') throw new Error(`${id} is ${recording?.state}`);
        if (recording.leftSource) throw new Error(`${id} has its source left`);
        if (media.length !== 1) throw new Error(`${id} has the files ${media.join(', ')}`);
        continue;
      }
      if (recording) throw new Error(`${id} is still there: ${recording.state}`);
      if (
        names.length !== (step.deleteFiles ? 0 : names.length) ||
        media.length !== (step.deleteFiles ? 0 : 1)
      )
        throw new Error(`deleted with ${JSON.stringify(step)}, ${id} has the files ${names.join(', ')}`);
      const [kept = ''] = media;
      if (!step.deleteFiles && !this.test.blobs.blobs.get(kept)?.equals(content))
        throw new Error(`the kept file of ${id} is another`);
    }
    if (step.kind === 'delete') await this.checkSession();
  }

  private async checkSession(): Promise<void> {
    const partition = await sessionPartition(this.services, this.test.customerId, this.sessionId);
    const session = await partition.read(sessionType, this.sessionId);
    if (!session?.isEmptied || session.dueAt !== undefined || session.deletions !== 0)
      throw new Error(`the session is not emptied: ${JSON.stringify(session)}`);
  }

  private async find(id: string): Promise<Recording | undefined> {
    const partition = await sessionPartition(this.services, this.test.customerId, this.sessionId);
    return partition.read(recordingType, id);
  }
}
