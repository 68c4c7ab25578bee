/**
 * The query plan that tells the SDK how to merge the partitions' answers of a cross-partition query.
 * Source of the shapes: `PartitionedQueryExecutionInfo` and the query contexts of @azure/cosmos.
 */
import { type Aggregate, type Query } from './syntax';
import { UnsupportedQueryError } from './cursor';

/** What the SDK replaces by the condition with which it resumes a sorted query. */
const orderByFilter = '{documentdb-formattableorderbyquery-filter}';

/** Whether the SDK must merge, so that no gateway answers the query across partitions by itself. */
export function needsPlan(query: Query): boolean {
  const { orderBy, aggregates, distinct, top, offset } = query;
  return orderBy.length > 0 || aggregates.length > 0 || distinct || top !== undefined || offset !== undefined;
}

/** @throws UnsupportedQueryError for an aggregate inside a larger expression */
export function queryPlan(query: Query) {
  return {
    partitionedQueryExecutionInfoVersion: 2,
    queryInfo: {
      distinctType: !query.distinct ? 'None' : query.orderBy.length > 0 ? 'Ordered' : 'Unordered',
      top: query.top ?? null,
      offset: query.offset ?? null,
      limit: query.limit ?? null,
      orderBy: query.orderBy.map(({ descending }) => (descending ? 'Descending' : 'Ascending')),
      orderByExpressions: query.orderBy.map(({ text }) => text),
      groupByExpressions: [],
      groupByAliases: [],
      aggregates: query.aggregates.map(({ name }) => sdkAggregates[name]),
      groupByAliasToAggregateType: {},
      rewrittenQuery: rewrite(query),
      hasSelectValue: query.select.kind === 'value',
      hasNonStreamingOrderBy: false,
    },
    queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }],
  };
}

const sdkAggregates: Readonly<Record<Aggregate['name'], string>> = {
  COUNT: 'Count',
  SUM: 'Sum',
  MIN: 'Min',
  MAX: 'Max',
  AVG: 'Average',
};

/** The query that each partition gets, or the empty string when it is the original one. */
function rewrite(query: Query): string {
  const { text, orderBy, select, top, limit, offset = 0 } = query;
  const tail = limit === undefined ? '' : ` OFFSET 0 LIMIT ${offset + limit}`;
  const head = `SELECT ${query.distinct ? 'DISTINCT ' : ''}${top === undefined ? '' : `TOP ${top} `}`;
  const where = text.where === '' ? '' : ` WHERE ${text.where}`;
  if (query.aggregates.length > 0 && select.kind === 'value') {
    return `${head}VALUE [{"item": ${partial(query)}}] ${text.from}${where}`;
  }
  if (orderBy.length > 0) {
    const items = orderBy.map((item) => `{"item": ${item.text}}`).join(', ');
    const sort = orderBy.map((item) => `${item.text} ${item.descending ? 'DESC' : 'ASC'}`).join(', ');
    const root = query.from[0]?.alias ?? '';
    const payload = select.kind === 'all' ? root : text.value;
    const filter = text.where === '' ? orderByFilter : `(${text.where}) AND (${orderByFilter})`;
    return (
      `${head}${root}._rid, [${items}] AS orderByItems, ${payload} AS payload ` +
      `${text.from} WHERE ${filter} ORDER BY ${sort}${tail}`
    );
  }
  if (limit === undefined) return '';
  const selection = select.kind === 'all' ? '*' : `VALUE ${text.value}`;
  return `${head}${selection} ${text.from}${where}${tail}`;
}

/** What one partition contributes to the query's aggregate. */
function partial({ aggregates, select, text }: Query): string {
  const [aggregate, ...others] = aggregates;
  if (!aggregate || others.length > 0 || select.kind !== 'value' || select.expression !== aggregate) {
    throw new UnsupportedQueryError('A cross-partition aggregate inside a larger expression', 0);
  }
  const argument = text.value.slice(text.value.indexOf('('));
  switch (aggregate.name) {
    case 'COUNT':
    case 'SUM':
      return `${aggregate.name}${argument}`;
    case 'MIN':
      return `{"min": MIN${argument}, "count": COUNT${argument}}`;
    case 'MAX':
      return `{"max": MAX${argument}, "count": COUNT${argument}}`;
    case 'AVG':
      return `{"sum": SUM${argument}, "count": COUNT${argument}}`;
  }
}
