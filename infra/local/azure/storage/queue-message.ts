/** Changes the visibility of messages that are put into a queue. */

/** Put Message: https://learn.microsoft.com/rest/api/storageservices/put-message. */
export function isPut(method: string, path: string): boolean {
  return method === 'POST' && /^\/[^/]+\/messages\/?$/.test(path);
}

/** The same order to put a message, which is then seen so much later: those put meanwhile come first. */
export function madeVisibleLater(url: string, seconds: number): string {
  const [path = '', query = ''] = url.split('?');
  const parameters = new URLSearchParams(query);
  const timeout = Number(parameters.get('visibilitytimeout') ?? 0) + Math.ceil(seconds);
  parameters.set('visibilitytimeout', String(timeout));
  return `${path}?${parameters.toString()}`;
}
