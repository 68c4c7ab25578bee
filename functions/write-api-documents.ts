/** A program of the build: writes the description of the API into `docs/` beside itself, where the app finds it. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeApi } from './api-description';
import { operations } from './operations';
import { apiDocuments } from './service/api-documents';

const folder = path.join(__dirname, 'docs');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(apiDocuments(operations, describeApi))) {
  const file = path.join(folder, name);
  // A service that runs may read it at this moment.
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
