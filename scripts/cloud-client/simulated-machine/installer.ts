/** Installs and upgrades on a simulated machine, with real steps: download, hash check, unpack, configure, start. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { unzipSync } from 'fflate';
import type { MachineFiles } from './machine-files';

export interface Package {
  url: string;
  sha256: string;
  sizeBytes: number;
}

const DOWNLOAD_TIMEOUT_MS = 600_000;
/** Beyond what a package unpacks to. */
const MAX_UNPACKED_BYTES = 2 * 1_073_741_824;

/** The package's bytes. @throws Error when they are not those that the hash names */
export async function download(http: HttpClient, { url, sha256, sizeBytes }: Package): Promise<Uint8Array> {
  const { status, blobBody, readableStreamBody, bodyAsText } = await http.sendRequest(
    createPipelineRequest({
      url,
      allowInsecureConnection: true,
      abortSignal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS),
      streamResponseStatusCodes: new Set([200]),
    }),
  );
  if (status !== 200 || !readableStreamBody || blobBody)
    throw new Error(`The package cannot be downloaded: ${status} ${(bodyAsText ?? '').slice(0, 200)}`);
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of readableStreamBody) {
    pieces.push(Buffer.from(piece));
    bytes += piece.length;
    if (bytes > sizeBytes) throw new Error('The package is larger than it should be: it was not unpacked.');
  }
  const content = Buffer.concat(pieces);
  if (createHash('sha256').update(content).digest('hex') !== sha256)
    throw new Error('The SHA-256 of the package is not the expected one: it was not unpacked.');
  return content;
}

/** Unpacks a zip into a folder of the machine; anything else is put there as it is, such as an installer. */
export function unpack(files: MachineFiles, content: Uint8Array, installationPath: string): number {
  const folder = files.locate(installationPath);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const isZip = content[0] === 0x50 && content[1] === 0x4b;
  if (!isZip) {
    writeFileSync(path.join(folder, 'package.bin'), content);
    return 1;
  }
  let unpackedBytes = 0;
  const entries = unzipSync(content, {
    filter: ({ originalSize }) => (unpackedBytes += originalSize) <= MAX_UNPACKED_BYTES,
  });
  for (const [name, bytes] of Object.entries(entries)) {
    if (name.endsWith('/')) continue;
    // Checked by `locate`: an entry must not leave the folder.
    const file = files.locate(`${installationPath}\\${name}`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  return Object.keys(entries).length;
}
