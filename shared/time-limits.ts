/**
 * How long the service waits for what it depends on: the one place of these numbers. Each call to a dependency has a
 * limit for one try and for all tries together; a server that accepts a connection and never answers, or stops in the
 * middle of its answer, costs no more than that. Requests have a deadline besides (`REQUEST_DEADLINE_SECONDS`).
 */
import type { Readable } from 'node:stream';

/** The limit of a call: `tryMilliseconds` for each of its `tries`, so `tryMilliseconds * tries` for the whole call. */
export interface TimeLimit {
  readonly tryMilliseconds: number;
  /** A try that is not answered in time is repeated so often in all; failures are for the SDK to retry, within a try. */
  readonly tries: number;
}

/** The whole call stays below the default deadline of a request, so that a handler can still act on the failure. */
export const TIME_LIMITS = {
  /** Reads and queries, a page each. */
  cosmosRead: { tryMilliseconds: 5_000, tries: 2 },
  /** A write that was not answered may have taken effect: the caller decides about a retry. */
  cosmosWrite: { tryMilliseconds: 5_000, tries: 1 },
  /** One call to blobs or queues; what is large is uploaded and downloaded by callers themselves. */
  storage: { tryMilliseconds: 6_000, tries: 2 },
  keyVault: { tryMilliseconds: 5_000, tries: 2 },
  eventGrid: { tryMilliseconds: 6_000, tries: 2 },
  /** One HTTP request for an access token of the app's own identity. */
  tokenRequest: { tryMilliseconds: 5_000, tries: 1 },
  /** Getting an access token, which can take several requests. */
  token: { tryMilliseconds: 10_000, tries: 1 },
  /** The published keys of administrators' tokens. */
  signInKeys: { tryMilliseconds: 5_000, tries: 1 },
  /** One request to Azure's price list. */
  pricePage: { tryMilliseconds: 4_000, tries: 1 },
  /** All pages of a price, with the pauses between repeats; after that the prices that come with the service are used. */
  prices: { tryMilliseconds: 10_000, tries: 1 },
  /** Connecting to a mail server, and its greeting: each of both. */
  mailConnection: { tryMilliseconds: 10_000, tries: 1 },
  /** Silence of a mail server that works on a command. */
  mailSilence: { tryMilliseconds: 20_000, tries: 1 },
  /** Sending a test mail in all: the administrator's request waits for it. */
  testMail: { tryMilliseconds: 15_000, tries: 1 },
  /** Sending one mail, however busy the server pretends to be. No request waits for it. */
  mail: { tryMilliseconds: 60_000, tries: 1 },
} as const satisfies Record<string, TimeLimit>;

/** For long streams: the longest wait for the next chunk. */
export const STREAM_SILENCE_MILLISECONDS = 15_000;

/** A dependency did not answer in time. Whether the call takes effect is not known. */
export class NotAnswered extends Error {
  override readonly name = 'NotAnswered';
  /** What Node calls it, and what the SDKs and `toProblem` know. */
  readonly code = 'ETIMEDOUT';

  constructor(what: string, milliseconds: number) {
    super(`${what} did not answer within ${milliseconds} ms`);
  }
}

/**
 * Runs `call` within its limit. A try that takes too long is aborted and left behind, whether it reacts to the signal or not.
 * @param what the name of the dependency, for the error
 * @throws NotAnswered after the last try; what `call` throws
 */
export async function withinTimeLimit<T>(
  what: string,
  { tryMilliseconds, tries }: TimeLimit,
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await oneTry(what, tryMilliseconds, call);
    } catch (error) {
      if (!(error instanceof NotAnswered) || number >= tries) throw error;
    }
  }
}

async function oneTry<T>(
  what: string,
  milliseconds: number,
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // First, so that it decides the race.
      reject(new NotAnswered(what, milliseconds));
      controller.abort();
    }, milliseconds);
  });
  try {
    return await Promise.race([call(controller.signal), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** The pieces of a stream, each waited for no longer than `milliseconds`; the stream is closed at the end. @throws NotAnswered */
export async function* withoutLongSilence(
  what: string,
  stream: Readable,
  milliseconds: number = STREAM_SILENCE_MILLISECONDS,
): AsyncGenerator<Buffer> {
  const limit = { tryMilliseconds: milliseconds, tries: 1 };
  const pieces: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const piece = await withinTimeLimit(what, limit, () => pieces.next());
      if (piece.done) return;
      yield piece.value;
    }
  } finally {
    stream.destroy();
  }
}
