/** Unrolls the resources of a template: loops, children, conditions, ids. */
import { describing, ExpressionError, TemplateError } from '../expressions/errors';
import { copyCount, evaluate } from '../expressions/evaluate';
import { type Runtime, type Scope, type Target } from '../expressions/scope';
import { asText, isObject, UNKNOWN, type Value, type ValueObject } from '../expressions/values';
import { type ResourceInstance } from './deployment-plan';
import { recordingRuntime, type Referenced } from './scopes';
import { readResource, type ResourceDeclaration, type Template } from './template';

export interface Expanded {
  instances: ResourceInstance[];
  /** Names of loops, those without any copies as well. */
  loopNames: Set<string>;
}

/** Thrown where a nested template cannot be unrolled before what it depends on has been deployed. */
export class NotYetKnown extends Error {}

export const isNested = (type: string): boolean => type.toLowerCase() === 'microsoft.resources/deployments';

interface Parent {
  type: string;
  name: string;
}

/** `target` is where the resources go; `scope` may, for a nested template of outer scope, be that of another place. */
export function expandResources(template: Template, scope: Scope, target: Target): Expanded {
  const expander = new Expander(scope, target);
  if (Array.isArray(template.resources)) {
    for (const resource of template.resources) expander.add(resource, undefined, undefined);
  } else {
    for (const [symbol, resource] of Object.entries(template.resources)) {
      expander.add(resource, symbol, undefined);
    }
  }
  return expander.expanded;
}

class Expander {
  constructor(
    private readonly scope: Scope,
    private readonly target: Target,
    readonly expanded: Expanded = { instances: [], loopNames: new Set() },
  ) {}

  add(resource: ResourceDeclaration, symbol: string | undefined, parent: Parent | undefined): void {
    const { copy } = resource;
    if (copy === undefined) {
      this.addOne(resource, symbol, parent, this.scope, undefined);
      return;
    }
    const name = copy.name ?? symbol ?? '';
    const count = describing(`resource '${resource.name}'`, () =>
      copyCount(evaluate(copy.count, this.scope), name),
    );
    if (count === UNKNOWN) throw new NotYetKnown();
    this.expanded.loopNames.add(name.toLowerCase());
    const batchSize = copy.mode === 'serial' ? (copy.batchSize ?? 1) : undefined;
    for (let index = 0; index < count; index += 1) {
      const loops = [...this.scope.loops, { name, index, isOfResource: true }];
      this.addOne(resource, symbol, parent, { ...this.scope, loops }, { name, index, batchSize });
    }
  }

  private addOne(
    resource: ResourceDeclaration,
    symbol: string | undefined,
    parent: Parent | undefined,
    scope: Scope,
    loop: ResourceInstance['loop'],
  ): void {
    const { copy: _, condition, dependsOn, resources, existing, ...declared } = resource;
    const what = `resource '${resource.name}'`;
    const known = (value: Value): Value => knownValue(value, scope, what);
    const text = (value: Value): string => asText(known(value));
    const own = { type: text(resource.type), name: text(resource.name) };
    const { type, name } = parent === undefined ? own : childOf(parent, own);
    const isWanted = condition === undefined ? true : known(condition);
    if (typeof isWanted !== 'boolean') {
      throw new TemplateError(`The template ${what} is not valid: the condition must be of type 'Boolean'.`);
    }
    const isDeployed = isWanted && existing !== true;
    const members = declared as ValueObject;
    const { early, referenced } = isDeployed ? lookAhead(members, scope) : { early: {}, referenced: [] };
    this.expanded.instances.push({
      id: idOf(type, name, resource, text, this.target),
      type,
      name,
      apiVersion: text(resource.apiVersion),
      symbol,
      loop,
      isDeployed,
      dependsOn: (dependsOn ?? []).map(text),
      referenced,
      declared: members,
      scope,
      early,
    });
    // Children see the loops around their parent.
    const children = new Expander(scope, this.target, this.expanded);
    for (const child of resources ?? []) children.add(readResource(child), undefined, { type, name });
  }
}

function knownValue(value: Value, scope: Scope, what: string): Value {
  const known = describing(what, () => evaluate(value, scope));
  if (known === UNKNOWN) throw new NotYetKnown();
  return known;
}

function childOf(parent: Parent, own: Parent): Parent {
  const isFull = own.type.includes('.');
  const type = isFull ? own.type : `${parent.type}/${own.type}`;
  const name =
    own.name.split('/').length === type.split('/').length - 1 ? own.name : `${parent.name}/${own.name}`;
  return { type, name };
}

/** A resource of a resource group, or an extension of the resource that `scope` names. */
function idOf(
  type: string,
  name: string,
  { scope }: ResourceDeclaration,
  text: (value: Value) => string,
  { resourceGroup }: Target,
): string {
  const [namespace = '', ...types] = type.split('/');
  const names = name.split('/');
  if (types.length === 0 || types.length !== names.length || names.includes('')) {
    throw new TemplateError(
      `The template resource '${name}' for type '${type}' has incorrect segment lengths. A nested resource type ` +
        'must have identical number of segments as its resource name. A root resource type must have segment length ' +
        'one greater than its resource name. Please see https://aka.ms/arm-syntax-resources for usage details.',
    );
  }
  const suffix = `/providers/${namespace}${types.map((part, index) => `/${part}/${names[index]}`).join('')}`;
  const given = typeof scope === 'string' ? text(scope) : '';
  if (given === '') return resourceGroup.id + suffix;
  return (given.startsWith('/') ? given : `${resourceGroup.id}/providers/${given}`) + suffix;
}

/** Evaluates what is known, and finds the references. */
function lookAhead(declared: ValueObject, scope: Scope): { early: ValueObject; referenced: Referenced[] } {
  const { runtime, referenced } = recordingRuntime();
  return { early: evaluateBody(declared, scope, runtime), referenced };
}

/** The body as it is sent; the template within a nested deployment is left as it is. @throws TemplateError */
export function evaluateBody(declared: ValueObject, scope: Scope, runtime: Runtime): ValueObject {
  const what = asText(declared.name ?? '');
  const { properties } = declared;
  const nested =
    typeof declared.type === 'string' && isNested(declared.type) && isObject(properties)
      ? properties.template
      : undefined;
  const plain =
    nested === undefined || !isObject(properties)
      ? declared
      : { ...declared, properties: withoutTemplate(properties) };
  const body = evaluatedOrRefused(plain, { ...scope, runtime }, what);
  if (nested !== undefined && isObject(body.properties)) body.properties.template = nested;
  return body;
}

function withoutTemplate({ template: _, ...rest }: ValueObject): ValueObject {
  return rest;
}

function evaluatedOrRefused(plain: ValueObject, scope: Scope, what: string): ValueObject {
  try {
    const body = evaluate(plain, scope);
    return isObject(body) ? body : {};
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new TemplateError(
      `Unable to process template language expressions for resource '${what}'. '${error.message}'`,
    );
  }
}
