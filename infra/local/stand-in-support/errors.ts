/** Errors that a stand-in answers with, and the body shapes that Azure and this project use for them. */

/** A refusal with an HTTP status; `code` is what clients branch on. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly extra: { headers?: Record<string, string>; innerCode?: string } = {},
  ) {
    super(message);
    this.name = 'HttpError';
  }
}

/** Azure's data planes: `{ error: { code, message, innererror? } }`. */
export function azureErrorBody(error: HttpError): object {
  const inner = error.extra.innerCode === undefined ? {} : { innererror: { code: error.extra.innerCode } };
  return { error: { code: error.code, message: error.message, ...inner } };
}

/** RFC 9457, for the routes below /local that Azure does not have. */
export function problemBody(error: HttpError): object {
  return { type: 'about:blank', title: error.code, status: error.status, detail: error.message };
}

/** The answer to unknown requests: 501, with their name. */
export function notImplemented(name: string, what: string): HttpError {
  return new HttpError(501, 'NotImplemented', `The local ${name} does not implement ${what}.`);
}
