/** Recognises who wrote a record by its field names and brings it into one shape. */
import { readEvtxRecord } from './dialect-evtx';
import { readFlatRecord } from './dialect-flat';
import { readGetWinEventRecord } from './dialect-get-winevent';
import { readWinlogbeatRecord } from './dialect-winlogbeat';
import { isObject, type JsonObject } from './json-values';
import { type LogRecord } from './log-record';

type Reader = (value: JsonObject) => LogRecord | undefined;

/** Each returns undefined for objects that are not its own; the flat names come last, they claim least. */
const READERS: readonly Reader[] = [
  readWinlogbeatRecord,
  readEvtxRecord,
  readGetWinEventRecord,
  readFlatRecord,
];

/** The record in a JSON value, or undefined when it is none that is understood. Never throws. */
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
