/** A refusal of blob storage. */
export class StorageError extends Error {
  /** @param code of https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string = code,
  ) {
    super(message);
  }
}
