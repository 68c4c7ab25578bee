/** Splits events into batches that the service accepts: at most 1,000 events and 1 MiB. */

const MAX_EVENTS = 1_000;
/** Room is left for what surrounds the events. */
const MAX_BYTES = 1_048_576 - 1_024;

/** The events in their order, in as few batches as the limits allow. */
export function cutBatches<T>(events: readonly T[], maxEvents = MAX_EVENTS, maxBytes = MAX_BYTES): T[][] {
  const batches: T[][] = [];
  let bytes = Infinity;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event)) + 1;
    let batch = batches.at(-1);
    if (!batch || batch.length === maxEvents || bytes + size > maxBytes) {
      batch = [];
      batches.push(batch);
      bytes = 0;
    }
    batch.push(event);
    bytes += size;
  }
  return batches;
}
