/** Domain errors of writes; the kernel maps them to 404, 409 and 412. */

/** A document with this id (or a unique value of it) already exists. */
export class DocumentExists extends Error {
  override readonly name = 'DocumentExists';

  /** @param documentId id of the document, as Cosmos knows it */
  constructor(
    readonly documentId: string,
    options?: ErrorOptions,
  ) {
    super(`${documentId} exists already`, options);
  }
}

/** The document was changed since it was read. */
export class DocumentStale extends Error {
  override readonly name = 'DocumentStale';
}

/**
 * The condition of a patch does not hold, such as an upper limit. It is a result, not a lost race: the same
 * attempt would fail again.
 */
export class PredicateFailed extends Error {
  override readonly name = 'PredicateFailed';

  /** @param documentId id of the document, as Cosmos knows it */
  constructor(
    readonly documentId: string,
    options?: ErrorOptions,
  ) {
    super(`${documentId} does not meet the condition of its change`, options);
  }
}

/** The document to change does not exist (any more). */
export class DocumentGone extends Error {
  override readonly name = 'DocumentGone';
}

/**
 * A batch got no response: throttled, restarting or unreachable. The SDK keeps neither status nor cause of such an
 * error, only its text.
 */
export class BatchUnanswered extends Error {
  override readonly name = 'BatchUnanswered';
}

/** The status of a Cosmos error, or undefined for anything else. */
export function cosmosStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}

/** The domain error for a Cosmos status; the original is its cause. */
export function documentError(status: number | undefined, what: string, cause: unknown): unknown {
  switch (status) {
    case 404:
      return new DocumentGone(`${what} is gone`, { cause });
    case 409:
      return new DocumentExists(what, { cause });
    case 412:
      return new DocumentStale(`${what} was changed meanwhile`, { cause });
    default:
      return cause;
  }
}
