/** The times of commands: which kinds are delivered again, and when they have failed. */
import { RUNNING_LEASE_SECONDS } from './command';
import { COMMAND_KIND_TABLE } from './command-kinds';

const REPORT_EVERY_SECONDS = 60;

describe.each(Object.entries(COMMAND_KIND_TABLE))('%s', (_, { silenceSeconds, maxRunSeconds }) => {
  it('CCL-4: is delivered again, after an interruption, long before it has failed', () => {
    expect(RUNNING_LEASE_SECONDS).toBeGreaterThanOrEqual(2 * REPORT_EVERY_SECONDS);
    expect(silenceSeconds).toBeGreaterThanOrEqual(2 * RUNNING_LEASE_SECONDS);
    expect(maxRunSeconds).toBeGreaterThan(silenceSeconds);
  });
});
