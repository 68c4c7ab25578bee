import { Course } from './course';

/** A run with a mark of so many MB after each of so many seconds. */
function courseOf(quarters: readonly [seconds: number, megabytes: number][], recordings = 100_000): Course {
  const course = new Course(recordings);
  course.kills = 3;
  let atMs = 0;
  for (const [seconds, residentMegabytes] of quarters) {
    atMs += seconds * 1000;
    course.note(residentMegabytes);
    course.marks.push({ atMs, residentMegabytes, heapMegabytes: 50 });
  }
  return course;
}

const steady: [number, number][] = [
  [0, 150],
  [140, 250],
  [100, 300],
  [100, 310],
  [105, 305],
];

it('accepts a run with an even pace and bounded memory, and knows its quarters', () => {
  const course = courseOf(steady);
  expect(course.excess()).toEqual([]);
  expect(course.quartersSeconds).toEqual([140, 100, 100, 105]);
  expect(course.growthMegabytes).toBe(160);
});

it('a quarter is due as soon as its recordings are archived', () => {
  const course = courseOf(steady.slice(0, 2));
  expect([24_999, 49_999, 50_000, 100_000].map((archived) => course.due(archived))).toEqual([-1, 0, 1, 3]);
});

it('refuses a pace that falls, except where too few recordings show one', () => {
  const slower: [number, number][] = [...steady.slice(0, 4), [151, 305]];
  expect(courseOf(slower).excess()).toEqual(['the second quarter took 100 s, the last one 151 s']);
  expect(courseOf(slower, 5_000).excess()).toEqual([]);
});

it('refuses growth between two marks, and a run with fewer kills', () => {
  const course = courseOf(steady);
  course.note(406);
  course.kills = 2;
  expect(course.excess()).toEqual(['the host was killed 2 times only', 'the host grew by 256 MB']);
});
