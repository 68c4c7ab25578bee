/**
 * `Idempotency-Key`: a repeated request is executed once and gets the response of the first one.
 *
 * The first request stores a marker before its work and its response afterwards. Ids that it creates are
 * derived from the key and the first start, so that a repetition after a crash creates the same resources,
 * and they sort by time like all ids.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Clock } from '../clock';
import { days, documentType, type Stored } from '../cosmos/document-type';
import { DocumentStale } from '../cosmos/errors';
import type { Partition } from '../cosmos/partition';
import { newId, sha256Hex, timedId } from '../ids';
import { Problem } from '../problem';
import { isUnanswered } from './dependency-errors';

/** A stored response. */
export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

interface IdempotencyMark {
  id: string;
  requestHash: string;
  /** The request that the lease is of; absent in older marks. */
  heldBy?: string | undefined;
  /** When the first request with the key began. */
  firstStartedAt: string;
  /** Lease: until then a request is in progress; later a repetition takes over. */
  workingUntil: string;
  done: boolean;
  /** gzip of the response as JSON, base64; absent where it contained a secret or was too large. */
  answer?: string;
}

const markType = documentType<IdempotencyMark>('idempotency', { ttlSeconds: days(1) });

/** A request without a response by then counts as crashed. If it is alive, a repetition conflicts on the same ids. */
const WORKING_MS = 60_000;
/** Larger responses are not stored; repetitions get an error. Measured before compression. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface IdempotentRequest {
  /** The response of the first request, when known. */
  replay: KeptAnswer | undefined;
  newId: () => string;
  /** Stores the response for later repetitions. */
  complete: (answer: KeptAnswer | undefined) => Promise<void>;
  /** Removes the marker: the request had no effect and may be retried. */
  abandon: () => Promise<void>;
  /** Ends the lease, so that a repetition can continue at once: the request failed, possibly halfway. */
  release: () => Promise<void>;
}

/** A request without a key: every repetition is a new request. */
export const NOT_IDEMPOTENT: IdempotentRequest = {
  replay: undefined,
  newId,
  complete: () => Promise.resolve(),
  abandon: () => Promise.resolve(),
  release: () => Promise.resolve(),
};

/**
 * Begins a request with a key.
 * @param partition of the caller
 * @param scope who calls which operation: a key is valid only within it
 * @throws Problem `idempotency-key-reused`, `idempotency-in-progress` or `idempotency-response-not-kept`
 */
export async function beginIdempotent(
  partition: Partition,
  clock: Clock,
  scope: string[],
  key: string,
  request: string,
): Promise<IdempotentRequest> {
  const id = sha256Hex(JSON.stringify([...scope, key]));
  const now = clock.now();
  const held = await claim(partition, now, {
    id,
    requestHash: sha256Hex(request),
    heldBy: newId(),
    firstStartedAt: now.toISOString(),
    workingUntil: new Date(now.getTime() + WORKING_MS).toISOString(),
    done: false,
  });
  if ('replay' in held) return { ...NOT_IDEMPOTENT, replay: held.replay };

  const { mark, resumed } = held;
  const release = async () => {
    await partition.upsert(markType, { ...mark, workingUntil: clock.now().toISOString() });
  };
  let made = 0;
  return {
    replay: undefined,
    newId: () => timedId(new Date(mark.firstStartedAt), 'idempotent', id, String(made++)),
    complete: async (answer) => {
      const packed = answer && (await pack(answer));
      await partition.upsert(markType, { ...mark, done: true, ...(packed ? { answer: packed } : {}) });
    },
    // What the request before this one did may be why this one is refused: its ids must stay.
    abandon: resumed ? release : () => partition.remove(markType, id),
    release,
  };
}

async function claim(
  partition: Partition,
  now: Date,
  mark: IdempotencyMark,
): Promise<{ replay: KeptAnswer } | { mark: IdempotencyMark; resumed: boolean }> {
  if (await createMark(partition, mark)) return { mark, resumed: false };
  const known = await partition.read(markType, mark.id);
  if (!known) throw inProgress(); // A concurrent request has just begun or failed.
  // The SDK repeated a write whose answer was lost: the mark is this request's own.
  if (known.heldBy !== undefined && known.heldBy === mark.heldBy) return { mark, resumed: false };
  if (known.requestHash !== mark.requestHash) {
    throw new Problem(
      'idempotency-key-reused',
      'This Idempotency-Key was used for a different request: use a new one.',
    );
  }
  if (known.done) return { replay: await unpack(known) };
  if (now.getTime() < Date.parse(known.workingUntil)) throw inProgress();
  const next = { ...mark, firstStartedAt: known.firstStartedAt };
  try {
    await partition.replace(markType, { ...next, etag: known.etag });
    return { mark: next, resumed: true };
  } catch (error) {
    if (error instanceof DocumentStale) throw inProgress();
    throw error;
  }
}

/** Whether the mark was created: a write that was not answered may still create it, and nobody would hold it. */
async function createMark(partition: Partition, mark: IdempotencyMark): Promise<boolean> {
  try {
    return await partition.createIfAbsent(markType, mark);
  } catch (error) {
    // Where this fails too, the lease ends by itself.
    if (isUnanswered(error)) await giveUp(partition, mark).catch(() => undefined);
    throw error;
  }
}

/** Stores the mark without a lease before the late write does, which then finds it; or ends the lease that it has made. */
async function giveUp(partition: Partition, mark: IdempotencyMark): Promise<void> {
  const released = { ...mark, workingUntil: mark.firstStartedAt };
  if (await partition.createIfAbsent(markType, released)) return;
  const known = await partition.read(markType, mark.id);
  if (known && known.heldBy === mark.heldBy && !known.done)
    await partition.replace(markType, { ...released, etag: known.etag });
}

function inProgress(): Problem {
  return new Problem(
    'idempotency-in-progress',
    'The first request with this key is still in progress: retry shortly.',
    {
      retryAfterSeconds: 2,
    },
  );
}

/** The request was completed, but its response is not stored. */
export function answerNotKept(): Problem {
  return new Problem(
    'idempotency-response-not-kept',
    'The request was completed; its response contained a secret (or was too large) and is not stored. Read the ' +
      'created resource, and create a new secret if you need one.',
  );
}

async function pack(answer: KeptAnswer): Promise<string | undefined> {
  if (Buffer.byteLength(answer.body) > MAX_ANSWER_BYTES) return undefined;
  return (await promisify(gzip)(JSON.stringify(answer))).toString('base64');
}

async function unpack(known: Stored<IdempotencyMark>): Promise<KeptAnswer> {
  if (!known.answer) throw answerNotKept();
  return JSON.parse((await promisify(gunzip)(Buffer.from(known.answer, 'base64'))).toString()) as KeptAnswer;
}
