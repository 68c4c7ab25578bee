/** What a log line looks like, and where its level goes. */
import { InvocationContext } from '@azure/functions';
import { invocationLog, lineLog } from './telemetry';

function recording() {
  const lines: [level: string, line: unknown][] = [];
  const context = new InvocationContext({
    invocationId: 'a-b',
    logHandler: (level, line) => lines.push([level, JSON.parse(String(line))]),
  });
  return { lines, log: invocationLog(context) };
}

it('hands the level to the platform, beside the line', () => {
  const { lines, log } = recording();
  log.info('responses.resumed', { resumed: 2 });
  log.warn('prices.snapshot-used');
  log.error('trigger.failed', 'why', { function: 'sweep' });
  expect(lines).toEqual([
    ['information', { event: 'responses.resumed', traceId: 'ab', resumed: 2 }],
    ['warning', { event: 'prices.snapshot-used', traceId: 'ab' }],
    ['error', { event: 'trigger.failed', traceId: 'ab', function: 'sweep', error: 'why' }],
  ]);
});

it('says where an error comes from, and what caused it', () => {
  const lines: string[] = [];
  lineLog((line) => lines.push(line)).error(
    'trigger.failed',
    new Error('outer', { cause: new Error('inner') }),
  );
  expect(lines[0]).toMatch(/Error: outer.*telemetry\.test\.ts.*caused by Error: inner/s);
  expect(lines[0]).not.toContain('\n');
});
