/** Requests of one customer that are in work at the same time. */
import { testConfig } from '../../tests/support/test-services';
import { TestClock } from '../../tests/support/test-clock';
import type { Caller } from '../identity/caller';
import type { Services } from '../services';
import { WorkLimits } from '../work-limits';
import { inTurn } from './admission';
import { Deadline } from './deadline';
import type { Operation } from './operation';

const server = (customerId: string): Caller => ({ type: 'client', customerId, id: 'servers', name: '' });
const administrator: Caller = {
  type: 'administrator',
  customerId: 'contoso',
  id: 'ada',
  name: 'Ada',
  kind: 'fullAdmin',
  throughGroup: false,
  isApplication: false,
  groups: [],
  groupOverage: false,
};

let services: Services;
let deadline: Deadline;
/** Whose requests are in work. */
let running: string[];
let end: (() => void)[];

beforeEach(() => {
  const requests = { ...testConfig.requests, customerConcurrentRequests: 2 };
  services = { workLimits: new WorkLimits(requests, new TestClock()) } as Services;
  deadline = new Deadline(60);
  running = [];
  end = [];
});

// Its timer ends.
afterEach(() => deadline.within(Promise.resolve()));

function send(caller: Caller, name: string, waitSeconds?: Operation['waitSeconds']): Promise<string> {
  const operation = (waitSeconds ? { waitSeconds } : {}) as Operation;
  return inTurn(operation, caller, { services, deadline }, async () => {
    running.push(name);
    await new Promise<void>((resolve) => end.push(resolve));
    return name;
  });
}

it('CCL-6: requests of servers beyond those in work wait for their turn, without a cost to others, and all are answered', async () => {
  const sent = ['a1', 'a2', 'a3', 'a4'].map((name) => send(server('contoso'), name));
  sent.push(send(server('fabrikam'), 'b1'), send(administrator, 'c1'), send({ type: 'anonymous' }, 'd1'));
  expect(running).toEqual(['a1', 'a2', 'b1', 'c1', 'd1']);
  while (end.length > 0) {
    end.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(running.slice(5)).toEqual(['a3', 'a4']);
  expect(await Promise.all(sent)).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'd1']);
});

it('CCL-6: refuses with 429 and Retry-After what would wait behind too many', async () => {
  for (let n = 0; n < 52; n++) void send(server('contoso'), `a${n}`);
  await expect(send(server('contoso'), 'one more')).rejects.toMatchObject({
    status: 429,
    retryAfterSeconds: 2,
  });
});

it('OPS-2: what hangs beyond its deadline keeps no place', async () => {
  deadline = new Deadline(0.05);
  void send(server('contoso'), 'hangs 1');
  void send(server('contoso'), 'hangs 2');
  deadline = new Deadline(60);
  void send(server('contoso'), 'waits');
  expect(running).toEqual(['hangs 1', 'hangs 2']);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(running).toEqual(['hangs 1', 'hangs 2', 'waits']);
});

it('CCL-4: a long poll keeps no place: servers that wait for commands do not keep others from their work', () => {
  for (let n = 0; n < 100; n++) void send(server('contoso'), `poll${n}`, () => 30);
  void send(server('contoso'), 'events');
  expect(running).toHaveLength(101);
});
