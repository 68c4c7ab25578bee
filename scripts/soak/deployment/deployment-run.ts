/**
 * For tests: one seeded run of a deployment against an Azure with a fault, and what must hold at its end: it ends as planned,
 * nothing is made twice, nothing of its own is left unlisted, nothing of others is touched (HST-3).
 */
import { CONTEXT } from '../../../arm-templates/testing/context';
import { SUBSCRIPTION } from '../../../arm-templates/testing/plans';
import { Random } from '../../../infra/local/stand-in-support/random';
import { withEvent } from '../../../functions/host-deployments/enter-state';
import { advance } from '../../../functions/host-deployments/advance-deployment';
import { AzureError } from '../../../shared/azure/azure-error';
import { type Deployment, DEPLOYMENT_TAG } from '../../../functions/host-deployments/deployment';
import {
  type DeploymentState,
  hasEnded,
  isCleaningUp,
  isDeleting,
} from '../../../functions/host-deployments/deployment-states';
import { FakeAzure } from './fake-azure';
import {
  ANSWERS,
  deploymentOfRun,
  CALLS,
  FAILING,
  foreign,
  type Fault,
  FAULTS,
  GROUP,
  ID,
  OTHERS,
  OTHERS_GROUPS,
  OTHERS_TAGS,
  refusal,
  type Trouble,
  TROUBLES,
} from './scenarios';

export interface DeploymentRun {
  seed: number;
  call: string;
  fault: Fault;
  trouble: Trouble;
  state: DeploymentState;
  /** Whether the fault took place. */
  wasHit: boolean;
  /** What was wrong; undefined when nothing was. */
  failure: string | undefined;
}

const MAX_STEPS = 3_000;
const POLL_SECONDS = 30;
const THROTTLED_TIMES = 3;

/** Plays the run of the seed: seeds in a row go through all calls and faults. */
export async function runDeploymentOf(seed: number): Promise<DeploymentRun> {
  const run = new Run(seed);
  try {
    await run.play();
    return run.result(run.wrong());
  } catch (error) {
    return run.result(error instanceof Error ? error.message : String(error));
  }
}

class Run {
  private readonly azure = new FakeAzure(SUBSCRIPTION);
  private readonly call: (typeof CALLS)[number];
  private readonly fault: Fault;
  private readonly trouble: Trouble;
  private readonly occurrence: number;
  private readonly cancelAt: number;
  private readonly answer: (typeof ANSWERS)[number];
  private isRetried = false;
  /** Before the retry something is there that cannot be deleted. */
  private isLocked = false;
  private readonly installed = new Set<string>();
  private calls = 0;
  private hits = 0;
  private now = Date.parse('2026-11-30T00:00:00Z');
  private document: Deployment;
  private refusedDuring: DeploymentState | undefined;
  private isRefusedInRetry = false;
  private takenOver: string | undefined;

  constructor(private readonly seed: number) {
    const random = new Random(seed);
    this.call = CALLS[seed % CALLS.length] ?? 'test';
    this.fault = FAULTS[Math.floor(seed / CALLS.length) % FAULTS.length] ?? 'none';
    this.trouble = random.pick(TROUBLES);
    this.occurrence = random.between(1, 2);
    this.cancelAt = random.between(1, 40);
    this.answer = random.pick(ANSWERS);
    this.document = deploymentOfRun(new Date(this.now));
    this.prepare();
  }

  private prepare(): void {
    const { azure, trouble } = this;
    azure.hook = (call, moment) => this.meet(call, moment);
    if (FAILING.includes(trouble))
      azure.templateError = {
        code: 'DeploymentFailed',
        message: 'See details.',
        details: [{ code: 'QuotaExceeded', message: 'No cores.' }],
      };
    if (trouble === 'twoProcesses') {
      azure.failsOnce = true;
      azure.templateError = { code: 'AnotherOperationInProgress', message: 'Try again.' };
    }
    if (trouble === 'commandsFail') azure.failingCommands = 2;
    if (trouble === 'undeletable')
      azure.undeletable = {
        type: 'Microsoft.Storage/storageAccounts',
        error: new AzureError({ code: 'ScopeLocked', message: 'Locked.' }, 409),
      };
    if (trouble === 'groupOfOthers') azure.addGroup(GROUP, OTHERS_TAGS, [{ ...foreign(), tags: {} }]);
    if (trouble === 'failsInGroupOfOthers' || trouble === 'canceledInGroupOfOthers')
      azure.addGroup(GROUP, OTHERS_TAGS);
    if (trouble === 'siteExists')
      azure.addGroup(GROUP, OTHERS_TAGS, [{ ...foreign(`sr${CONTEXT.suffix}rec`), tags: {} }]);
  }

