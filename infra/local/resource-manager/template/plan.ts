/** The plan of a deployment: its resources in order, its nested deployments checked as far as possible. */
import { TemplateError } from '../expressions/errors';
import { type Scope, type Target } from '../expressions/scope';
import { asText, isObject, type Value, type ValueObject } from '../expressions/values';
import { dependenciesOf } from './dependencies';
import { type DeploymentPlan, type ResourceInstance } from './deployment-plan';
import { evaluateOutputs } from './outputs';
import { type TemplateParameters } from './parameters';
import { expandResources, isNested, NotYetKnown } from './resources';
import { recordingRuntime, scopeOf } from './scopes';
import { type GivenParameters, readGivenParameters, readTemplate, type Template } from './template';

/** What a deployment and those nested in it share. */
export interface PlanContext {
  target: Target;
  /** Where nested deployments find other resource groups; undefined for those that do not exist. */
  groupNamed: (name: string) => Target['resourceGroup'] | undefined;
  now: Date;
}

interface PlanRequest extends PlanContext {
  template: Value;
  given: GivenParameters;
}

/** @throws TemplateError for everything that Resource Manager refuses before it deploys anything */
export function planDeployment(request: PlanRequest): DeploymentPlan {
  const template = readTemplate(request.template);
  const { scope, parameters } = scopeOf(template, request.given, request.target, request.now);
  return planIn(request, template, scope, parameters);
}

function planIn(
  context: PlanContext,
  template: Template,
  scope: Scope,
  parameters: TemplateParameters | undefined,
): DeploymentPlan {
  const { target } = context;
  const expanded = expandResources(template, scope, target);
  for (const instance of expanded.instances) lookIntoNested(context, instance);
  const dependencies = dependenciesOf(expanded, parameters === undefined);
  evaluateOutputs(template.outputs, scope, recordingRuntime().runtime);
  return { template, target, scope, parameters, instances: expanded.instances, dependencies };
}

/** What an inner template of outer scope refers to is referred to by the nested deployment. */
function lookIntoNested(context: PlanContext, instance: ResourceInstance): void {
  if (!instance.isDeployed || !isNested(instance.type)) return;
  try {
    const plan = planNested(context, instance, instance.early);
    instance.nested = plan;
    if (plan.parameters !== undefined) return;
    const inner = new Set(plan.instances.map(({ id }) => id.toLowerCase()));
    const outside = plan.instances
      .flatMap(({ referenced }) => referenced)
      .filter(({ nameOrId }) => !inner.has(nameOrId.toLowerCase()));
    instance.referenced.push(...outside);
  } catch (error) {
    // It is planned again when its turn comes.
    if (!(error instanceof NotYetKnown)) throw error;
  }
}

/** The plan of a nested deployment, from its evaluated body. @throws TemplateError */
export function planNested(
  context: PlanContext,
  instance: ResourceInstance,
  body: ValueObject,
): DeploymentPlan {
  const { properties } = body;
  if (!isObject(properties) || properties.template === undefined) {
    throw new TemplateError(
      `The local Resource Manager implements nested deployments with a template of their own alone; '${instance.name}' has none.`,
      'NotImplemented',
    );
  }
  const target = nestedTarget(context, instance, body);
  const nested = { ...context, target };
  const template = readTemplate(properties.template);
  if (isInner(properties)) {
    const given = readGivenParameters(properties.parameters ?? {});
    const { scope, parameters } = scopeOf(template, given, target, context.now);
    return planIn(nested, template, scope, parameters);
  }
  return planIn(nested, template, instance.scope, undefined);
}

function isInner({ expressionEvaluationOptions: options }: ValueObject): boolean {
  return isObject(options) && asText(options.scope ?? '').toLowerCase() === 'inner';
}

function nestedTarget(
  { target, groupNamed }: PlanContext,
  { name }: ResourceInstance,
  body: ValueObject,
): Target {
  const groupName = typeof body.resourceGroup === 'string' ? body.resourceGroup : target.resourceGroup.name;
  const id = `${target.subscription.id}/resourceGroups/${groupName}`;
  const resourceGroup = groupNamed(groupName) ?? { ...target.resourceGroup, id, name: groupName };
  const deployment = { name, properties: { mode: 'Incremental', provisioningState: 'Accepted' } };
  return { ...target, resourceGroup, deployment };
}
