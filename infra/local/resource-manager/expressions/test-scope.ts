/** For tests: a scope with one resource group, and expressions evaluated in it. */
import { evaluate } from './evaluate';
import { ExpressionError } from './errors';
import { type Scope, type Target } from './scope';
import { type Value } from './values';

const subscriptionId = '11111111-2222-3333-4444-555555555555';

export const testTarget: Target = {
  subscription: {
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    tenantId: '99999999-8888-7777-6666-555555555555',
    displayName: 'Test',
  },
  resourceGroup: {
    id: `/subscriptions/${subscriptionId}/resourceGroups/rg1`,
    name: 'rg1',
    location: 'westeurope',
    tags: { site: 'one' },
  },
  deployment: { name: 'main', properties: { mode: 'Incremental' } },
};

export function testScope(values: Record<string, Value> = {}, overrides: Partial<Scope> = {}): Scope {
  return {
    target: testTarget,
    parameter: (name) => {
      const value = values[name];
      if (value === undefined) throw new ExpressionError(`The template parameter '${name}' is not found`);
      return value;
    },
    variable: () => null,
    userFunctions: new Map(),
    loops: [],
    lambdaVariables: new Map(),
    ...overrides,
  };
}

/** The value of `[expression]`, with `values` as parameters. */
export function valueOf(
  expression: string,
  values: Record<string, Value> = {},
  overrides: Partial<Scope> = {},
): Value {
  return evaluate(`[${expression}]`, testScope(values, overrides));
}
