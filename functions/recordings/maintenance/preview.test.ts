/** Projecting what was counted in time to the whole site. */
import fc from 'fast-check';
import { type MonthCount, project } from './preview';

const NONE = { recordings: 0, bytes: 0 };
const month = (counted: number, parts: number, recordings: number, name = '2030-01'): MonthCount => ({
  month: name,
  parts,
  counted,
  archive: { recordings, bytes: recordings * 10 },
  delete: NONE,
});

it('MNG-4: is exact when everything was counted', () => {
  expect(project([month(1, 1, 3, '2030-01'), month(16, 16, 5, '2029-12')])).toMatchObject({
    isEstimate: false,
    archive: { recordings: 8, bytes: 80 },
    byMonth: [{ month: '2029-12' }, { month: '2030-01' }],
  });
});

it('MNG-4: projects from counted buckets to a month, and from counted months to the others', () => {
  expect(project([month(4, 16, 10)])).toMatchObject({
    isEstimate: true,
    archive: { recordings: 40, bytes: 400 },
  });
  expect(project([month(1, 1, 10, '2030-01'), month(0, 1, 0, '2029-12')]).byMonth).toMatchObject([
    { month: '2029-12', archive: { recordings: 10 } },
    { month: '2030-01', archive: { recordings: 10 } },
  ]);
  expect(project([month(0, 1, 0)])).toMatchObject({ isEstimate: true, archive: NONE, byMonth: [] });
});

it('MNG-4: the months add up to the whole', () => {
  const counts = fc
    .tuple(fc.constantFrom(31, 128, 256), fc.nat(256), fc.nat(100_000))
    .map(([parts, counted, recordings]) =>
      month(Math.min(counted, parts), parts, counted === 0 ? 0 : recordings),
    );
  fc.assert(
    fc.property(fc.array(counts, { maxLength: 24 }), (months) => {
      const { archive, byMonth } = project(months);
      expect(byMonth.reduce((sum, one) => sum + one.archive.recordings, 0)).toBe(archive.recordings);
    }),
  );
});
