/** For tests: requests exactly as they are written, which fetch would tidy up: `..` in paths, bodies of any bytes. */
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request as httpRequest } from 'node:http';

export interface RawRequest {
  method: string;
  /** Path and query as they stand on the wire: ASCII, no spaces. */
  path: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Uint8Array;
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A new connection for each: the service may close a kept one just when the next request is written. */
const agent = new Agent({ keepAlive: false });

/** Sends it; rejects when the connection breaks or is idle for `timeoutSeconds`. */
export function rawRequest(url: string, request: RawRequest, timeoutSeconds = 30): Promise<RawAnswer> {
  const { method, path, headers = {}, body } = request;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      url,
      { agent, method, path, headers: { ...length, ...headers }, timeout: timeoutSeconds * 1000 },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`${method} ${path}: no data for ${timeoutSeconds} s`)),
    );
    outgoing.end(body);
  });
}

/** `/sites/{siteId}` with the parameter's value, encoded. */
export function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}
