/** Finds unknown functions anywhere in a template, also where they would never be evaluated. */
import { findFunction, unknownFunction } from './functions/all';
import { isLambdaFunction } from './lambdas';
import { isExpression, type Node, parseExpression } from './parser';
import { isObject, type Value } from './values';

/** @throws ExpressionError for an expression that cannot be parsed, and for a function that does not exist */
export function checkExpressions(value: Value): void {
  if (typeof value === 'string') {
    if (isExpression(value)) checkNode(parseExpression(value));
  } else if (Array.isArray(value)) {
    value.forEach(checkExpressions);
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      checkExpressions(name);
      checkExpressions(item);
    }
  }
}

function checkNode(node: Node): void {
  if (node.kind === 'literal') return;
  if (node.kind === 'access') {
    checkNode(node.target);
    checkNode(node.key);
    return;
  }
  const lower = node.name.toLowerCase();
  const isKnown =
    lower === 'if' ||
    lower === 'copyindex' ||
    lower.includes('.') ||
    isLambdaFunction(lower) ||
    findFunction(lower) !== undefined;
  if (!isKnown) throw unknownFunction(node.name);
  node.parameters.forEach(checkNode);
}
