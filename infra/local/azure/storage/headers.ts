/** Headers of a request or an answer, as they are passed on. */

const ofOneConnection = new Set(['connection', 'keep-alive', 'proxy-connection', 'expect']);

/** Names and values in turn, without those that concern one connection only. */
export function withoutConnection(rawHeaders: string[]): string[] {
  return rawHeaders.filter((_text, index) => {
    const name = rawHeaders[index - (index % 2)] ?? '';
    return !ofOneConnection.has(name.toLowerCase());
  });
}
