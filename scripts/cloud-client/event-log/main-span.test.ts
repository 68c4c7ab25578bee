import { mainSpan, type RecordsAt } from './main-span';

const some = (time: string, count = 1): RecordsAt => ({
  first: Date.parse(time),
  last: Date.parse(time),
  count,
});
const shown = (records: readonly RecordsAt[]): unknown => {
  const span = mainSpan(records);
  return (
    span && [
      new Date(span.first).toISOString().slice(0, 10),
      new Date(span.last).toISOString().slice(0, 10),
      span.strayCount,
    ]
  );
};

test('CCL-7: records years away from all others do not decide when a log ends', () => {
  const day = [some('2026-03-02', 30), some('2026-03-03', 30)];
  expect(shown([...day, some('2036-02-07')])).toEqual(['2026-03-02', '2026-03-03', 1]);
  expect(shown([...day, some('1970-01-01', 2)])).toEqual(['2026-03-02', '2026-03-03', 2]);
  expect(shown([some('1601-01-01'), some('2026-03-02'), some('2036-02-07')])).toEqual([
    '2026-03-02',
    '2026-03-02',
    2,
  ]);
});

test('a log of several years ends with its last part', () => {
  expect(shown([some('2024-03-02', 2), some('2026-03-02', 2)])).toEqual(['2024-03-02', '2026-03-02', 0]);
});

test('without records there is none, and what is all in 1970 is there', () => {
  expect(mainSpan([])).toBeUndefined();
  expect(shown([some('1970-01-01', 3)])).toEqual(['1970-01-01', '1970-01-01', 0]);
});
