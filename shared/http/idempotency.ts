/**
 * `Idempotency-Key`: a repeated request is answered like the first one and done once.
 *
 * The first request leaves a mark before it works and its answer afterwards. Ids that it makes are
 * derived from the key and the first start, so that a repeat after a crash makes the same things, not others,
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

/** What an answer consists of when it is kept. */
export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

interface IdempotencyMark {
  id: string;
  requestHash: string;
  /** When the first of the repeated requests began. */
  firstStartedAt: string;
  /** Until then somebody is at work; whoever comes later goes on in their place. */
  workingUntil: string;
  done: boolean;
  /** gzip of the answer as JSON, base64; absent where it held a secret or was too large. */
  answer?: string;
}

const markType = documentType<IdempotencyMark>('idempotency', { ttlSeconds: days(1) });

/** Who has not answered by then is taken for dead. Should it be alive, a repeat makes the same ids and fails on them. */
const WORKING_MS = 60_000;
/** Larger answers are not kept: a repeat is told so. Of the answer's text, before it is packed. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface IdempotentRequest {
  /** The answer of the first request, when it is known. */
  replay: KeptAnswer | undefined;
  newId: () => string;
  /** Keeps the answer for later repeats. */
  complete: (answer: KeptAnswer | undefined) => Promise<void>;
  /** Forgets the request: it did nothing, and may be tried again. */
  abandon: () => Promise<void>;
  /** Lets a repeat go on at once: the request failed, perhaps halfway. */
  release: () => Promise<void>;
}

/** A request without a key: every repeat is a new request. */
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
 * @param scope who calls which operation: a key means nothing outside of it
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
  if (await partition.createIfAbsent(markType, mark)) return { mark, resumed: false };
  const known = await partition.read(markType, mark.id);
  if (!known) throw inProgress(); // Begun or given up at this very moment.
  if (known.requestHash !== mark.requestHash) {
    throw new Problem(
      'idempotency-key-reused',
      'This Idempotency-Key was sent with another request: use a new one.',
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

function inProgress(): Problem {
  return new Problem(
    'idempotency-in-progress',
    'The first request with this key is still at work: ask again shortly.',
    {
      retryAfterSeconds: 2,
    },
  );
}

/** The request was carried out, but what it answered cannot be said again. */
export function answerNotKept(): Problem {
  return new Problem(
    'idempotency-response-not-kept',
    'The request was carried out; its answer held a secret (or was too large) and is not kept. Read what it made, and make a new secret if you need one.',
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
