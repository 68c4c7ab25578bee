/** Headers of a request or an answer, as they are passed on. */

const ofOneConnection = new Set(['connection', 'keep-alive', 'proxy-connection', 'expect']);

/** Names and values in turn, without those that concern one connection only. */
export function withoutConnection(rawHeaders: string[]): string[] {
  return rawHeaders.filter((_text, index) => {
    const name = rawHeaders[index - (index % 2)] ?? '';
    return !ofOneConnection.has(name.toLowerCase());
  });
}

/**
 * Without a `Range` in another form than `bytes=START-` and `bytes=START-END`, the two that Azure knows: it answers with the
 * whole blob, as HTTP has it for a range that a server does not understand, where Azurite breaks the connection.
 */
export function withoutUnknownRange(rawHeaders: string[]): string[] {
  return rawHeaders.filter((_text, index) => {
    const name = rawHeaders[index - (index % 2)] ?? '';
    return name.toLowerCase() !== 'range' || isKnownRange(rawHeaders[index - (index % 2) + 1] ?? '');
  });
}

function isKnownRange(value: string): boolean {
  const [, start = '', end = ''] = /^bytes=(\d+)-(\d*)$/.exec(value) ?? [];
  return start !== '' && (end === '' || Number(start) <= Number(end));
}
