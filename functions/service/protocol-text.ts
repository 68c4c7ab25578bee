/** The page about the cloud client protocol, which lies beside the deployed app as it does in the source. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const PAGE = path.join('docs', 'cloud-client-protocol.md');

let text: string | undefined;

/** The page in Markdown; read once. @throws Error when the package was built without it */
export function protocolText(): string {
  text ??= readFileSync(pageAbove(__dirname), 'utf8');
  return text;
}

function pageAbove(folder: string): string {
  const file = path.join(folder, PAGE);
  const parent = path.dirname(folder);
  if (existsSync(file) || parent === folder) return file;
  return pageAbove(parent);
}
