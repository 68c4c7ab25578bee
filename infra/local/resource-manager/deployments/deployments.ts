/** The deployments of the subscription: planning, starting, cancelling. */
import { armError, type ArmError, infoOf, type ErrorInfo } from '../arm-error';
import { HttpError } from '../../stand-in-support/errors';
import { TemplateError } from '../expressions/errors';
import { type Target } from '../expressions/scope';
import { type Value, type ValueObject } from '../expressions/values';
import { requireType } from '../known-types';
import { parseResourceId } from '../resource-id';
import { requireGroup } from '../resources/resource-provider';
import { type Deployment, type DeploymentState, type ResourceGroup, type ResourceStore } from '../store';
import { type DeploymentPlan } from '../template/deployment-plan';
import { planDeployment } from '../template/plan';
import { isNested } from '../template/resources';
import { type GivenParameters } from '../template/template';
import { type DeploymentRecord, deploymentFailed, newDeployment } from './deployment-record';
import { DeploymentRunner, type RunnerParts } from './deployment-runner';

export interface DeploymentRequest {
  group: ResourceGroup;
  name: string;
  template: Value;
  /** Read during planning, so that its error is reported as one of the template. */
  given: () => GivenParameters;
  tags: Record<string, string> | undefined;
}

export interface PlannedDeployment {
  request: DeploymentRequest;
  plan: DeploymentPlan;
}

interface Running {
  cancel: AbortController;
  done: Promise<void>;
}

const over: DeploymentState[] = ['Succeeded', 'Failed', 'Canceled'];
const isOver = ({ properties }: Deployment): boolean => over.includes(properties.provisioningState);

export class Deployments {
  private readonly running = new Map<string, Running>();

  constructor(
    private readonly parts: RunnerParts,
    private readonly subscription: Target['subscription'],
  ) {}

  /** @throws ArmError for everything that is refused before anything is deployed */
  plan(request: DeploymentRequest): PlannedDeployment {
    const { group, name, template } = request;
    requireGroup(this.parts.store, group.name);
    const resourceGroup = this.parts.groupNamed(group.name);
    if (resourceGroup === undefined) throw new Error(`The group ${group.name} has no description.`);
    const properties: ValueObject = { mode: 'Incremental', provisioningState: 'Accepted', template };
    const deployment = { name, properties };
    const target: Target = { subscription: this.subscription, resourceGroup, deployment };
    const { groupNamed } = this.parts;
    const plan = refusedAsArm(() =>
      planDeployment({ template, given: request.given(), target, groupNamed, now: new Date() }),
    );
    this.preflight(plan, name);
    return { request, plan };
  }

  /** The result of a validation. */
  validated({ request, plan }: PlannedDeployment): object {
    const { id, properties } = newDeployment(undefined, {
      name: request.name,
      group: request.group.name,
      plan,
      correlationId: '',
    }).current;
    const validatedResources = plan.instances
      .filter(({ isDeployed }) => isDeployed)
      .map((instance) => ({ id: instance.id }));
    return {
      id,
      name: request.name,
      type: 'Microsoft.Resources/deployments',
      properties: { ...properties, provisioningState: 'Succeeded', validatedResources },
    };
  }

  /** @throws ArmError while one of the same name is in progress */
  start({ request, plan }: PlannedDeployment, correlationId: string): Deployment {
    const { name, group, tags } = request;
    const id = `${plan.target.resourceGroup.id}/providers/Microsoft.Resources/deployments/${name}`;
    const before = this.parts.store.deployments.get(id);
    if (before !== undefined && !isOver(before)) {
      throw armError(
        409,
        'DeploymentActive',
        `Unable to edit or replace deployment '${name}': previous deployment from '${before.properties.timestamp}' is ` +
          'still active. Please see https://aka.ms/arm-deploy for usage details.',
      );
    }
    const record = newDeployment(this.parts.store, {
      name,
      group: group.name,
      plan,
      correlationId,
      ...(tags === undefined ? {} : { tags }),
    });
    const answer = structuredClone(record.current);
    this.run(plan, record);
    return answer;
  }

  /** @throws ArmError for one that has ended */
  cancel(deployment: Deployment): void {
    const running = this.running.get(deployment.id.toLowerCase());
    if (running === undefined) {
      throw armError(
        409,
        'DeploymentCannotBeCancelled',
        `The deployment '${deployment.name}' cannot be cancelled because it is in a terminal state ` +
          `'${deployment.properties.provisioningState}'.`,
      );
    }
    running.cancel.abort();
  }

  /** Removes the record; the resources stay. @throws ArmError for one that is in progress */
  forget(deployment: Deployment): void {
    if (!isOver(deployment)) {
      throw armError(
        409,
        'DeploymentBeingDeleted',
        `The deployment '${deployment.name}' is still active and cannot be deleted.`,
      );
    }
    this.parts.store.deployments.delete(deployment.id);
  }

  /** Secrets are never stored: a deployment that a restart interrupted cannot continue, and is marked as failed. */
  failInterrupted(): void {
    for (const deployment of this.parts.store.deployments.all()) {
      if (!isOver(deployment)) failInterrupted(this.parts.store, deployment);
    }
  }

  async settled(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ done }) => done));
  }

  private run(plan: DeploymentPlan, record: DeploymentRecord): void {
    const key = record.current.id.toLowerCase();
    const cancel = new AbortController();
    const runner = new DeploymentRunner(this.parts, plan, record, cancel.signal);
    const done = runner.run().finally(() => this.running.delete(key));
    this.running.set(key, { cancel, done });
  }

  /** All errors that the resource providers report before the deployment. */
  private preflight(plan: DeploymentPlan, name: string): void {
    const refusals = this.refusalsOf(plan);
    if (refusals.length === 0) return;
    throw armError(
      400,
      'InvalidTemplateDeployment',
      `The template deployment '${name}' is not valid according to the validation procedure. See inner errors for details.`,
      { details: refusals },
    );
  }

  private refusalsOf({ instances }: DeploymentPlan): ErrorInfo[] {
    return instances
      .filter(({ isDeployed }) => isDeployed)
      .flatMap(({ id, type, apiVersion, early, nested }) => {
        const location = typeof early.location === 'string' ? early.location : undefined;
        requireType(type, apiVersion, location);
        if (isNested(type)) return nested === undefined ? [] : this.refusalsOf(nested);
        const parsed = parseResourceId(id);
        if (parsed === undefined) return [];
        try {
          this.parts.provider.preflight(parsed, apiVersion, early);
          return [];
        } catch (error) {
          if (!(error instanceof HttpError)) throw error;
          return [{ target: id, ...infoOf(error) }];
        }
      });
  }
}

function failInterrupted(store: ResourceStore, deployment: Deployment): void {
  const error = deploymentFailed(deployment.id, [
    {
      code: 'DeploymentInterrupted',
      message: 'The local Resource Manager was restarted while the deployment was in progress.',
    },
  ]);
  const properties = { ...deployment.properties, provisioningState: 'Failed' as const, error };
  store.deployments.put(deployment.id, deployment.group, { ...deployment, properties });
}

function refusedAsArm<T>(plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw templateRefusal(error);
  }
}

function templateRefusal({ code, message }: TemplateError): ArmError {
  if (code === 'NotImplemented') return armError(501, code, message);
  const isOfTemplate = code === 'InvalidTemplate' && !message.startsWith('Unable to process');
  return armError(
    400,
    code,
    isOfTemplate ? `Deployment template validation failed: '${message}'.` : message,
    { additionalInfo: [{ type: 'TemplateViolation', info: { lineNumber: 0, linePosition: 0, path: '' } }] },
  );
}
