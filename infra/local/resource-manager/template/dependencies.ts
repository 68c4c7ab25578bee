/** The dependencies between the resources of a template. */
import { TemplateError } from '../expressions/errors';
import { type Dependencies, type ResourceInstance } from './deployment-plan';
import { type Expanded } from './resources';

const HELP = 'Please see https://aka.ms/arm-syntax-resources for usage details.';

/**
 * @param isOuterScope of a nested template whose references may mean resources of the template around it
 * @throws TemplateError for duplicate resources, unknown ones, and cycles
 */
export function dependenciesOf({ instances, loopNames }: Expanded, isOuterScope: boolean): Dependencies {
  refuseDuplicates(instances);
  const dependencies = new Map<ResourceInstance, Set<ResourceInstance>>();
  for (const instance of instances) {
    const awaited = new Set<ResourceInstance>();
    for (const name of instance.dependsOn) {
      const found = findInstances(name, instances);
      if (found.length === 0 && !loopNames.has(name.toLowerCase())) throw unknown(name);
      found.forEach((one) => awaited.add(one));
    }
    for (const { nameOrId, isOfTemplate } of instance.referenced) {
      if (!isOfTemplate) continue;
      const found = findInstances(nameOrId, instances);
      if (found.length === 0 && !isOuterScope && !loopNames.has(nameOrId.toLowerCase())) {
        throw notInTemplate(nameOrId);
      }
      found.forEach((one) => awaited.add(one));
    }
    for (const one of earlierBatch(instance, instances)) awaited.add(one);
    dependencies.set(instance, awaited);
  }
  refuseCycles(dependencies);
  return dependencies;
}

/** The resources that an id, symbol, loop, name, or type and name refers to. */
export function findInstances(sought: string, instances: ResourceInstance[]): ResourceInstance[] {
  const lower = sought.toLowerCase();
  if (lower.startsWith('/')) return instances.filter(({ id }) => id.toLowerCase() === lower);
  return instances.filter(
    ({ id, name, symbol, loop }) =>
      symbol?.toLowerCase() === lower ||
      loop?.name.toLowerCase() === lower ||
      name.toLowerCase() === lower ||
      id.toLowerCase().endsWith(`/providers/${lower}`) ||
      typeAndName(id) === lower,
  );
}

/** `namespace/type/subtype/name/subname`, as older templates write it. */
function typeAndName(id: string): string {
  const [namespace = '', ...segments] = (id.toLowerCase().split('/providers/').at(-1) ?? '').split('/');
  const types = segments.filter((_, index) => index % 2 === 0);
  const names = segments.filter((_, index) => index % 2 === 1);
  return [namespace, ...types, ...names].join('/');
}

function earlierBatch({ loop }: ResourceInstance, instances: ResourceInstance[]): ResourceInstance[] {
  if (loop?.batchSize === undefined) return [];
  const { name, index, batchSize } = loop;
  const start = Math.floor(index / batchSize) * batchSize;
  return instances.filter((one) => one.loop?.name === name && one.loop.index < start);
}

function refuseDuplicates(instances: ResourceInstance[]): void {
  const seen = new Set<string>();
  for (const { id, type, name, isDeployed } of instances) {
    const key = id.toLowerCase();
    if (!isDeployed) continue;
    if (seen.has(key)) {
      throw new TemplateError(
        `The resource '${type}/${name}' is defined multiple times in a template. ${HELP}`,
      );
    }
    seen.add(key);
  }
}

function refuseCycles(dependencies: Dependencies): void {
  const done = new Set<ResourceInstance>();
  const visit = (instance: ResourceInstance, path: ResourceInstance[]): void => {
    if (done.has(instance)) return;
    if (path.includes(instance)) {
      throw new TemplateError(`Circular dependency detected on resource: '${instance.id}'. ${HELP}`);
    }
    for (const awaited of dependencies.get(instance) ?? []) visit(awaited, [...path, instance]);
    done.add(instance);
  };
  for (const instance of dependencies.keys()) visit(instance, []);
}

function unknown(name: string): TemplateError {
  return new TemplateError(
    `The resource '${name}' is not defined in the template. Please see https://aka.ms/arm-syntax for usage details.`,
  );
}

function notInTemplate(nameOrId: string): TemplateError {
  return new TemplateError(
    `The template resource reference '${nameOrId}' is not valid: could not find template resource or resource copy ` +
      'with this name. Please see https://aka.ms/arm-template-expressions/#reference for usage details.',
  );
}
