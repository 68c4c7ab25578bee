/** The order of what happened: newest first, and by id within one instant. */
import { z } from 'zod';

interface Happened {
  /** RFC 3339 UTC. */
  at: string;
  id: string;
}

const position = z.tuple([z.string(), z.string()]);

/** Where a row stands in the order, for page links. */
export function positionOf({ at, id }: Happened): string {
  return JSON.stringify([at, id]);
}

/** What `positionOf` was given; nothing for the beginning of the list. */
export function parsePosition(text: string | undefined): Partial<Happened> {
  if (text === undefined) return {};
  const [at, id] = position.parse(JSON.parse(text));
  return { at, id };
}

/** Compares two rows of a list. */
export function byTimeDescending(a: Happened, b: Happened): number {
  return a.at === b.at ? compare(b.id, a.id) : compare(b.at, a.at);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
