import { partAt, type Session } from './session';

const before = '2026-03-02T09:00:00.000Z';
const at = '2026-03-02T10:00:00.000Z';
const after = '2026-03-02T10:00:00.001Z';

function session(
  record: 'full' | 'none',
  rollOver?: Pick<Required<Session>['rollOver'], 'part' | 'outcome'>,
) {
  const decision = { record } as Session['decision'];
  return rollOver ? { decision, rollOver: { ...rollOver, at, showNotification: false } } : { decision };
}

it.each([
  ['a session that never rolled over', session('full'), [1, 1, 1]],
  ['a session that was never recorded', session('none'), [undefined, undefined, undefined]],
  [
    'a session that rolled over to its fourth part',
    session('full', { part: 4, outcome: 'continues' }),
    [3, 4, 4],
  ],
  [
    'a session whose recording stopped at the roll-over',
    session('none', { part: 2, outcome: 'stops' }),
    [1, undefined, undefined],
  ],
  [
    'a session that was not recorded when it rolled over',
    session('none', { part: 2, outcome: 'notRecorded' }),
    [undefined, undefined, undefined],
  ],
])('the part in which an event of %s was recorded is that of its time', (_, given, parts) => {
  expect([before, at, after].map((time) => partAt(given, time))).toEqual(parts);
});
