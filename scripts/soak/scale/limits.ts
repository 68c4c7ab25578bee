/** What a logical partition may hold. */
import type { Contents } from './load-customer';

/** A tenth of what Cosmos DB allows. */
const MAX_BYTES = 2 * 1024 ** 3;
/** Of the documents that one partition would hold. */
const MAX_SHARE = 1 / 10;

/** The partitions that hold too much; empty when all is well. */
export function excessIn(contents: readonly Contents[]): string[] {
  return contents.flatMap(({ container, mostDocuments, mostBytes, documentsWithout }) => [
    ...(mostBytes > MAX_BYTES ? [`a partition of ${container} holds ${mostBytes} bytes`] : []),
    ...(mostDocuments > documentsWithout * MAX_SHARE
      ? [`a partition of ${container} holds ${mostDocuments} documents of ${documentsWithout}`]
      : []),
  ]);
}
