/** The scope that the expressions of one template are evaluated in. */
import { describing, ExpressionError, TemplateError } from '../expressions/errors';
import { evaluate, isPropertyLoop, unroll } from '../expressions/evaluate';
import { type Runtime, type Scope, type Target, type UserFunction } from '../expressions/scope';
import { memberName, UNKNOWN, type Value } from '../expressions/values';
import { TemplateParameters } from './parameters';
import { type GivenParameters, type Template } from './template';

export interface TemplateScope {
  scope: Scope;
  parameters: TemplateParameters;
}

/** Checks the parameters. @throws TemplateError */
export function scopeOf(
  template: Template,
  given: GivenParameters,
  target: Target,
  now: Date,
): TemplateScope {
  const userFunctions = userFunctionsOf(template);
  const empty = { target, userFunctions, loops: [], lambdaVariables: new Map<string, Value>() };
  const parameter = (name: string): Value => valueOf(parameters, name);
  const variables = new Variables(template, () => scope);
  const scope: Scope = { ...empty, parameter, variable: (name) => variables.value(name) };
  const parameters = new TemplateParameters(template.parameters, given, {
    ...empty,
    parameter,
    variable: () => {
      throw new ExpressionError("The template function 'variables' is not expected at this location");
    },
    defaults: { now },
  });
  parameters.check();
  variables.check();
  return { scope, parameters };
}

function valueOf(parameters: TemplateParameters, name: string): Value {
  const value = parameters.value(name);
  if (value !== undefined) return value;
  throw new ExpressionError(
    `The template parameter '${name}' is not found. Please see https://aka.ms/arm-syntax-parameters for usage details`,
  );
}

function userFunctionsOf({ functions }: Template): Map<string, UserFunction> {
  return new Map(
    functions.flatMap(({ namespace, members }) =>
      Object.entries(members).map(([name, { parameters, output }]): [string, UserFunction] => [
        `${namespace}.${name}`.toLowerCase(),
        { parameterNames: parameters.map((parameter) => parameter.name), output: output.value },
      ]),
    ),
  );
}

/** Evaluated on first use, each once. */
class Variables {
  private readonly values = new Map<string, Value>();
  private readonly inProgress = new Set<string>();
  private readonly declared: Record<string, () => Value>;

  constructor(template: Template, scope: () => Scope) {
    const { copy, ...plain } = template.variables;
    const loops = Array.isArray(copy) ? copy.filter(isPropertyLoop) : [];
    this.declared = Object.fromEntries([
      ...Object.entries(copy === undefined || Array.isArray(copy) ? plain : template.variables).map(
        ([name, value]) => [name, () => evaluate(value, scope())] as const,
      ),
      ...loops.map((loop) => [loop.name, () => unroll(loop, scope())] as const),
    ]);
  }

  check(): void {
    for (const name of Object.keys(this.declared)) this.value(name);
  }

  value(name: string): Value {
    const key = memberName(this.declared, name);
    const declared = key === undefined ? undefined : this.declared[key];
    if (key === undefined || declared === undefined) {
      throw new ExpressionError(
        `The template variable '${name}' is not found. Please see https://aka.ms/arm-syntax-variables for usage details`,
      );
    }
    const known = this.values.get(key);
    if (known !== undefined) return known;
    if (this.inProgress.has(key)) {
      throw new TemplateError(
        `The template variable '${key}' is not valid: circular dependency of variables.`,
      );
    }
    this.inProgress.add(key);
    const value = describing(`variable '${key}'`, declared);
    this.inProgress.delete(key);
    this.values.set(key, value);
    return value;
  }
}

/** The runtime before a deployment: records what is requested, and knows no values. */
export function recordingRuntime(): { runtime: Runtime; referenced: Referenced[] } {
  const referenced: Referenced[] = [];
  return {
    referenced,
    runtime: {
      reference: ({ nameOrId, apiVersion }) => {
        referenced.push({ nameOrId, isOfTemplate: apiVersion === undefined || !nameOrId.includes('/') });
        return UNKNOWN;
      },
      list: ({ id }) => {
        referenced.push({ nameOrId: id, isOfTemplate: !id.startsWith('/') });
        return UNKNOWN;
      },
    },
  };
}

export interface Referenced {
  nameOrId: string;
  /**
   * Whether it must be a resource of the same template, which is then waited for. A resource named by its id and API
   * version may be any, and is not: https://learn.microsoft.com/azure/azure-resource-manager/templates/resource-dependency
   */
  isOfTemplate: boolean;
}
