/** Documents that lie in `docs/` beside the deployed app: copied from the source, or made by the build. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** In `docs/`, from the source. */
export const PROTOCOL_PAGE = 'cloud-client-protocol.md';

/** In `docs/`, made by `write-api-documents.ts`. */
export const OPENAPI_DOCUMENT = 'openapi.json';
export const API_PAGE = 'api.html';

/** Stands in documents of the build for the URL of the service, which only the deployed app knows. */
export const PUBLIC_URL_PLACEHOLDER = 'https://public-url.invalid';

/** The text of a document. @throws Error when the package was built without it */
export function packageDoc(name: string): string {
  return readFileSync(fileAbove(__dirname, path.join('docs', name)), 'utf8');
}

function fileAbove(folder: string, name: string): string {
  const file = path.join(folder, name);
  const parent = path.dirname(folder);
  if (existsSync(file) || parent === folder) return file;
  return fileAbove(parent, name);
}
