/** Evaluates expressions, and values that contain some. */
import { Arguments } from './arguments';
import { EXPRESSION_HELP, ExpressionError } from './errors';
import { findFunction, requireCount, unknownFunction } from './functions/all';
import { elementOf } from './functions/collections';
import { applyLambdaFunction, isLambdaFunction } from './lambdas';
import { isExpression, literalText, type Node, parseExpression } from './parser';
import { type Scope } from './scope';
import { asText, holdsUnknown, isObject, UNKNOWN, type Value, type ValueObject } from './values';

const maxCopies = 800;

/** The value with every expression in it evaluated, and every `copy` of properties unrolled. @throws ExpressionError */
export function evaluate(value: Value, scope: Scope): Value {
  if (typeof value === 'string') {
    return isExpression(value) ? evaluateNode(parseExpression(value), scope) : literalText(value);
  }
  if (Array.isArray(value)) return value.map((item) => evaluate(item, scope));
  return isObject(value) ? evaluateObject(value, scope) : value;
}

function evaluateObject(object: ValueObject, scope: Scope): ValueObject {
  const result: ValueObject = {};
  for (const [name, value] of Object.entries(object)) {
    if (name === 'copy' && Array.isArray(value) && value.every(isPropertyLoop)) {
      for (const loop of value) result[loop.name] = unroll(loop, scope);
    } else {
      result[asText(evaluate(name, scope))] = evaluate(value, scope);
    }
  }
  return result;
}

export interface PropertyLoop {
  name: string;
  count: Value;
  input: Value;
}

/** An element of `copy` within properties or variables. */
export function isPropertyLoop(value: Value): value is ValueObject & PropertyLoop {
  return isObject(value) && typeof value.name === 'string' && 'count' in value && 'input' in value;
}

export function unroll(loop: PropertyLoop, scope: Scope): Value {
  const count = copyCount(evaluate(loop.count, scope), loop.name);
  if (count === UNKNOWN) return UNKNOWN;
  return Array.from({ length: count }, (_, index) => {
    const loops = [...scope.loops, { name: loop.name, index, isOfResource: false }];
    return evaluate(loop.input, { ...scope, loops });
  });
}

/** @throws ExpressionError when it is not a number of copies */
export function copyCount(count: Value, loopName: string): number | typeof UNKNOWN {
  if (count === UNKNOWN) return UNKNOWN;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= maxCopies) return count;
  throw new ExpressionError(
    `The copy count of '${loopName}' must be an integer from 0 to ${maxCopies}, and not '${asText(count)}'. ` +
      'Please see https://aka.ms/arm-copy for usage details.',
  );
}

export function evaluateNode(node: Node, scope: Scope): Value {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'access':
      return access(evaluateNode(node.target, scope), evaluateNode(node.key, scope), node.isSafe);
    case 'call':
      return call(node, scope);
  }
}

type Call = Extract<Node, { kind: 'call' }>;

function call(node: Call, scope: Scope): Value {
  const { name, parameters } = node;
  const lower = name.toLowerCase();
  if (lower === 'if') return branch(node, scope);
  if (lower === 'copyindex') return copyIndex(node, scope);
  if (isLambdaFunction(lower)) return applyLambdaFunction(name, parameters, scope, evaluateNode);
  if (name.includes('.')) return callUserFunction(node, scope);
  const declared = findFunction(name);
  if (declared === undefined) throw unknownFunction(name);
  requireCount(name, parameters.length, declared.minArguments, declared.maxArguments);
  const values = parameters.map((parameter) => evaluateNode(parameter, scope));
  return values.some(holdsUnknown) ? UNKNOWN : declared.apply(new Arguments(name, values), scope);
}

/** Only the branch that is taken is evaluated; both where the condition is not known yet. */
function branch({ name, parameters }: Call, scope: Scope): Value {
  const [condition, yes, no] = parameters;
  requireCount(name, parameters.length, 3, 3);
  if (condition === undefined || yes === undefined || no === undefined) return null;
  const value = evaluateNode(condition, scope);
  if (value !== UNKNOWN) {
    return evaluateNode(new Arguments(name, [value]).boolean(0) ? yes : no, scope);
  }
  evaluateNode(yes, scope);
  evaluateNode(no, scope);
  return UNKNOWN;
}

/** `copyIndex([loop], [offset])`. */
function copyIndex({ name, parameters }: Call, scope: Scope): Value {
  requireCount(name, parameters.length, 0, 2);
  const given = new Arguments(
    name,
    parameters.map((parameter) => evaluateNode(parameter, scope)),
  );
  const isNamed = typeof given.value(0) === 'string';
  const loop = isNamed
    ? scope.loops.findLast((one) => one.name.toLowerCase() === given.text(0).toLowerCase())
    : scope.loops.findLast((one) => one.isOfResource);
  if (loop === undefined) {
    throw new ExpressionError(
      `The template function '${name}' is not expected at this location. The function can only be used in a ` +
        'resource with copy specified. Please see https://aka.ms/arm-copy for usage details',
    );
  }
  const offsetAt = isNamed ? 1 : 0;
  return loop.index + (given.count > offsetAt ? given.integer(offsetAt) : 0);
}

function callUserFunction({ name, parameters }: Call, scope: Scope): Value {
  const declared = scope.userFunctions.get(name.toLowerCase());
  if (declared === undefined) throw unknownFunction(name);
  const { parameterNames, output } = declared;
  requireCount(name, parameters.length, parameterNames.length, parameterNames.length);
  const values = new Map<string, Value>(
    parameters.map((parameter, index) => [
      (parameterNames[index] ?? '').toLowerCase(),
      evaluateNode(parameter, scope),
    ]),
  );
  return evaluate(output, {
    ...scope,
    loops: [],
    parameter: (parameter) => {
      const value = values.get(parameter.toLowerCase());
      if (value === undefined)
        throw new ExpressionError(`The function '${name}' has no parameter '${parameter}'`);
      return value;
    },
    variable: () => {
      throw new ExpressionError("The template function 'variables' is not expected at this location");
    },
  });
}

function access(target: Value, key: Value, isSafe: boolean): Value {
  if (target === UNKNOWN || key === UNKNOWN) return UNKNOWN;
  const found = elementOf(target, key);
  if (found !== undefined) return found;
  if (isSafe) return null;
  const sought = asText(key);
  if (Array.isArray(target)) {
    throw new ExpressionError(`The language expression property array index '${sought}' is out of bounds`);
  }
  if (!isObject(target)) {
    throw new ExpressionError(
      `The language expression property '${sought}' can't be evaluated. ${EXPRESSION_HELP}`,
    );
  }
  const available = Object.keys(target).join(', ');
  throw new ExpressionError(
    `The language expression property '${sought}' doesn't exist, available properties are '${available}'`,
  );
}
