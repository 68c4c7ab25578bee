/** Executes a planned deployment: each resource once its dependencies exist. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokenConnectionError, type FaultInjector } from '../../faults/fault-injector';
import { HttpError } from '../../stand-in-support/errors';
import { armError, type ErrorInfo, infoOf } from '../arm-error';
import { TemplateError } from '../expressions/errors';
import { type Runtime } from '../expressions/scope';
import { type ValueObject } from '../expressions/values';
import { parseResourceId } from '../resource-id';
import { type ResourceProvider } from '../resources/resource-provider';
import { type ResourceStore } from '../store';
import { evaluateOutputs } from '../template/outputs';
import { type DeploymentPlan, type ResourceInstance } from '../template/deployment-plan';
import { type PlanContext, planNested } from '../template/plan';
import { evaluateBody, isNested } from '../template/resources';
import { type DeploymentRecord, deploymentFailed, newDeployment } from './deployment-record';
import { createRuntime } from './runtime';
import { masked } from '../resources/write-only';

export interface RunnerParts {
  store: ResourceStore;
  provider: ResourceProvider;
  faults: FaultInjector;
  /** How long each resource takes. */
  workMilliseconds: number;
  groupNamed: PlanContext['groupNamed'];
}

export class DeploymentRunner {
  private readonly turns = new Map<ResourceInstance, Promise<boolean>>();
  private readonly errors: ErrorInfo[] = [];
  private readonly secrets: readonly string[];
  private readonly runtime: Runtime;

  /** `around` is the runner of the deployment that this one is nested in. */
  constructor(
    private readonly parts: RunnerParts,
    private readonly plan: DeploymentPlan,
    private readonly record: DeploymentRecord,
    private readonly canceled: AbortSignal,
    around?: DeploymentRunner,
  ) {
    this.secrets = [...(plan.parameters?.secrets() ?? []), ...(around?.secrets ?? [])];
    const instances = (): ResourceInstance[] => [...plan.instances, ...(around?.instancesInSight() ?? [])];
    this.instancesInSight = instances;
    this.runtime = createRuntime(parts.provider, parts.store, instances);
  }

  private readonly instancesInSight: () => ResourceInstance[];

  /** Resolves when nothing is in progress any more; the record holds the result. */
  async run(): Promise<void> {
    this.record.change({ provisioningState: 'Running' });
    const made = await Promise.all(this.plan.instances.map((instance) => this.turnOf(instance)));
    if (this.errors.length === 0 && !this.canceled.aborted) this.evaluateOutputs();
    const outputResources = this.plan.instances
      .filter((instance, index) => instance.isDeployed && made[index] === true)
      .map(({ id }) => ({ id }));
    if (this.canceled.aborted) {
      this.record.change({ provisioningState: 'Canceled', outputResources });
    } else if (this.errors.length > 0) {
      const error = deploymentFailed(this.record.current.id, this.errors);
      this.record.change({ provisioningState: 'Failed', error, outputResources });
    } else {
      this.record.change({ provisioningState: 'Succeeded', outputResources });
    }
  }

  /** Whether its dependents may continue. There are no cycles: the plan refuses them. */
  private turnOf(instance: ResourceInstance): Promise<boolean> {
    const known = this.turns.get(instance);
    if (known !== undefined) return known;
    const turn = this.takeTurn(instance);
    this.turns.set(instance, turn);
    return turn;
  }

  private async takeTurn(instance: ResourceInstance): Promise<boolean> {
    const awaited = [...(this.plan.dependencies.get(instance) ?? [])];
    const ready = await Promise.all(awaited.map((one) => this.turnOf(one)));
    if (!ready.every(Boolean) || this.canceled.aborted) return false;
    if (!instance.isDeployed) return true;
    const operation = this.record.startOperation(instance);
    try {
      const isNew = await this.create(instance);
      this.record.endOperation(operation, { statusCode: isNew ? 'Created' : 'OK' });
      return true;
    } catch (error) {
      const refusal = asHttpError(error);
      const shown = masked(infoOf(refusal), this.secrets);
      this.errors.push(shown);
      this.record.endOperation(operation, {
        statusCode: statusNames[refusal.status] ?? String(refusal.status),
        statusMessage: { error: shown },
      });
      return false;
    }
  }

