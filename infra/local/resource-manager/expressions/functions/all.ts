/** Every function of the expression language by its name in lower case, and the checks that all calls share. */
import { EXPRESSION_HELP, ExpressionError } from '../errors';
import { collectionFunctions } from './collections';
import { dateFunctions } from './dates';
import { encodingFunctions } from './encodings';
import { ANY_NUMBER, type FunctionTable, takes, type TemplateFunction } from './function';
import { logicFunctions } from './logic';
import { networkFunctions } from './networks';
import { numberFunctions } from './numbers';
import { objectFunctions } from './objects';
import { applyList, resourceFunctions } from './resources';
import { textFunctions } from './text';

const tables: FunctionTable[] = [
  collectionFunctions,
  dateFunctions,
  encodingFunctions,
  logicFunctions,
  networkFunctions,
  numberFunctions,
  objectFunctions,
  resourceFunctions,
  textFunctions,
];

const byLowerName = new Map<string, TemplateFunction>(
  tables.flatMap((table) => Object.entries(table)).map(([name, declared]) => [name.toLowerCase(), declared]),
);

const list = takes(2, applyList, 3);

/** The names of all functions that are no special forms, in lower case; `list…` goes by its beginning. */
export const functionNames: readonly string[] = [...byLowerName.keys()];

/** Undefined for an unknown name; letter case does not matter. */
export function findFunction(name: string): TemplateFunction | undefined {
  const lower = name.toLowerCase();
  return byLowerName.get(lower) ?? (/^list./.test(lower) ? list : undefined);
}

/** @throws ExpressionError */
export function requireCount(name: string, count: number, fewest: number, most: number): void {
  if (count >= fewest && count <= most) return;
  const wanted =
    most === fewest ? `${fewest}` : most === ANY_NUMBER ? `at least ${fewest}` : `${fewest} to ${most}`;
  throw new ExpressionError(
    `Unable to evaluate template language function '${name}': function requires ${wanted} argument(s) ` +
      `while ${count} were provided. ${EXPRESSION_HELP}`,
  );
}

export function unknownFunction(name: string): ExpressionError {
  return new ExpressionError(`The template function '${name}' is not valid. ${EXPRESSION_HELP}`);
}
