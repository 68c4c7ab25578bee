/** The suite of scale: counts, not times, what one very large customer has in each logical partition. */
import { table } from '../demo/print';
import type { SoakOptions } from './options';
import { excessIn } from './scale/limits';
import { loadCustomer } from './scale/load-customer';

/** What one case adds; twenty of them, the default, are the full customer. */
const PER_CASE = { logEntries: 50_000, servers: 5_000, responses: 10_000 };

/** @throws Error when a partition holds too much, or something was lost */
export async function soakScale({ count }: Pick<SoakOptions, 'count'>): Promise<void> {
  const { logEntries, servers, responses } = PER_CASE;
  const contents = await loadCustomer({
    logEntries: logEntries * count,
    servers: servers * count,
    responses: responses * count,
  });
  table(
    ['container', 'partitions', 'documents', 'most in one', 'MB in one', 'in one without'],
    contents.map(({ container, buckets, documents, mostDocuments, mostBytes, documentsWithout }) => [
      container,
      buckets,
      documents,
      mostDocuments,
      Math.ceil(mostBytes / 1024 ** 2),
      documentsWithout,
    ]),
  );
  const excess = excessIn(contents);
  if (excess.length > 0) throw new Error(excess.join('\n'));
}
