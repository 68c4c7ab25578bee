/** No invalid body or query is answered with a text of the validator library. */
import fc from 'fast-check';
import { operations } from '../../functions/operations';
import { describeApp } from '../../scripts/openapi/describe-app';
import type { Operation } from '../../shared/http/operation';
import { validateBody, validateQuery } from '../../shared/http/validation';
import { type FieldError, Problem } from '../../shared/problem';
import { type ApiDocument, operationsOf } from '../support/fuzz/api-document';
import { anyJson, anyText, invalidated } from '../support/fuzz/invalid-value';
import { ValidValues } from '../support/fuzz/valid-value';

const RAW =
  /\b(invalid|expected|received|too (big|small)|unrecognized|undefined|nan|discriminator|zod|regex)\b|\/\^/i;
const RUNS = 150;

const document = JSON.parse(JSON.stringify(describeApp())) as ApiDocument;
const values = new ValidValues(document, ['0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e55']);
const described = new Map(operationsOf(document).map((operation) => [operation.operationId, operation]));

function errorsOf(check: () => unknown): FieldError[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof Problem) return [{ detail: error.detail }, ...(error.errors ?? [])];
    throw error;
  }
}

/** Pointers and names of parameters quote what was sent. */
const sentences = (errors: FieldError[]) => errors.slice(1).map(({ detail }) => detail);

function rawTexts(errors: FieldError[]): string[] {
  // What a message quotes from the request is in quotes.
  return sentences(errors).filter((detail) => RAW.test(detail.replaceAll(/"(\\.|[^"\\])*"/g, '')));
}

const withBody = operations.filter((operation) => operation.body);
const withQuery = operations.filter((operation) => operation.query);

function bodies({ id }: Operation): fc.Arbitrary<unknown> {
  const [content] = Object.values(described.get(id)?.requestBody?.content ?? {});
  const valid = values.of(content?.schema ?? {});
  return fc.oneof(
    { weight: 5, arbitrary: valid.chain((value) => invalidated(value, 2)) },
    { weight: 1, arbitrary: anyJson },
  );
}

test.each(withBody.map((operation) => [operation.id, operation] as const))(
  'OPS-2: an invalid body of %s is explained in plain words',
  (_id, operation) => {
    const found = new Set<string>();
    let refused = 0;
    for (const body of fc.sample(bodies(operation), { seed: 7, numRuns: RUNS })) {
      const errors = errorsOf(() => operation.body && validateBody(operation.body, body));
      if (errors.length > 0) refused++;
      for (const text of rawTexts(errors)) found.add(text);
    }
    expect([...found]).toEqual([]);
    expect(refused).toBeGreaterThan(RUNS / 20);
  },
);

test.each(withQuery.map((operation) => [operation.id, operation] as const))(
  'OPS-2: an invalid query of %s is explained in plain words',
  (_id, operation) => {
    const found = new Set<string>();
    for (const name of Object.keys(operation.query?.shape ?? {})) {
      for (const value of fc.sample(fc.oneof(anyText(40), fc.double().map(String), fc.constant('')), {
        seed: 7,
        numRuns: 40,
      })) {
        const query = new URLSearchParams([[name, value]]);
        for (const text of rawTexts(errorsOf(() => validateQuery(operation.query, query)))) found.add(text);
      }
    }
    expect([...found]).toEqual([]);
  },
);
