/** Templates by creation, newest first: their ids are random and give no order. */
import type { SqlParameter } from '@azure/cosmos';
import { type DocumentType, fromWire, type Stored } from '../../shared/cosmos/document-type';
import type { Partition } from '../../shared/cosmos/partition';
import { byTimeDescending, parsePosition } from '../../shared/cosmos/time-order';

/** Which templates of a partition are wanted. */
export interface TemplateQuery {
  /** A condition on `c` with its parameters; without one, all templates. */
  where?: string | undefined;
  parameters?: Record<string, string> | undefined;
  /** A position in the order, as `positionOf` returns it; undefined: the beginning. */
  after: string | undefined;
  limit: number;
}

/** The place of a template in the order. */
export interface CreatedKey {
  /** When it was created, RFC 3339 UTC. */
  at: string;
  id: string;
}

export const byCreation = byTimeDescending;

/** Whether a text has the form of a position in this order. */
export function isPosition(text: string): boolean {
  return text.startsWith('[');
}

/** The newest documents of a type. */
export async function newest<T extends { id: string; createdAt: string }>(
  partition: Partition,
  type: DocumentType<T>,
  query: TemplateQuery,
): Promise<Stored<T>[]> {
  const { text, parameters } = queryFor(type, query);
  const rows = await partition.query<Record<string, unknown>>(
    `SELECT TOP ${Math.trunc(query.limit)} * FROM c ${text}`,
    parameters,
  );
  return rows.map((wire) => fromWire(type, wire));
}

/** The same without their content. */
export async function newestKeys(
  partition: Partition,
  type: { name: string },
  query: TemplateQuery,
): Promise<CreatedKey[]> {
  const { text, parameters } = queryFor(type, query);
  const rows = await partition.query<{ id: string; createdAt: string }>(
    `SELECT TOP ${Math.trunc(query.limit)} c.id, c.createdAt FROM c ${text}`,
    parameters,
  );
  return rows.map(({ id, createdAt }) => ({ id: id.slice(type.name.length + 1), at: createdAt }));
}

function queryFor(type: { name: string }, { where, parameters = {}, after }: TemplateQuery) {
  const { at, id } = parsePosition(after);
  const conditions = [`c.type = '${type.name}'`];
  const values: SqlParameter[] = Object.entries(parameters).map(([name, value]) => ({
    name: `@${name}`,
    value,
  }));
  if (where) conditions.push(`(${where})`);
  if (at !== undefined) {
    conditions.push('(c.createdAt < @at OR (c.createdAt = @at AND c.id < @id))');
    values.push({ name: '@at', value: at }, { name: '@id', value: `${type.name}:${id}` });
  }
  const order = 'ORDER BY c.type DESC, c.createdAt DESC, c.id DESC';
  return { text: `WHERE ${conditions.join(' AND ')} ${order}`, parameters: values };
}
