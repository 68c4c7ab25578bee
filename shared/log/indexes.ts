/** By what the queries of the log find entries, in `control`, where they are created, and in `log`. */
import type { IndexDeclaration } from '../cosmos/containers';

const newestFirst = [
  ['type', 'descending'],
  ['at', 'descending'],
  ['id', 'descending'],
] as const;

export const logIndexes: readonly IndexDeclaration[] = [
  { container: 'control', paths: ['type', 'at'], order: newestFirst },
  { container: 'log', paths: ['type', 'at'], order: newestFirst },
];
