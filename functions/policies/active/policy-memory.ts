/** How much memory a compiled policy takes, estimated from what it consists of; policy-memory.test.ts compares it with the heap. Pure. */
import type { Policy, Scope } from '../engine';

/** Measured: the parsed document, an entry of a scope with its index, a text or pattern with its index. */
const BYTES_PER_DOCUMENT_BYTE = 6;
const BYTES_PER_SCOPE_ENTRY = 250;
const BYTES_PER_VALUE = 700;
/** The fixed tables of the indexes. */
const BASE_BYTES = 300_000;

/** Bytes on the heap of a policy whose JSON has so many bytes, without the programs of its patterns. */
export function compiledBytes(policy: Policy, documentBytes: number): number {
  let scopeEntries = 0;
  let values = 0;
  for (const rule of policy.rules) {
    scopeEntries += entriesOf(rule.scope);
    if ('triggers' in rule)
      for (const { conditions } of rule.triggers)
        for (const condition of conditions) values += 'values' in condition ? condition.values.length : 1;
  }
  return (
    BASE_BYTES +
    BYTES_PER_DOCUMENT_BYTE * documentBytes +
    BYTES_PER_SCOPE_ENTRY * scopeEntries +
    BYTES_PER_VALUE * values
  );
}

function entriesOf(scope: Scope): number {
  return Object.values(scope).reduce<number>(
    (sum, entries) => sum + (Array.isArray(entries) ? entries.length : 0),
    0,
  );
}
