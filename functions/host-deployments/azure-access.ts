/** What a deployment asks of Azure. Each call is one request, or the pages of a list; none waits for work to end. */
import type { Json, Template } from '../../arm-templates/template/arm';
import type { GroupResource } from './observation';

/** Of a template deployment, and of a run command. */
export type WorkState = 'running' | 'succeeded' | 'failed';

export interface ReadTemplateDeployment {
  state: WorkState;
  correlationId?: string | undefined;
  /** As Azure gives it. */
  error?: unknown;
  outputs?: Readonly<Record<string, unknown>>;
}

/** What a template deployment did with a resource. */
export interface TemplateOperation {
  target?: { id: string; type: string } | undefined;
  /** As Azure gives it. */
  error?: unknown;
}

export interface RunCommand {
  location: string;
  script: string;
  /** None is secret. */
  parameters: { name: string; value: string }[];
  timeoutSeconds: number;
  tags: Readonly<Record<string, string>>;
}

/** @throws AzureError from every method */
export interface AzureAccess {
  /** Signs in and reads the subscription. */
  test(): Promise<void>;
  readGroup(name: string): Promise<{ tags: Readonly<Record<string, string>>; state: string } | undefined>;
  putGroup(name: string, group: { location: string; tags: Record<string, string> }): Promise<void>;
  /** Requests the deletion. */
  deleteGroup(name: string): Promise<void>;
  listResources(group: string): Promise<GroupResource[]>;
  /** The names of soft-deleted key vaults of the subscription. */
  listDeletedVaults(): Promise<string[]>;
  readDeployment(group: string, name: string): Promise<ReadTemplateDeployment | undefined>;
  /** Requests a deployment. */
  putDeployment(
    group: string,
    name: string,
    deployment: { template: Template; parameters: Record<string, Json>; tags: Record<string, string> },
  ): Promise<void>;
  listDeployments(group: string): Promise<{ name: string; state: WorkState }[]>;
  cancelDeployment(group: string, name: string): Promise<void>;
  listOperations(group: string, deployment: string): Promise<TemplateOperation[]>;
  /** Requests the deletion; a resource that is not there is no error. */
  deleteResource(id: string, type: string): Promise<void>;
  readRunCommand(
    group: string,
    machine: string,
    name: string,
  ): Promise<{ state: WorkState; error?: unknown } | undefined>;
  /** Requests that the command is run. */
  putRunCommand(group: string, machine: string, name: string, command: RunCommand): Promise<void>;
}
