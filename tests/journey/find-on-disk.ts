/** Searches everything below a folder for a text: in every file as stored, in every row of a database, and unpacked. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'libsql';

export interface Finding {
  /** Relative to the folder. */
  file: string;
  how: string;
}

/** Where the text is, and in which form. */
export function findOnDisk(folder: string, text: string): Finding[] {
  const forms = formsOf(text);
  return filesBelow(folder).flatMap((file) => {
    const content = contentOf(file);
    const hits = Object.entries(forms).filter(([, form]) => content.includes(form));
    const packed = unpacked(content).some((inner) =>
      Object.values(forms).some((form) => inner.includes(form)),
    );
    const hows = [...hits.map(([how]) => how), ...(packed ? ['packed'] : [])];
    return hows.map((how) => ({ file: path.relative(folder, file), how }));
  });
}

/** The encodings in which a text may be stored. */
function formsOf(text: string): Record<string, string> {
  const json = JSON.stringify(text).slice(1, -1);
  return {
    plain: text,
    JSON: json,
    'JSON in JSON': JSON.stringify(json).slice(1, -1),
    URL: encodeURIComponent(text),
    form: new URLSearchParams({ '': text }).toString().slice(1),
    hex: Buffer.from(text).toString('hex'),
    ...base64Forms(text),
  };
}

/**
 * In the middle of something longer, base64 looks different by where the text begins, and its ends mix with what is
 * around.
 */
function base64Forms(text: string): Record<string, string> {
  const bytes = Buffer.from(text);
  const forms = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url');
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
  return Object.fromEntries(
    forms.flatMap((form, offset) => [
      [`base64url at ${offset}`, form],
      [`base64 at ${offset}`, form.replaceAll('-', '+').replaceAll('_', '/')],
    ]),
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}

/** Bytes as Latin-1, so that none is lost; of a database also its values, which its pages may cut. */
function contentOf(file: string): string {
  const bytes = readFileSync(file);
  const content = bytes.toString('latin1');
  return content.startsWith('SQLite format 3\0') ? content + valuesOf(file) : content;
}

function valuesOf(file: string): string {
  const database = new Database(file, { readonly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as {
      name: string;
    }[];
    return tables
      .flatMap(({ name }) => database.prepare(`SELECT * FROM "${name}"`).raw().all() as unknown[][])
      .flat()
      .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value)))
      .join('\n');
  } finally {
    database.close();
  }
}

/** The unpacked gzip within a content, stored as bytes or as base64. */
function unpacked(content: string): string[] {
  const found: string[] = [];
  for (const match of content.matchAll(/H4sI[A-Za-z0-9+/=]+/g))
    found.push(unzip(Buffer.from(match[0], 'base64')));
  for (let at = content.indexOf('\x1f\x8b\x08'); at >= 0; at = content.indexOf('\x1f\x8b\x08', at + 1))
    found.push(unzip(Buffer.from(content.slice(at), 'latin1')));
  return found;
}

/** Whatever follows the packed bytes is ignored; what is no gzip is empty. */
function unzip(bytes: Buffer): string {
  try {
    return gunzipSync(bytes, { finishFlush: 2 }).toString('latin1');
  } catch {
    return '';
  }
}
