/** The indexing policy of a container: which paths are indexed, and which ORDER BY it can serve. */
import { badRequest } from '../message';
import { type PropertyPath } from './keys';

export interface IndexingPolicy {
  readonly indexingMode?: string;
  readonly automatic?: boolean;
  readonly includedPaths?: readonly { readonly path: string }[];
  readonly excludedPaths?: readonly { readonly path: string }[];
  readonly compositeIndexes?: readonly (readonly CompositePath[])[];
}

interface CompositePath {
  readonly path: string;
  readonly order?: 'ascending' | 'descending';
}

/** What the service gives to a container that is created without a policy. */
export const defaultIndexingPolicy: IndexingPolicy = {
  indexingMode: 'consistent',
  automatic: true,
  includedPaths: [{ path: '/*' }],
  excludedPaths: [{ path: '/"_etag"/?' }],
};

/** One ORDER BY item whose expression is a property of the document. */
export interface OrderKey {
  readonly path: PropertyPath;
  readonly descending: boolean;
}

/** `/a/"b c"/[]/?` as steps; `?` and `*` stay as the last step. */
export function splitPath(path: string): string[] {
  return [...path.matchAll(/\/(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^/]*))/gu)]
    .map(([, quoted, single, plain]) => quoted ?? single ?? plain ?? '')
    .filter((step, i, all) => step !== '' || i < all.length - 1);
}

/** The paths that the policy includes by name (`/dueAt/?`), not through a wildcard. */
export function explicitPaths(policy: IndexingPolicy): string[][] {
  return (policy.includedPaths ?? [])
    .map(({ path }) => splitPath(path))
    .filter((steps) => steps.at(-1) === '?' && !steps.includes('[]'))
    .map((steps) => steps.slice(0, -1));
}

/** What no policy can exclude from the index. Source: "Indexing policies", "System properties". */
const alwaysIndexed: ReadonlySet<unknown> = new Set(['id', '_ts']);

/** The arrays whose items the policy includes by name (`/scopeKeys/[]/?`). */
export function arrayPaths(policy: IndexingPolicy): string[][] {
  return (policy.includedPaths ?? [])
    .map(({ path }) => splitPath(path))
    .filter((steps) => steps.at(-1) === '?' && steps.indexOf('[]') === steps.length - 2)
    .map((steps) => steps.slice(0, -2));
}

/** Whether a property is indexed: the most precise of the matching paths decides. `[]` is any item of an array. */
export function isIndexed(policy: IndexingPolicy, path: PropertyPath): boolean {
  if (policy.indexingMode === 'none') return false;
  if (path.length === 1 && alwaysIndexed.has(path[0])) return true;
  const precision = (paths: IndexingPolicy['includedPaths']) =>
    Math.max(-1, ...(paths ?? []).map((entry) => matchPrecision(splitPath(entry.path), path)));
  return precision(policy.includedPaths) >= precision(policy.excludedPaths);
}

function matchPrecision(pattern: readonly string[], path: PropertyPath): number {
  const fixed = pattern.slice(0, -1);
  const matches = fixed.every(
    (step, i) => step === path[i] || (step === '[]' && typeof path[i] === 'number'),
  );
  if (!matches) return -1;
  if (pattern.at(-1) === '*') return fixed.length * 2;
  return fixed.length === path.length ? fixed.length * 2 + 1 : -1;
}

/**
 * Refuses an ORDER BY that the service refuses.
 * Source: "Composite indexes" in the indexing policies reference: sequence and directions must be those of one
 * composite index, or all directions reversed.
 */
export function checkOrderBy(policy: IndexingPolicy, order: readonly OrderKey[]): void {
  if (order.length > 1) {
    if (policy.compositeIndexes?.some((index) => serves(index, order))) return;
    throw badRequest(
      'The order by query does not have a corresponding composite index that it can be served from.',
    );
  }
  if (order.some(({ path }) => !isIndexed(policy, path))) {
    throw badRequest('The index path corresponding to the specified order-by item is excluded.');
  }
}

/**
 * Refuses a filter on properties that are off the index, which the service answers by reading every document.
 * @param paths the properties that the filter asks for
 */
export function checkFilter(policy: IndexingPolicy, paths: readonly PropertyPath[]): void {
  const missing = paths.find((path) => path.length > 0 && !isIndexed(policy, path));
  if (!missing) return;
  const name = `/${missing.join('/')}`;
  throw badRequest(
    `No index serves the filter on ${name}: the indexing policy excludes it. Include the path ${name}/? in the ` +
      'policy, or allow the scan with enableScanInQuery.',
  );
}

function serves(index: readonly CompositePath[], order: readonly OrderKey[]): boolean {
  if (index.length !== order.length) return false;
  const samePaths = index.every((entry, i) => splitPath(entry.path).join('/') === order[i]?.path.join('/'));
  const turned = index.map((entry, i) => (entry.order === 'descending') !== order[i]?.descending);
  return samePaths && new Set(turned).size === 1;
}

/** Whether documents that lack the property appear in a result sorted by it. */
export function sortsMissing(policy: IndexingPolicy, order: readonly OrderKey[]): boolean {
  const [only] = order;
  if (!only || order.length > 1) return true;
  return explicitPaths(policy).some((path) => path.join('/') === only.path.join('/'));
}
