/** Recommendations for the answers of the wizard. */
import fc from 'fast-check';
import { recommend, recordingNeeds, type RecordingNeeds } from './recommendation';

const EXAMPLE: RecordingNeeds = {
  concurrentSessions: '4000-6000',
  visualMovement: 'some',
  sessionsPerDay: '5000-10000',
  retentionDays: '15-30',
};

it('REC-1: recommends three servers and 30 TiB in six shares for the example of the documentation', () => {
  expect(recommend(EXAMPLE)).toMatchObject({ servers: 3, storageTib: 30, shares: 6, notices: [] });
});

it('REC-1: recommends nothing for a part that was not answered in full', () => {
  expect(recommend({})).not.toHaveProperty('servers');
  expect(recommend({ concurrentSessions: '0-2000' })).toMatchObject({ servers: 1 });
  for (const missing of ['visualMovement', 'sessionsPerDay', 'retentionDays'] as const) {
    const found = recommend({ ...EXAMPLE, [missing]: undefined });
    expect(found).toMatchObject({ servers: 3 });
    expect(found).not.toHaveProperty('shares');
  }
});

it('says when one site cannot hold it', () => {
  const found = recommend({ ...EXAMPLE, visualMovement: 'much', sessionsPerDay: '20000-50000' });
  expect(found.notices).toEqual([expect.stringContaining('several sites')]);
});

it('never recommends less for more', () => {
  const bands = (name: keyof RecordingNeeds) => Object.keys(recordingNeeds.shape[name].unwrap().enum);
  const field = fc.constantFrom(
    'concurrentSessions',
    'sessionsPerDay',
    'retentionDays',
    'visualMovement' as const,
  );
  fc.assert(
    fc.property(field, fc.nat(), (name, at) => {
      const values = bands(name);
      const index = at % (values.length - 1);
      const [less, more] = [0, 1].map((step) => recommend({ ...EXAMPLE, [name]: values[index + step] }));
      expect(more?.servers).toBeGreaterThanOrEqual(less?.servers ?? Infinity);
      expect(more?.storageTib).toBeGreaterThanOrEqual(less?.storageTib ?? Infinity);
    }),
  );
});
