/** Requests and answers of the host's own endpoints, apart from node's streams. */

export interface WebhookRequest {
  readonly method: string;
  /** As the client sees it. */
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): WebhookAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** Refuses by name what this host does not implement. */
export function notImplemented(what: string): WebhookAnswer {
  return jsonAnswer(501, { Message: `${what} is not implemented by the local Functions host` });
}
