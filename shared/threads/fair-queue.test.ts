import { FairQueue } from './fair-queue';

const limits = { maxWaiting: 6, maxWaitingPerCustomer: 4, maxRunningPerCustomer: 1 };

it('POL-7: serves customers in turn, each in its own order', () => {
  const queue = new FairQueue<string>({ ...limits, maxRunningPerCustomer: 9 });
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1']) queue.add(item.charAt(0), item);
  const served = Array.from({ length: 6 }, () => queue.next());
  expect(served).toEqual(['a1', 'b1', 'c1', 'a2', 'a3', undefined]);
});

it('POL-7: works on no more items of one customer at a time than allowed', () => {
  const queue = new FairQueue<string>(limits);
  for (const item of ['a1', 'a2']) queue.add('a', item);
  expect([queue.next(), queue.next()]).toEqual(['a1', undefined]);
  queue.done('a');
  expect(queue.next()).toBe('a2');
});

it('POL-7: refuses what one customer, or all together, have too much', () => {
  const queue = new FairQueue<number>(limits);
  const refusals = ['a', 'a', 'a', 'a', 'a', 'b', 'b', 'b', 'c'].map((customer, item) =>
    queue.add(customer, item),
  );
  expect(refusals).toEqual([
    ...[undefined, undefined, undefined, undefined, 'customer-full'],
    ...[undefined, undefined, 'full', 'full'],
  ]);
});

it('forgets an item that is taken out', () => {
  const queue = new FairQueue<string>(limits);
  queue.add('a', 'a1');
  queue.add('a', 'a2');
  expect([queue.remove('a', 'a1'), queue.remove('a', 'a1'), queue.remove('b', 'b1')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(queue.next()).toBe('a2');
});