  /** The fault of this run, at its call. */
  private meet(call: string, moment: 'before' | 'after'): void {
    if (call !== this.call || this.fault === 'none') return;
    if (moment === 'before') this.calls++;
    const isHit =
      this.fault === 'throttled'
        ? this.calls >= this.occurrence && this.hits < THROTTLED_TIMES
        : this.calls === this.occurrence && this.hits === 0;
    const isMoment = (moment === 'after') === ['timedOutAfterSuccess', 'killedAfter'].includes(this.fault);
    if (!isHit || !isMoment) return;
    this.hits++;
    if (this.fault === 'killedBefore' || this.fault === 'killedAfter' || call === 'store')
      throw new Error('killed');
    if (this.fault === 'throttled')
      throw new AzureError({ code: 'TooManyRequests', message: 'Slow down.' }, 429, 17);
    if (this.fault === 'timedOutAfterSuccess')
      throw new AzureError({ code: 'NoAnswer', message: 'Timed out.' });
    this.refusedDuring = this.document.state;
    this.isRefusedInRetry = this.isRetried;
    throw refusal();
  }

  async play(): Promise<void> {
    await this.playToEnd();
    if (this.document.state !== 'failed') return;
    if (this.azure.deletedIds.length > 0) throw new Error('a failure alone has deleted something');
    const wrong = this.checkFailure();
    if (wrong !== undefined) throw new Error(wrong);
    if (this.answer === 'leave') return;
    if (this.answer === 'retry') {
      this.isRetried = true;
      this.isLocked = this.trouble === 'undeletable' && this.hasLocked();
      this.azure.templateError = undefined;
      this.azure.registered.clear();
    }
    this.document = withEvent(
      this.document,
      this.answer === 'retry' ? 'retryRequested' : 'cancelRequested',
      new Date(this.now),
    );
    await this.playToEnd();
  }

  /** After a failure everything is still there, and is recorded unless Azure did not list it. */
  private checkFailure(): string | undefined {
    const { resources, leftovers, error, group } = this.document;
    if (!error) return 'it failed without a reason';
    const there = this.azure.groups.get(GROUP);
    const recorded = new Set(resources.map(({ id }) => id));
    const isListed = leftovers.some(({ kind }) => kind === 'notKnown');
    const unknown = (there?.resources ?? []).filter(({ id }) => this.isMade(id) && !recorded.has(id));
    if (unknown.length > 0 && !isListed) return 'a failure does not show what was made';
    const isGroupKnown = group.isOwn === true || isListed;
    if (there?.tags[DEPLOYMENT_TAG] === ID && !isGroupKnown) return 'its group is not shown';
    const isWorking = [...(there?.deployments.values() ?? [])].some(({ state }) => state === 'running');
    return isWorking && !isListed ? 'Azure still works on what has failed' : undefined;
  }

  private hasLocked(): boolean {
    const there = this.azure.groups.get(GROUP)?.resources ?? [];
    return there.some(({ id, type }) => this.isMade(id) && type === this.azure.undeletable?.type);
  }

  private isMade(id: string): boolean {
    return !id.endsWith(`/${OTHERS}`) && id !== this.takenOver && this.trouble !== 'siteExists';
  }

  private async playToEnd(): Promise<void> {
    for (let step = 0; !hasEnded(this.document.state); step++) {
      if (step === MAX_STEPS) throw new Error(`it does not end: ${this.document.state}`);
      if (this.trouble.startsWith('canceled') && step === this.cancelAt)
        this.document = {
          ...this.document,
          cancelRequest: { at: new Date(this.now).toISOString(), by: 'Ada' },
        };
      this.interfere();
      const [pause] = await Promise.all(
        this.trouble === 'twoProcesses' ? [this.step(), this.step()] : [this.step()],
      );
      this.now += (typeof pause === 'number' ? pause : POLL_SECONDS) * 1_000;
      if (pause !== 0) this.azure.tick();
    }
  }

  /** What others do before the next step. */
  private interfere(): void {
    const { azure, trouble, document } = this;
    const { state, cleanup } = document;
    const group = azure.groups.get(GROUP);
    if (
      trouble === 'groupCreatedByOthers' &&
      state === 'creatingResourceGroup' &&
      document.group.isOwn &&
      !group
    )
      azure.addGroup(GROUP, OTHERS_TAGS);
    if (!group) return;
    if (trouble === 'othersInGroup' && state === 'deployingResources') azure.add(group, foreign());
    if (trouble === 'othersAtDeletion' && cleanup?.kind === 'deleteGroup') azure.add(group, foreign());
    const [first] = group.resources;
    if (trouble === 'takenOver' && first && isDeleting(state) && cleanup?.kind === 'recordResources') {
      this.takenOver = first.id;
      group.resources = group.resources.map((one) =>
        one.id === first.id ? { ...one, tags: OTHERS_TAGS } : one,
      );
    }
  }

  /** One activity; a process that dies is started again. */
  private async step() {
    try {
      return await advance({
        openAzure: async () => this.azure,
        source: CONTEXT,
        secrets: async () => ({ vmAdminPassword: 'secret' }),
        servers: async () => this.servers(),
        installServer: async (machine, installation) => this.install(machine, installation),
        now: () => new Date(this.now),
        store: {
          change: async (next) => {
            const changed = next(this.document);
            if (changed === this.document) return this.document;
            this.meet('store', 'before');
            this.document = JSON.parse(JSON.stringify(changed)) as Deployment;
            this.meet('store', 'after');
            return this.document;
          },
        },
      });
    } catch (error) {
      if (error instanceof Error && error.message === 'killed') return 0;
      throw error;
    }
  }

