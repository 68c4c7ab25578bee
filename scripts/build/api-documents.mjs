/** The description of the API is made by the build: the app only serves it (functions/service/api-documents.ts). */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

/** The name of the bundle that writes it; it lies beside the app's. */
export const API_DOCUMENTS = 'write-api-documents';

/** Writes it into `docs/` in the folder of the app's bundle. @throws Error with what the program printed */
export async function writeApiDocuments(folder) {
  await promisify(execFile)(process.execPath, [path.join(folder, `${API_DOCUMENTS}.js`)]);
}
