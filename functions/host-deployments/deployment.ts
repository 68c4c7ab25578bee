/** The deployment of a site through a host connection: its document, which is the truth whatever happens to its orchestration. */
import type { SitePlan } from '../../arm-templates/plan/site-plan';
import { derivedId } from '../../shared/ids';
import type { TaskInitiator } from '../../shared/tasks/task';
import type { AzureErrorInfo } from '../../shared/azure/azure-error';
import type { DeploymentState } from './deployment-states';

/** A resource of Azure that the deployment made. */
export interface MadeResource {
  id: string;
  type: string;
}

/** What the deployment made, or may have made, and that is still there. */
export interface Leftover {
  id: string;
  /**
   * `notDeleted`: Azure did not delete it; `notKnown`: it may hold resources of the deployment, which Azure did not list;
   * `groupOfOthers`: its resource group, in which others have put something; `deletedVault`: it only keeps its name.
   */
  kind: 'notDeleted' | 'notKnown' | 'groupOfOthers' | 'deletedVault';
  reason: string;
}

/** The set-up of a machine: a run command, under a fresh name for each try. */
export interface MachineSetup {
  name: string;
  /** `done`: its cloud client has registered, whatever the command says. */
  state: 'waiting' | 'running' | 'done' | 'failed';
  tries: number;
  /** Tries of the installation of the server component. */
  installations: number;
  /** RFC 3339 UTC: when the current command ended, without the machine having registered yet. */
  commandEndedAt?: string | undefined;
  error?: AzureErrorInfo | undefined;
}

/** What a state that cleans up does next; each is noted before it is done. */
export type CleanupStep =
  | { kind: 'stopDeployments' }
  | { kind: 'recordResources' }
  | { kind: 'listResources' }
  | { kind: 'deleteGroup' }
  | { kind: 'deleteResources'; ids: string[] };

/** What a plan comes to. */
export interface PlannedSite {
  /** Without secrets, which are in the secret store while they are needed. */
  plan: SitePlan;
  planFingerprint: string;
  machineNames: readonly string[];
}

export interface Deployment {
  /** UUIDv7. */
  id: string;
  siteId: string;
  hostConnectionId: string;
  /** Without secrets, which are in the secret store while they are needed. */
  plan: SitePlan;
  planFingerprint: string;
  /** Of the names of the resources. */
  suffix: string;
  initiator: TaskInitiator;
  /** From 1; retrying starts the next one. */
  attempt: number;
  /** The plan of the next attempt, when it was requested with another one. */
  nextPlan?: PlannedSite | undefined;
  /** The task that works on it, and its orchestration: a new one for each retry, and for the cancellation of a failed one. */
  taskId: string;
  state: DeploymentState;
  /** Times are RFC 3339 UTC. */
  createdAt: string;
  stateSince: string;
  endedAt?: string | undefined;
  /** The states of this attempt, oldest first. */
  history: { state: DeploymentState; at: string }[];
  /** `isOwn`: the deployment makes it, or has made it; undefined while that is not known. */
  group: { name: string; isOwn?: boolean | undefined };
  /** Ends the name of the vault. */
  vaultAttempt?: number | undefined;
  /** Each try of the template is a deployment of its own name. */
  templateTries: number;
  outputs?: Readonly<Record<string, unknown>> | undefined;
  machines: MachineSetup[];
  servers: { name: string; status: string }[];
  resources: MadeResource[];
  cleanup?: CleanupStep | undefined;
  leftovers: Leftover[];
  /** Failed calls in a row, and why the last one failed. */
  retries: { count: number; error?: AzureErrorInfo | undefined };
  /** Why it failed. */
  error?: AzureErrorInfo | undefined;
  cancelRequest?: { at: string; by: string } | undefined;
}

/** The tag by which the resources of a deployment are known; its value is the deployment's id. */
export const DEPLOYMENT_TAG = 'session-recording-deployment';

/** The name of the current try of the template. */
export function templateName({ suffix, attempt, templateTries }: Deployment): string {
  return `sr-${suffix}-${attempt}-${templateTries}`;
}

/** Whether a deployment in the group is one of this deployment's: a try of its template, or nested in one. */
export function isOwnTemplate({ suffix }: Pick<Deployment, 'suffix'>, name: string): boolean {
  return name.toLowerCase().startsWith(`sr-${suffix}-`);
}

/** The id of a machine's current installation, which is its task too. */
export function installationIdOf({ attempt, id }: Deployment, { name, installations }: MachineSetup): string {
  return derivedId('deployment-installation', id, String(attempt), name, String(installations));
}

/** The name of a machine's current run command. */
export function runCommandName({ attempt, id }: Deployment, { tries }: MachineSetup): string {
  return `install-cloud-client-${id.slice(-6)}-${attempt}-${tries}`;
}

type NewDeployment = Pick<
  Deployment,
  'id' | 'siteId' | 'hostConnectionId' | 'plan' | 'planFingerprint' | 'suffix' | 'initiator' | 'taskId'
> & { groupName: string; machineNames: readonly string[] };

/** The first attempt. */
export function newDeployment({ groupName, machineNames, ...given }: NewDeployment, now: Date): Deployment {
  const at = now.toISOString();
  return { ...given, attempt: 1, createdAt: at, ...freshStart(groupName, machineNames, at) };
}

/** The next attempt: nothing of an earlier one is left but the names of its deleted vaults. */
export function nextAttempt<T extends Deployment>(deployment: T, at: string): T {
  const { attempt, leftovers, nextPlan, group, machines } = deployment;
  const { machineNames = machines.map(({ name }) => name), ...plan } = nextPlan ?? {};
  return {
    ...deployment,
    ...plan,
    ...freshStart(group.name, machineNames, at),
    // The group stays where others have put something into it.
    group: { name: group.name, isOwn: group.isOwn === true ? true : undefined },
    attempt: attempt + 1,
    nextPlan: undefined,
    leftovers: leftovers.filter(({ kind }) => kind === 'deletedVault'),
  };
}

/** What every attempt begins with. */
export function freshStart(groupName: string, machineNames: readonly string[], at: string) {
  return {
    state: 'testingConnection',
    stateSince: at,
    endedAt: undefined,
    history: [{ state: 'testingConnection', at }],
    group: { name: groupName },
    vaultAttempt: undefined,
    templateTries: 1,
    outputs: undefined,
    machines: machineNames.map((name) => ({ name, state: 'waiting', tries: 0, installations: 0 })),
    servers: machineNames.map((name) => ({ name, status: 'planned' })),
    resources: [],
    cleanup: undefined,
    leftovers: [],
    retries: { count: 0 },
    error: undefined,
    cancelRequest: undefined,
  } as const satisfies Partial<Deployment>;
}

/** The resources with those that were not known yet. */
export function withResources(known: MadeResource[], more: MadeResource[]): MadeResource[] {
  const ids = new Set(known.map(({ id }) => id.toLowerCase()));
  return [...known, ...more.filter(({ id }) => !ids.has(id.toLowerCase()))];
}
