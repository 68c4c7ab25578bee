/**
 * `Idempotency-Key`: a repeated request is answered like the first one and done once.
 *
 * The first request leaves a mark before it works and its answer afterwards. Ids that it makes are
 * derived from the key, so that a repeat after a crash makes the same things, not others.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Clock } from '../clock';
import { documentType, type Stored } from '../cosmos/document-type';
import { DocumentStale } from '../cosmos/errors';
import type { Partition } from '../cosmos/partition';
import { derivedId, newId, sha256Hex } from '../ids';
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
  startedAt: string;
  done: boolean;
  /** gzip of the answer as JSON, base64; absent where it must not be kept. */
  answer?: string;
}

const markType = documentType<IdempotencyMark>('idempotency');

const KEPT_SECONDS = 24 * 3600;
/** A request that has not answered by then is taken for dead; the host ends it before. */
const WORKING_MS = 60_000;
const MAX_ANSWER_CHARACTERS = 1_500_000;

export interface IdempotentRequest {
  /** The answer of the first request, when it is known. */
  replay: KeptAnswer | undefined;
  newId: () => string;
  /** Keeps the answer for later repeats. */
  complete: (answer: KeptAnswer | undefined) => Promise<void>;
  /** Forgets the request: it did nothing, and may be tried again. */
  abandon: () => Promise<void>;
}

/** A request without a key: every repeat is a new request. */
export const NOT_IDEMPOTENT: IdempotentRequest = {
  replay: undefined,
  newId,
  complete: () => Promise.resolve(),
  abandon: () => Promise.resolve(),
};

/**
 * Begins a request with a key.
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
  const mark: IdempotencyMark = {
    id,
    requestHash: sha256Hex(request),
    startedAt: clock.now().toISOString(),
    done: false,
  };
  const held = await claim(partition, clock, mark);
  if ('replay' in held) return { ...NOT_IDEMPOTENT, replay: held.replay };

  let made = 0;
  return {
    replay: undefined,
    newId: () => derivedId('idempotent', id, String(made++)),
    complete: async (answer) => {
      const packed = answer && (await pack(answer));
      await partition.upsert(
        markType,
        { ...mark, done: true, ...(packed ? { answer: packed } : {}) },
        KEPT_SECONDS,
      );
    },
    abandon: () => partition.remove(markType, id),
  };
}

async function claim(
  partition: Partition,
  clock: Clock,
  mark: IdempotencyMark,
): Promise<{ replay: KeptAnswer } | { claimed: true }> {
  if (await partition.createIfAbsent(markType, mark, KEPT_SECONDS)) return { claimed: true };
  const known = await partition.read(markType, mark.id);
  if (!known) return claim(partition, clock, mark);
  if (known.requestHash !== mark.requestHash) {
    throw new Problem(
      'idempotency-key-reused',
      'This Idempotency-Key was sent with another request: use a new one.',
    );
  }
  if (known.done) return { replay: await unpack(known) };
  if (clock.now().getTime() - Date.parse(known.startedAt) < WORKING_MS) throw inProgress();
  try {
    await partition.replace(markType, { ...mark, etag: known.etag });
    return { claimed: true };
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

async function pack(answer: KeptAnswer): Promise<string | undefined> {
  const text = (await promisify(gzip)(JSON.stringify(answer))).toString('base64');
  return text.length <= MAX_ANSWER_CHARACTERS ? text : undefined;
}

async function unpack(known: Stored<IdempotencyMark>): Promise<KeptAnswer> {
  if (!known.answer) {
    throw new Problem(
      'idempotency-response-not-kept',
      'The request was carried out; its answer held a secret (or was too large) and is not kept. Read what it made, and make a new secret if you need one.',
    );
  }
  return JSON.parse((await promisify(gunzip)(Buffer.from(known.answer, 'base64'))).toString()) as KeptAnswer;
}
