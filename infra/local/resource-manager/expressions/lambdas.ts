/**
 * Functions that take a lambda.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-lambda
 */
import { Arguments } from './arguments';
import { ExpressionError } from './errors';
import { requireCount } from './functions/all';
import { type Node } from './parser';
import { type Scope } from './scope';
import { asText, holdsUnknown, UNKNOWN, type Value, type ValueObject } from './values';

type Evaluate = (node: Node, scope: Scope) => Value;
type Lambda = (...values: Value[]) => Value;

interface LambdaCall {
  /** The arguments that are not lambdas, by position. */
  given: Arguments;
  lambda: (index: number) => Lambda;
}

const forms: Record<
  string,
  { minArguments: number; maxArguments: number; apply: (call: LambdaCall) => Value }
> = {
  filter: {
    minArguments: 2,
    maxArguments: 2,
    apply: ({ given, lambda }) => given.array(0).filter((item, index) => lambda(1)(item, index) === true),
  },
  map: {
    minArguments: 2,
    maxArguments: 2,
    apply: ({ given, lambda }) => given.array(0).map((item, index) => lambda(1)(item, index)),
  },
  mapvalues: {
    minArguments: 2,
    maxArguments: 2,
    apply: ({ given, lambda }) =>
      Object.fromEntries(Object.entries(given.object(0)).map(([name, value]) => [name, lambda(1)(value)])),
  },
  reduce: {
    minArguments: 3,
    maxArguments: 3,
    apply: ({ given, lambda }) =>
      given.array(0).reduce<Value>((sum, item, index) => lambda(2)(sum, item, index), given.value(1)),
  },
  sort: {
    minArguments: 2,
    maxArguments: 2,
    apply: ({ given, lambda }) =>
      [...given.array(0)].sort((left, right) => {
        if (lambda(1)(left, right) === true) return -1;
        return lambda(1)(right, left) === true ? 1 : 0;
      }),
  },
  groupby: { minArguments: 2, maxArguments: 2, apply: groupBy },
  toobject: { minArguments: 2, maxArguments: 3, apply: toObject },
};

function groupBy({ given, lambda }: LambdaCall): Value {
  const groups: Record<string, Value[]> = {};
  for (const item of given.array(0)) (groups[asText(lambda(1)(item))] ??= []).push(item);
  return groups;
}

function toObject({ given, lambda }: LambdaCall): Value {
  const object: ValueObject = {};
  for (const item of given.array(0)) {
    object[asText(lambda(1)(item))] = given.count > 2 ? lambda(2)(item) : item;
  }
  return object;
}

/** Including `lambda` and `lambdaVariables` themselves; the name in lower case. */
export function isLambdaFunction(lowerName: string): boolean {
  return lowerName === 'lambda' || lowerName === 'lambdavariables' || Object.hasOwn(forms, lowerName);
}

/** @throws ExpressionError */
export function applyLambdaFunction(
  name: string,
  parameters: Node[],
  scope: Scope,
  evaluateNode: Evaluate,
): Value {
  const form = forms[name.toLowerCase()];
  if (form === undefined) return lambdaVariable(name, parameters, scope, evaluateNode);
  requireCount(name, parameters.length, form.minArguments, form.maxArguments);
  const values = parameters.map((node) => (isLambda(node) ? null : evaluateNode(node, scope)));
  if (values.some(holdsUnknown)) return UNKNOWN;
  return form.apply({
    given: new Arguments(name, values),
    lambda: (index) => lambdaOf(name, parameters[index], scope, evaluateNode),
  });
}

function lambdaVariable(name: string, parameters: Node[], scope: Scope, evaluateNode: Evaluate): Value {
  const [node] = parameters;
  if (name.toLowerCase() === 'lambda' || node === undefined) {
    throw new ExpressionError(`The template function '${name}' is not expected at this location`);
  }
  const variable = asText(evaluateNode(node, scope));
  const value = scope.lambdaVariables.get(variable.toLowerCase());
  if (value === undefined) throw new ExpressionError(`The lambda variable '${variable}' is not found`);
  return value;
}

const isLambda = (node: Node): boolean => node.kind === 'call' && node.name.toLowerCase() === 'lambda';

function lambdaOf(name: string, node: Node | undefined, scope: Scope, evaluateNode: Evaluate): Lambda {
  const body = node?.kind === 'call' && isLambda(node) ? node.parameters.at(-1) : undefined;
  if (node?.kind !== 'call' || body === undefined) {
    throw new ExpressionError(`The template language function '${name}' expects a lambda function`);
  }
  const names = node.parameters.slice(0, -1).map((parameter) => asText(evaluateNode(parameter, scope)));
  return (...values) => {
    const bound = names.map((variable, index) => [variable.toLowerCase(), values[index] ?? null] as const);
    const lambdaVariables = new Map([...scope.lambdaVariables, ...bound]);
    return evaluateNode(body, { ...scope, lambdaVariables });
  };
}
