/** What a deployment learns from an action. */
import type { AzureErrorInfo } from '../../shared/azure/azure-error';
import type { MadeResource } from './deployment';

/** A resource of the group, as Azure lists it. */
export interface GroupResource {
  id: string;
  type: string;
  tags: Readonly<Record<string, string>>;
  /** The resource that it was made with, such as the machine of a disk. */
  managedBy?: string | undefined;
}

export interface ObservedMachine {
  name: string;
  /** Its cloud client has registered. */
  isRegistered: boolean;
  /** `started`: it was not there, and is now. */
  command: 'started' | 'running' | 'succeeded' | 'failed';
  error?: AzureErrorInfo | undefined;
}

/** The installation of the server component on a machine; `done`: the machine has it. */
export interface ObservedInstallation {
  name: string;
  state: 'running' | 'done' | 'failed';
  /** Why it failed. */
  reason?: string | undefined;
}

export type Observation =
  | { kind: 'connected' }
  /** `tag`: the deployment that made the group. */
  | { kind: 'groupRead'; exists: boolean; tag?: string | undefined }
  | { kind: 'groupCreated' }
  | { kind: 'existingRead'; resources: GroupResource[]; deletedVaults: string[] }
  | { kind: 'templateRunning'; correlationId?: string | undefined }
  | { kind: 'templateSucceeded'; outputs: Readonly<Record<string, unknown>>; resources: MadeResource[] }
  | { kind: 'templateFailed'; error: AzureErrorInfo; canRetry: boolean }
  | { kind: 'machinesObserved'; machines: ObservedMachine[] }
  | { kind: 'installationsRead'; machines: ObservedInstallation[] }
  | { kind: 'serversRead'; servers: { name: string; status: string }[] }
  | { kind: 'deploymentsStopped'; stillRunning: number }
  /** By the operations of the templates. */
  | { kind: 'resourcesRecorded'; resources: MadeResource[] }
  | {
      kind: 'resourcesListed';
      group: { exists: boolean; tag?: string | undefined; state?: string };
      resources: GroupResource[];
    }
  | { kind: 'groupDeletionRequested' }
  | { kind: 'deletionsRequested'; refused: { id: string; error: AzureErrorInfo; canRetry: boolean }[] }
  /** The call failed, and may succeed later. */
  | { kind: 'callFailed'; error: AzureErrorInfo; canRetry: boolean; retryAfterSeconds?: number | undefined };

/** The observation of this kind. */
export type Seen<K extends Observation['kind']> = Extract<Observation, { kind: K }>;
