import fc from 'fast-check';
import { type Recording, RECORDING_STATES } from '../recording';
import {
  archived,
  archiveFailed,
  beginArchive,
  beginDeletion,
  deletionFailed,
  isOverdue,
  sourceDeleted,
  whyBlocked,
  whyNotArchivable,
  whyNotDeletable,
} from './move';

const NOW = new Date('2030-01-15T12:00:00.000Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const RECORDING: Recording = {
  id: 'r',
  sessionId: 's',
  part: 1,
  siteId: 'site',
  serverId: 'server',
  container: 'webm',
  state: 'complete',
  userName: 'ada',
  userKey: 'ada',
  accountKey: 'ada',
  startedAt: '2030-01-15T10:00:00.000Z',
  blobName: 'c/r.webm',
  dueAt: '2030-01-15T12:10:00.000Z',
};
const ARCHIVE = {
  operation: 'task',
  location: 'cold',
  target: 'c/r.webm',
  source: { name: 'c/r.webm', etag: '"1"', sizeBytes: 3 },
};
const recordings = fc.record({
  state: fc.constantFrom(...RECORDING_STATES),
  archiveBlockedUntil: fc.option(fc.constant(later(60).toISOString()), { nil: undefined }),
});

describe('MNG-1: a recording', () => {
  it('is archived in steps, and remembers its source until that is deleted', () => {
    const archiving = beginArchive(RECORDING, ARCHIVE, NOW);
    expect(archiving).toMatchObject({ state: 'archiving', blobName: 'c/r.webm', move: { from: 'complete' } });
    const switched = archived(archiving, undefined, NOW);
    expect(switched).toMatchObject({
      state: 'archived',
      blobLocation: 'cold',
      archivedAt: NOW.toISOString(),
      leftSource: ARCHIVE.source,
    });
    expect(switched.move).toBeUndefined();
    expect(sourceDeleted(switched)).toMatchObject({ leftSource: undefined, dueAt: RECORDING.dueAt });
  });

  it('is after a failed move what it was before, but for the failure', () => {
    const failed = archiveFailed(beginArchive(RECORDING, ARCHIVE, NOW), 'Its file is missing.', NOW);
    const { archiveFailure, archiveBlockedUntil, ...before } = failed;
    expect(before).toEqual({ ...RECORDING, move: undefined });
    expect(archiveFailure).toBe('Its file is missing.');
    expect(archiveBlockedUntil).toBe(later(86_400).toISOString());
    const deleting = beginDeletion(RECORDING, { operation: 'task', deleteFiles: true }, NOW);
    expect(deletionFailed(deleting)).toEqual({ ...RECORDING, move: undefined });
  });

  it('is not played, deleted or archived by a schedule for 24 hours after a failed archive, but archived by hand', () => {
    const failed = archiveFailed(beginArchive(RECORDING, ARCHIVE, NOW), 'x', NOW);
    for (const [seconds, isBlocked] of [
      [86_399, true],
      [86_400, false],
    ] as const) {
      const now = later(seconds);
      expect(whyBlocked(failed, now) !== undefined).toBe(isBlocked);
      expect(whyNotDeletable(failed, now) !== undefined).toBe(isBlocked);
      expect(whyNotArchivable(failed, now, true) !== undefined).toBe(isBlocked);
      expect(whyNotArchivable(failed, now, false)).toBeUndefined();
    }
    expect(whyBlocked(failed, NOW)).toContain(later(86_400).toISOString());
    const again = archived(beginArchive(failed, ARCHIVE, NOW), undefined, NOW);
    expect([again.archiveFailure, again.archiveBlockedUntil]).toEqual([undefined, undefined]);
  });

  it('is never archived or deleted while it is made, verified or moved', () => {
    fc.assert(
      fc.property(recordings, fc.boolean(), (facts, isScheduled) => {
        const busy = ['uploading', 'verifying', 'archiving', 'deleting'].includes(facts.state);
        const recording = { ...RECORDING, ...facts };
        if (busy) {
          expect(whyNotArchivable(recording, NOW, isScheduled)).toBeDefined();
          expect(whyNotDeletable(recording, NOW)).toBeDefined();
        }
        if (whyNotArchivable(recording, NOW, isScheduled) === undefined)
          expect(['complete', 'damaged']).toContain(facts.state);
      }),
    );
  });

  it('stays as it is when a step comes that does not belong to its state', () => {
    fc.assert(
      fc.property(recordings, ({ state }) => {
        const recording = { ...RECORDING, state };
        expect(archived(recording, undefined, NOW)).toBe(recording);
        expect(archiveFailed(recording, 'x', NOW)).toBe(recording);
        expect(deletionFailed(recording)).toBe(recording);
      }),
    );
  });

  it('on the storage of its server has its new path once it is archived', () => {
    const onServer: Recording = {
      ...RECORDING,
      storage: 'server',
      serverPath: 'D:\\r.webm',
      blobName: undefined,
    };
    const { source: _source, ...archive } = ARCHIVE;
    const done = archived(beginArchive(onServer, archive, NOW), 'E:\\Archive\\r.webm', NOW);
    expect(done).toMatchObject({ state: 'archived', serverPath: 'E:\\Archive\\r.webm', dueAt: undefined });
    expect([done.leftSource, done.blobLocation]).toEqual([undefined, undefined]);
  });

  it('counts as failed when it could not be archived for a day', () => {
    const startedAt = NOW.toISOString();
    expect([isOverdue({ startedAt }, later(86_399)), isOverdue({ startedAt }, later(86_400))]).toEqual([
      false,
      true,
    ]);
  });
});
