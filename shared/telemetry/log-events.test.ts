/** The catalogue and its page for operators say the same. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LOG_EVENTS } from './log-events';

it('lists every log event in docs/log-events.md with its level and meaning', () => {
  const page = readFileSync(path.join(__dirname, '../../docs/log-events.md'), 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const listed = rows.map(([, event, level, meaning]) => ({ event, level, meaning }));
  const expected = Object.entries(LOG_EVENTS).map(([event, { levels, meaning }]) => ({
    event: `\`${event}\``,
    level: levels.join(', '),
    meaning,
  }));
  expect(listed).toEqual(expected);
});

it('names every event by what it is about and what happened', () => {
  for (const event of Object.keys(LOG_EVENTS)) expect(event).toMatch(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/);
});
