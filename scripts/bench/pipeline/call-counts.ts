/** Calls per stand-in, as `GET /local/calls` reports them. */
import type { Stack } from '../../../infra/local/stack/stack';

/** By stand-in and method: `cosmos POST`. */
export type CallCounts = Record<string, number>;

export async function readCalls({ url }: Pick<Stack, 'url'>): Promise<CallCounts> {
  const response = await fetch(`${url}/local/calls`);
  if (!response.ok) throw new Error(`GET /local/calls answered ${response.status}`);
  return (await response.json()) as CallCounts;
}

/** The calls since then. */
export function callsBetween(before: CallCounts, after: CallCounts): CallCounts {
  return Object.fromEntries(
    Object.entries(after).map(([kind, count]) => [kind, count - (before[kind] ?? 0)]),
  );
}
