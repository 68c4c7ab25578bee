/** What one customer's work may take of an instance. */
import { testConfig } from '../tests/support/test-services';
import { TestClock } from '../tests/support/test-clock';
import { WorkLimits } from './work-limits';

let clock: TestClock;
let limits: WorkLimits;

beforeEach(() => {
  clock = new TestClock();
  limits = new WorkLimits(
    {
      ...testConfig.requests,
      customerMatchingMsPerMinute: 15_000,
      customerPolicyMsPerMinute: 6_000,
      customerConcurrentRequests: 2,
    },
    clock,
  );
});

const refusal = (retryAfterSeconds: number) =>
  expect.objectContaining({ code: 'too-many-requests', retryAfterSeconds }) as Error;

describe('CCL-6: the processor time for matching events', () => {
  it('is paid when it is known, and refused to its customer alone while it is used up', () => {
    limits.matching.matched('slow', 10, 5_000);
    expect(() => limits.matching.admit('slow')).toThrow(refusal(11));
    limits.matching.admit('other');
    clock.advanceSeconds(11);
    limits.matching.admit('slow');
  });

  it('is expected of what is accepted, by what earlier events took, before they are matched', () => {
    limits.matching.expect('slow', 1_000);
    limits.matching.admit('slow');
    limits.matching.matched('slow', 1, 20);
    limits.matching.expect('slow', 1_000);
    // A thousand events of 20 ms each: at a quarter of a processor 80 s, 10 of which were saved up.
    expect(() => limits.matching.admit('slow')).toThrow(refusal(71));
    limits.matching.admit('other');
  });

  it('counts what responses take as well, ten milliseconds each', () => {
    limits.matching.matched('busy', 1_000, 40);
    limits.matching.acted('busy', 1_000, 10);
    limits.matching.admit('busy');
    limits.matching.acted('busy', 1_000, 600);
    // 6.14 s at a quarter of a processor are 25 s, ten of which were saved up.
    expect(() => limits.matching.admit('busy')).toThrow(refusal(15));
    limits.matching.admit('other');
  });

  it('never delays ordinary events: a thousand of 50 µs in each of thirty batches at once', () => {
    for (let batch = 0; batch < 30; batch++) {
      limits.matching.admit('usual');
      limits.matching.expect('usual', 1_000);
      limits.matching.matched('usual', 1_000, 50);
    }
  });

  it('lets a delivery wait for time that comes soon, and come again for what comes later', async () => {
    limits.matching.matched('slow', 1, 2_510);
    const startedAt = performance.now();
    await limits.matching.pause('slow');
    expect(performance.now() - startedAt).toBeGreaterThan(30);
    limits.matching.matched('slow', 1, 5_000);
    await expect(limits.matching.pause('slow')).rejects.toThrow(refusal(21));
    await limits.matching.pause('other');
  });
});

it("OPS-2: an administrator's operations on large policies use up their customer's time, not that of events", () => {
  limits.operations.spend('large', 6_500);
  expect(() => limits.operations.admit('large')).toThrow(refusal(6));
  limits.matching.admit('large');
  limits.operations.admit('other');
});
