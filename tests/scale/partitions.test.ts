/** One very large customer, a fiftieth of what `npm run soak -- --suite scale` loads: no partition holds too much. */
import { excessIn } from '../../scripts/soak/scale/limits';
import { loadCustomer } from '../../scripts/soak/scale/load-customer';

it('a large customer is spread over partitions, with nothing lost', async () => {
  const contents = await loadCustomer({ logEntries: 20_000, servers: 2_000, responses: 4_000 });
  expect(excessIn(contents)).toEqual([]);
  expect(contents.map(({ container, buckets }) => [container, buckets])).toEqual([
    ['control', 1],
    ['log', 16],
    ['responses', 16],
  ]);
}, 240_000);