  /** As quick as one look. */
  private install(machine: string, installation: string) {
    const fails = this.trouble === 'installationFails' && !this.isRetried && machine.endsWith('-1');
    if (fails) return { state: 'failed' as const, reason: 'No space.' };
    const isDone = this.installed.has(installation);
    this.installed.add(installation);
    return { state: isDone ? ('done' as const) : ('running' as const) };
  }

  private servers() {
    return this.document.machines.map(({ name }) => {
      const isRegistered = this.azure.registered.has(name);
      return { name, isRegistered, status: isRegistered ? 'available' : 'setupInProgress' };
    });
  }

  /** What does not hold at the end. */
  wrong(): string | undefined {
    const { state, machines } = this.document;
    const expected = this.expected();
    if (expected !== undefined && state !== expected) return `it ended ${state}, not ${expected}`;
    const twice = [...this.azure.creations].filter(([, count]) => count > 1);
    if (twice.length > 0) return `made twice: ${twice.map(([id]) => id).join(', ')}`;
    if (this.document.templateTries > (this.azure.failsOnce ? 2 : 1)) return 'one failure was counted twice';
    const wrong = this.wrongWithOthers();
    if (wrong !== undefined) return wrong;
    const isDeleted = state === 'canceled' || this.document.history.at(-2)?.state === 'deletingForRetry';
    if (isDeleted) return this.wrongWithLeftovers();
    if (state === 'failed') return this.checkFailure();
    return machines.every((machine) => machine.state === 'done') ? undefined : 'machines are missing';
  }

  private wrongWithOthers(): string | undefined {
    const { trouble, takenOver } = this;
    const isOfOthers = (id: string) =>
      id.endsWith(`/${OTHERS}`) || id === takenOver || trouble === 'siteExists';
    if (this.azure.deletedIds.some(isOfOthers)) return 'a resource of others was deleted';
    const group = this.azure.groups.get(GROUP);
    if (!OTHERS_GROUPS.includes(trouble) || (trouble === 'groupCreatedByOthers' && !group)) return undefined;
    if (!group || group.state === 'Deleting') return 'the group of others was deleted';
    const isAsBefore = trouble === 'groupCreatedByOthers' || group.tags === OTHERS_TAGS;
    return isAsBefore ? undefined : 'the tags of the group of others were changed';
  }

  private wrongWithLeftovers(): string | undefined {
    const { leftovers } = this.document;
    const there = this.azure.groups.get(GROUP);
    const listed = new Map(leftovers.map(({ id, reason }) => [id.toLowerCase(), reason]));
    const groupId = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`.toLowerCase();
    if (there?.tags[DEPLOYMENT_TAG] === ID && !listed.has(groupId)) return 'its group is left and not listed';
    const left = (there?.resources ?? []).filter(({ id }) => this.isMade(id));
    // Where Azure refuses to delete, what is left is listed; where it refuses to list, the group is; else nothing is left.
    const isGroupListed = this.refusedDuring !== undefined && listed.get(groupId)?.includes(DEPLOYMENT_TAG);
    const mayStay = this.trouble === 'undeletable' || this.refusedDuring !== undefined;
    const unlisted = left.filter(({ id }) => !isGroupListed && !(mayStay && listed.has(id.toLowerCase())));
    if (unlisted.length > 0) return `left: ${unlisted.map(({ id }) => id).join(', ')}`;
    const locked = this.trouble === 'undeletable' && this.refusedDuring === undefined ? left : [];
    if (locked.some(({ type }) => type !== this.azure.undeletable?.type))
      return 'more is left than what is locked';
    const withoutReason = locked.some(({ id }) => !listed.get(id.toLowerCase())?.includes('ScopeLocked'));
    return withoutReason ? 'a leftover is listed without its reason' : undefined;
  }

  private expected(): DeploymentState | undefined {
    const { trouble, refusedDuring } = this;
    const isCanceled = this.document.cancelRequest !== undefined;
    if (isCanceled) return 'canceled';
    // The other process may have done what was refused to this one.
    if (refusedDuring !== undefined && trouble === 'twoProcesses') return undefined;
    const always = trouble === 'siteExists' || trouble === 'installationFails';
    const isRefused = refusedDuring !== undefined && !this.isRefusedInRetry && !isCleaningUp(refusedDuring);
    if (!FAILING.includes(trouble) && !always && !isRefused && !this.isRefusedInRetry) return 'available';
    if (this.answer !== 'retry') return this.answer === 'cancel' ? 'canceled' : 'failed';
    const failsAgain = trouble === 'siteExists' || this.takenOver !== undefined || this.isLocked;
    return failsAgain || this.isRefusedInRetry ? 'failed' : 'available';
  }

  result(failure: string | undefined): DeploymentRun {
    const { seed, call, fault, trouble } = this;
    return { seed, call, fault, trouble, state: this.document.state, wasHit: this.hits > 0, failure };
  }
}
