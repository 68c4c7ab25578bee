/** Recognises the writer of a record by its field names and converts it into one shape. */
import { readEvtxRecord } from './dialect-evtx';
import { readFlatRecord } from './dialect-flat';
import { readGetWinEventRecord } from './dialect-get-winevent';
import { readWinlogbeatRecord } from './dialect-winlogbeat';
import { isObject, type JsonObject, valueAt } from './json-values';
import { type LogRecord } from './log-record';

type Reader = (value: JsonObject) => LogRecord | undefined;

/** Each returns undefined for objects of other formats; the flat names come last, being the least specific. */
const READERS: readonly Reader[] = [
  readWinlogbeatRecord,
  readEvtxRecord,
  readGetWinEventRecord,
  readFlatRecord,
];

/** Where tools put a record into an object of their own: Elasticsearch, Splunk, Chainsaw. */
const PLACES_WITHIN = ['_source', 'fields', 'result', 'event', 'document.data'] as const;

/** The record in a JSON value, or undefined when its format is unknown. Never throws. */
export function readLogRecord(value: unknown): LogRecord | undefined {
  if (!isObject(value)) return undefined;
  const inner = PLACES_WITHIN.map((place) => valueAt(value, place)).filter(isObject);
  for (const candidate of [value, ...inner]) {
    for (const read of READERS) {
      const record = read(candidate);
      if (record) return record;
    }
  }
  return undefined;
}
