/** The API as this source declares it, in the form of the baseline: without prose, and with sorted keys. */
import { describeApi } from '../../functions/api-description';
import { operations } from '../../functions/operations';
import { openApiDocument } from '../../shared/http/openapi';
import type { ApiDocument } from './compare-openapi';

/** From the root of the repository. */
export const BASELINE = 'docs/openapi-baseline.json';

const PROSE = new Set(['description', 'summary', 'title', 'examples']);

/** Read by nobody's program, or other everywhere. */
const LEFT_OUT = ['info', 'servers', 'tags'];

/** The document of the operations that the app has. */
export function describeApp(): ApiDocument {
  const document = openApiDocument(operations, describeApi('https://service.example'));
  const kept = Object.entries(document).filter(([key]) => !LEFT_OUT.includes(key));
  return normalise(Object.fromEntries(kept)) as ApiDocument;
}

/** As the file has it. */
export function baselineText(document: ApiDocument): string {
  return `${JSON.stringify(document, null, 1)}\n`;
}

/** All errors of an operation have one form: the baseline has it once, as what OpenAPI calls the default answer. */
function withOneError(responses: object): object {
  const isError = ([status]: [string, unknown]) => Number(status) >= 400;
  const all = Object.entries(responses);
  const errors = all.filter(isError).map(([, answer]) => ['default', answer] as const);
  return Object.fromEntries([...all.filter((one) => !isError(one)), ...errors.slice(0, 1)]);
}

/** `isNames`: the keys are names that the API gives, such as a field called `title`. */
function normalise(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => normalise(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key]) => isNames || !PROSE.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, inner]) => {
      if (key === 'responses' && !isNames) return [key, normalise(withOneError(inner as object))];
      if (key === 'required' && Array.isArray(inner)) return [key, inner.toSorted()];
      return [key, normalise(inner, !isNames && (key === 'properties' || key === 'schemas'))];
    }),
  );
}