  private async create(instance: ResourceInstance): Promise<boolean> {
    const isThere = this.parts.store.resources.get(instance.id) !== undefined;
    const body = evaluateBody(instance.declared, instance.scope, this.runtime);
    if (isNested(instance.type)) {
      await this.createNested(instance, body);
      return !isThere;
    }
    await createUnderFaults(this.parts, instance, async () => {
      await sleep(this.parts.workMilliseconds);
      const id = parseResourceId(instance.id);
      if (id === undefined) throw new Error(`'${instance.id}' is not the id of a resource.`);
      this.parts.provider.write(this.parts.provider.check(id, instance.apiVersion, body), this.secrets);
    });
    return !isThere;
  }

  private async createNested(instance: ResourceInstance, body: ValueObject): Promise<void> {
    const { target } = this.plan;
    const context = { target, groupNamed: this.parts.groupNamed, now: new Date() };
    const plan = planNested(context, instance, body);
    const { name: group } = plan.target.resourceGroup;
    const { correlationId } = this.record.current.properties;
    const record = newDeployment(this.parts.store, { name: instance.name, group, plan, correlationId });
    await new DeploymentRunner(this.parts, plan, record, this.canceled, this).run();
    const { error, provisioningState } = record.current.properties;
    if (error !== undefined) throw armError(409, error.code, error.message, error);
    if (provisioningState !== 'Succeeded') {
      throw armError(409, 'DeploymentCanceled', `The deployment '${instance.name}' was canceled.`);
    }
  }

  private evaluateOutputs(): void {
    const operation = this.record.startOperation(undefined);
    try {
      const outputs = evaluateOutputs(this.plan.template.outputs, this.plan.scope, this.runtime);
      this.record.change({ outputs: masked(outputs, this.secrets) });
      this.record.endOperation(operation, { statusCode: 'OK' });
    } catch (error) {
      const info = infoOf(asHttpError(error));
      this.errors.push({ ...info, code: 'DeploymentOutputEvaluationFailed' });
      this.record.endOperation(operation, { statusCode: 'BadRequest', statusMessage: { error: info } });
    }
  }
}

const maxThrottledRetries = 5;

/**
 * Work on one resource, subject to injected faults. Throttled work is retried after the wait, as Resource Manager
 * does with its providers.
 */
export async function carryOutUnderFaults(
  { faults }: Pick<RunnerParts, 'faults'>,
  method: 'CREATE' | 'DELETE',
  { id, type, name }: { id: string; type: string; name: string },
  work: () => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const waitSeconds = await faults.carryOut<number | undefined>({
      call: { method, path: id, body: () => JSON.stringify({ type, name }) },
      proceed: async () => {
        await work();
        return undefined;
      },
      refuse: ({ status, code, message, retryAfterSeconds }) => {
        if (status === 429 && attempt <= maxThrottledRetries) return retryAfterSeconds ?? 1;
        throw armError(status, code ?? statusNames[status] ?? 'InjectedFault', message, { target: id });
      },
    });
    if (waitSeconds === undefined) return;
    await sleep(waitSeconds * 1000);
  }
}

/** Creates or updates a resource; one that was written before its failure stays, marked as failed. */
export async function createUnderFaults(
  parts: Pick<RunnerParts, 'faults' | 'provider'>,
  what: { id: string; type: string; name: string },
  work: () => Promise<void>,
): Promise<void> {
  let isWritten = false;
  try {
    await carryOutUnderFaults(parts, 'CREATE', what, async () => {
      await work();
      isWritten = true;
    });
  } catch (error) {
    const id = parseResourceId(what.id);
    if (isWritten && id !== undefined) parts.provider.markFailed(id);
    throw error;
  }
}

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof TemplateError) return armError(400, error.code, error.message);
  if (error instanceof BrokenConnectionError) {
    return armError(500, 'InternalServerError', 'An unexpected error occurred while processing the request.');
  }
  console.error('Resource Manager:', error);
  return armError(500, 'InternalServerError', 'The local Resource Manager failed; see its log.');
}

/** As operations name them. */
const statusNames: Record<number, string> = {
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};
