/** Reads values as a log of one JSON object a line, for tests. */
import { readEventLog, type ReadOptions } from '../read-event-log';

export async function readValues(
  values: readonly unknown[],
  options?: ReadOptions,
): ReturnType<typeof readEventLog> {
  return readText(values.map((value) => JSON.stringify(value)).join('\n'), options);
}

export async function readText(text: string, options?: ReadOptions): ReturnType<typeof readEventLog> {
  const stream = (async function* () {
    yield Buffer.from(text);
  })();
  return readEventLog({ kind: 'stream', stream }, options);
}
