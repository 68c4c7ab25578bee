/** The evaluation context of an expression: the deployment's target, its parameters, the loops around it. */
import { type Value, type ValueObject } from './values';

/** Where a deployment goes to; each member is what the function of that name returns. */
export interface Target {
  subscription: ValueObject & { id: string; subscriptionId: string; tenantId: string };
  resourceGroup: ValueObject & { id: string; name: string; location: string };
  deployment: ValueObject & { name: string };
}

export interface Loop {
  name: string;
  index: number;
  /** Of a resource or output; `copyIndex()` without a name does not see loops of properties and variables. */
  isOfResource: boolean;
}

export interface UserFunction {
  parameterNames: string[];
  output: Value;
}

export interface ReferenceRequest {
  /** A resource id, or the name of a resource of the template. */
  nameOrId: string;
  apiVersion: string | undefined;
  /** The whole resource, and not its properties alone. */
  isFull: boolean;
}

export interface ListRequest {
  /** `listKeys` and its like. */
  functionName: string;
  id: string;
  apiVersion: string;
}

/** Provides values that only exist while a deployment runs. */
export interface Runtime {
  reference(request: ReferenceRequest): Value;
  list(request: ListRequest): Value;
}

export interface Scope {
  target: Target;
  /** @throws ExpressionError for one that is not declared */
  parameter(name: string): Value;
  variable(name: string): Value;
  /** By `namespace.name` in lower case. */
  userFunctions: ReadonlyMap<string, UserFunction>;
  loops: readonly Loop[];
  lambdaVariables: ReadonlyMap<string, Value>;
  /** Absent where `reference` and `list…` are not allowed. */
  runtime?: Runtime;
  /** Present in the default values of parameters only, where `utcNow` and `newGuid` are allowed. */
  defaults?: { now: Date };
}
