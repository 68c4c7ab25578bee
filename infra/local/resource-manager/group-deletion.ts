/** Deletes a resource group with everything in it; continues after a restart. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpError } from '../stand-in-support/errors';
import { type ErrorInfo, infoOf } from './arm-error';
import { carryOutUnderFaults, type RunnerParts } from './deployments/deployment-runner';
import { parseResourceId } from './resource-id';
import { type StoredResource } from './store';

export class GroupDeletion {
  private readonly inProgress = new Map<string, Promise<void>>();

  constructor(private readonly parts: RunnerParts) {}

  /** No effect when it is being deleted already. */
  start(name: string): void {
    const key = name.toLowerCase();
    const group = this.parts.store.groups.get(name);
    if (group === undefined || this.inProgress.has(key)) return;
    const { deletionError: _, ...rest } = group;
    this.parts.store.groups.put(name, '', { ...rest, state: 'Deleting' });
    this.inProgress.set(
      key,
      this.delete(name).finally(() => this.inProgress.delete(key)),
    );
  }

  /** Continues deletions that a restart interrupted. */
  resume(): void {
    for (const { name, state } of this.parts.store.groups.all()) {
      if (state === 'Deleting') this.start(name);
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.inProgress.values());
  }

  private async delete(name: string): Promise<void> {
    const { store } = this.parts;
    let failures: ErrorInfo[] = [];
    let before = Number.POSITIVE_INFINITY;
    // Resources in use are deleted after their users: repeated as long as there is progress.
    for (let left = store.resources.inGroup(name); left.length > 0 && left.length < before;) {
      before = left.length;
      failures = await this.deleteEach(left.reverse());
      left = store.resources.inGroup(name);
    }
    const group = store.groups.get(name);
    if (group === undefined) return;
    if (store.resources.inGroup(name).length === 0) {
      for (const { id } of store.deployments.inGroup(name)) store.deployments.delete(id);
      store.groups.delete(name);
      return;
    }
    const deletionError = {
      code: 'ResourceGroupDeletionBlocked',
      message: `Deletion of resource group '${name}' failed as resources with identifiers could not be deleted: see details.`,
      details: failures,
    };
    store.groups.put(name, '', { ...group, state: 'Succeeded', deletionError });
  }

  private async deleteEach(resources: StoredResource[]): Promise<ErrorInfo[]> {
    const failures: ErrorInfo[] = [];
    for (const { id, type, fullName } of resources) {
      const parsed = parseResourceId(id);
      if (parsed === undefined || this.parts.store.resources.get(id) === undefined) continue;
      try {
        await carryOutUnderFaults(this.parts, 'DELETE', { id, type, name: fullName }, async () => {
          this.parts.provider.remove(parsed);
        });
      } catch (error) {
        failures.push({ ...failureOf(error), target: id });
      }
    }
    await sleep(this.parts.workMilliseconds);
    return failures;
  }
}

function failureOf(error: unknown): ErrorInfo {
  if (error instanceof HttpError) return infoOf(error);
  return { code: 'InternalServerError', message: String(error) };
}
