/** The record of a deployment and its operations, kept with every change. */
import { createHash, randomUUID } from 'node:crypto';
import { type ErrorInfo } from '../arm-error';
import { namespaces } from '../known-types';
import { type Deployment, type DeploymentOperation, type Items, type ResourceStore } from '../store';
import { type DeploymentPlan, type ResourceInstance } from '../template/deployment-plan';

type Properties = Deployment['properties'];

/** The error of a deployment of which something failed. */
export function deploymentFailed(id: string, details: ErrorInfo[]): ErrorInfo {
  return {
    code: 'DeploymentFailed',
    target: id,
    message:
      'At least one resource deployment operation failed. Please list deployment operations for details. Please see ' +
      'https://aka.ms/arm-deployment-operations for usage details.',
    details,
  };
}

interface NewDeployment {
  name: string;
  group: string;
  plan: DeploymentPlan;
  correlationId: string;
  tags?: Record<string, string>;
}

/** Stores a new one in place of the previous one of that name; without a store it is not kept. */
export function newDeployment(store: ResourceStore | undefined, request: NewDeployment): DeploymentRecord {
  const { name, group, plan, correlationId, tags } = request;
  const deployment: Deployment = {
    id: `${plan.target.resourceGroup.id}/providers/Microsoft.Resources/deployments/${name}`,
    name,
    group,
    ...(tags === undefined ? {} : { tags }),
    properties: {
      provisioningState: 'Accepted',
      correlationId,
      timestamp: new Date().toISOString(),
      duration: 'PT0S',
      mode: 'Incremental',
      templateHash: BigInt(`0x${sha256(plan.template).slice(0, 16)}`).toString(),
      parameters: plan.parameters?.described() ?? {},
      providers: providersOf(plan),
      dependencies: dependenciesOf(plan),
    },
    operations: [],
  };
  return new DeploymentRecord(store?.deployments, deployment);
}

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

export class DeploymentRecord {
  private readonly startedAt = Date.now();

  constructor(
    private readonly items: Items<Deployment> | undefined,
    readonly current: Deployment,
  ) {
    this.save();
  }

  change(properties: Partial<Properties>): void {
    const timestamp = new Date().toISOString();
    Object.assign(this.current.properties, properties, {
      timestamp,
      duration: durationSince(this.startedAt),
    });
    this.save();
  }

  /** Without a resource it is the evaluation of the outputs. */
  startOperation(instance: ResourceInstance | undefined): DeploymentOperation {
    const operation: DeploymentOperation = {
      operationId: randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase(),
      properties: {
        provisioningOperation: instance === undefined ? 'EvaluateDeploymentOutput' : 'Create',
        provisioningState: 'Running',
        timestamp: new Date().toISOString(),
        duration: 'PT0S',
        trackingId: randomUUID(),
        ...(instance === undefined
          ? {}
          : {
              targetResource: { id: instance.id, resourceType: instance.type, resourceName: instance.name },
            }),
      },
    };
    this.current.operations.push(operation);
    this.save();
    return operation;
  }

  /** It failed when there is a message. */
  endOperation(
    { properties }: DeploymentOperation,
    result: { statusCode: string; statusMessage?: { error: ErrorInfo } },
  ): void {
    const duration = durationSince(Date.parse(properties.timestamp));
    const provisioningState = result.statusMessage === undefined ? 'Succeeded' : 'Failed';
    Object.assign(properties, result, { provisioningState, duration, timestamp: new Date().toISOString() });
    this.save();
  }

  private save(): void {
    this.items?.put(this.current.id, this.current.group, this.current);
  }
}

function durationSince(start: number): string {
  return `PT${((Date.now() - start) / 1000).toFixed(7)}S`;
}

function providersOf({ instances, target }: DeploymentPlan): object[] {
  const types = new Map<string, Set<string>>();
  for (const { type } of instances) {
    const [namespace = '', ...rest] = type.split('/');
    const usual =
      [...namespaces.keys()].find((name) => name.toLowerCase() === namespace.toLowerCase()) ?? namespace;
    types.set(usual, (types.get(usual) ?? new Set()).add(rest.join('/')));
  }
  return [...types].map(([namespace, resourceTypes]) => ({
    namespace,
    resourceTypes: [...resourceTypes].map((resourceType) => ({
      resourceType,
      locations: [target.resourceGroup.location],
    })),
  }));
}

function dependenciesOf({ dependencies }: DeploymentPlan): object[] {
  const described = ({ id, type, name }: ResourceInstance): object => ({
    id,
    resourceType: type,
    resourceName: name,
  });
  return [...dependencies]
    .filter(([, awaited]) => awaited.size > 0)
    .map(([instance, awaited]) => ({ dependsOn: [...awaited].map(described), ...described(instance) }));
}
