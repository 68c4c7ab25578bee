/** Recognises the writer of a record by its field names and converts it into one shape. */
import { readEvtxRecord } from './dialect-evtx';
import { readFlatRecord } from './dialect-flat';
import { readGetWinEventRecord } from './dialect-get-winevent';
import { readWinlogbeatRecord } from './dialect-winlogbeat';
import { isObject, type JsonObject } from './json-values';
import { type LogRecord } from './log-record';

type Reader = (value: JsonObject) => LogRecord | undefined;

/** Each returns undefined for objects of other formats; the flat names come last, being the least specific. */
const READERS: readonly Reader[] = [
  readWinlogbeatRecord,
  readEvtxRecord,
  readGetWinEventRecord,
  readFlatRecord,
];

/** The record in a JSON value, or undefined when its format is unknown. Never throws. */
export function readLogRecord(value: unknown): LogRecord | undefined {
  if (!isObject(value)) return undefined;
  // An Elasticsearch export wraps what Winlogbeat sent.
  const inner = isObject(value._source) ? value._source : value;
  for (const read of READERS) {
    const record = read(inner);
    if (record) return record;
  }
  return undefined;
}
