/** The outputs of a template. */
import { describing, TemplateError } from '../expressions/errors';
import { copyCount, evaluate } from '../expressions/evaluate';
import { type Runtime, type Scope } from '../expressions/scope';
import { UNKNOWN, type Value } from '../expressions/values';
import { isSecure, typeNames } from './parameters';
import { type OutputDeclaration } from './template';

export interface Output {
  type: string;
  /** Absent for secure ones. */
  value?: Value;
}

/** @throws TemplateError */
export function evaluateOutputs(
  outputs: Record<string, OutputDeclaration>,
  scope: Scope,
  runtime: Runtime,
): Record<string, Output> {
  const withRuntime = { ...scope, runtime };
  const results: Record<string, Output> = {};
  for (const [name, output] of Object.entries(outputs)) {
    const { type, condition } = output;
    const what = `output '${name}'`;
    const isWanted =
      condition === undefined ? true : describing(what, () => evaluate(condition, withRuntime));
    if (isWanted === false) continue;
    const value = describing(what, () => valueOf(name, output, withRuntime));
    results[name] = { type: typeNames[type], ...(isSecure(type) ? {} : { value }) };
  }
  return results;
}

function valueOf(name: string, { copy, value }: OutputDeclaration, scope: Scope): Value {
  if (copy === undefined) {
    if (value === undefined) throw new TemplateError(`The template output '${name}' has no value.`);
    return evaluate(value, scope);
  }
  const count = copyCount(evaluate(copy.count, scope), name);
  if (count === UNKNOWN) return UNKNOWN;
  return Array.from({ length: count }, (_, index) => {
    const loops = [...scope.loops, { name: copy.name ?? name, index, isOfResource: true }];
    return evaluate(copy.input ?? null, { ...scope, loops });
  });
}
