/** One very large customer, a twentieth of what `npm run soak -- --suite scale` loads: no partition holds too much. */
import { excessIn } from '../../scripts/soak/scale/limits';
import { loadCustomer } from '../../scripts/soak/scale/load-customer';

it('a large customer is spread over partitions, with nothing lost', async () => {
  const contents = await loadCustomer({ logEntries: 50_000, servers: 5_000, responses: 10_000 });
  expect(excessIn(contents)).toEqual([]);
  expect(contents.map(({ container, buckets }) => [container, buckets])).toEqual([
    ['control', 1],
    ['log', 16],
    ['responses', 16],
  ]);
}, 240_000);
