/** For tests: an Azure that is as slow, forgetful and unfriendly as a test wants. Time passes only by `tick`. */
import type {
  AzureAccess,
  ReadTemplateDeployment,
  RunCommand,
  TemplateOperation,
  WorkState,
} from '../../../functions/host-deployments/azure-access';
import { AzureError } from '../../../shared/azure/azure-error';
import type { GroupResource } from '../../../functions/host-deployments/observation';

interface FakeTemplate {
  state: WorkState;
  /** It makes one more resource, and has ended then. */
  isCanceled: boolean;
  left: number;
  tags: Record<string, string>;
  error?: unknown;
  operations: TemplateOperation[];
}

interface FakeGroup {
  tags: Record<string, string>;
  state: 'Succeeded' | 'Deleting';
  resources: GroupResource[];
  deployments: Map<string, FakeTemplate>;
  commands: Map<string, { state: WorkState; left: number; machine: string }>;
}

/** Called before and after each call with its name; it throws to fail the call there. */
export type CallHook = (call: string, moment: 'before' | 'after') => void;

const notFound = (what: string) =>
  new AzureError({ code: `${what}NotFound`, message: `${what} could not be found.` }, 404);

const TYPES: readonly [type: string, name: (suffix: string, index: number) => string][] = [
  ['Microsoft.Network/networkSecurityGroups', (suffix) => `sr-${suffix}-nsg`],
  ['Microsoft.Storage/storageAccounts', (suffix) => `sr${suffix}rec`],
  ['Microsoft.Sql/servers', (suffix) => `sr-${suffix}-sql`],
  ['Microsoft.KeyVault/vaults', (suffix) => `sr-${suffix}-kv`],
  ['Microsoft.Network/loadBalancers', (suffix) => `sr-${suffix}-lb`],
];

export class FakeAzure implements AzureAccess {
  readonly groups = new Map<string, FakeGroup>();
  readonly deletedVaults: string[] = [];
  readonly registered = new Set<string>();
  /** How often each resource was created; by id. */
  readonly creations = new Map<string, number>();
  readonly deletedIds: string[] = [];
  /** The template fails half-way with this error. */
  templateError: unknown;
  /** Only the first deployment of it does. */
  failsOnce = false;
  /** Machines whose commands fail, and how often. */
  failingCommands = 0;
  /** Deletions of these types are refused, and of groups with one of them. */
  undeletable: { type: string; error: AzureError } | undefined;
  hook: CallHook = () => undefined;

  constructor(private readonly subscription: string) {}

  /** Work in progress goes on by one unit. */
  tick(): void {
    for (const [name, group] of this.groups) {
      if (group.state === 'Deleting') {
        for (const { id } of group.resources) this.forget(group, id);
        this.groups.delete(name);
        this.creations.delete(name);
        continue;
      }
      for (const [deployment, work] of group.deployments) this.work(name, group, deployment, work);
      for (const command of group.commands.values()) {
        if (command.state !== 'running' || --command.left > 0) continue;
        command.state = this.failingCommands-- > 0 ? 'failed' : 'succeeded';
        if (command.state === 'succeeded') this.registered.add(command.machine);
      }
    }
  }

  private work(groupName: string, group: FakeGroup, name: string, work: FakeTemplate): void {
    if (work.state !== 'running') return;
    work.left--;
    const suffix = name.split('-')[1] ?? '';
    const made = TYPES[TYPES.length - 1 - work.left];
    if (made && !(this.templateError !== undefined && work.left === 1)) {
      const [type, nameOf] = made;
      const id = `/subscriptions/${this.subscription}/resourceGroups/${groupName}/providers/${type}/${nameOf(suffix, 0)}${type.endsWith('vaults') ? this.deletedVaults.length + 1 : ''}`;
      this.add(group, { id, type, tags: work.tags });
      work.operations.push({ target: { id, type } });
    } else if (made) {
      work.state = 'failed';
      work.error = this.templateError;
      if (this.failsOnce) this.templateError = undefined;
    }
    if (work.isCanceled) work.state = 'failed';
    if (work.state === 'running' && work.left <= 0) work.state = 'succeeded';
  }

  /** A group that is there without any call. */
  addGroup(name: string, tags: Record<string, string>, resources: GroupResource[] = []): void {
    const contents = { resources, deployments: new Map(), commands: new Map() };
    this.groups.set(name, { tags, state: 'Succeeded', ...contents });
  }

  add(group: FakeGroup, resource: GroupResource): void {
    if (group.resources.some(({ id }) => id === resource.id)) return;
    group.resources.push(resource);
    this.creations.set(resource.id, (this.creations.get(resource.id) ?? 0) + 1);
  }

  private forget(group: FakeGroup, resourceId: string): void {
    const resource = group.resources.find(({ id }) => id === resourceId);
    if (!resource) return;
    group.resources = group.resources.filter(({ id }) => id !== resourceId);
    this.deletedIds.push(resourceId);
    this.creations.delete(resourceId);
    if (resource.type.endsWith('vaults')) this.deletedVaults.push(resourceId.split('/').at(-1) ?? '');
  }

  private async call<T>(name: string, work: () => T): Promise<T> {
    this.hook(name, 'before');
    const result = work();
    this.hook(name, 'after');
    return result;
  }

  private group(name: string): FakeGroup {
    const group = this.groups.get(name);
    if (!group) throw notFound('ResourceGroup');
    return group;
  }

  test = () => this.call('test', () => undefined);

  readGroup = (name: string) =>
    this.call('readGroup', () => {
      const group = this.groups.get(name);
      return group && { tags: group.tags, state: group.state };
    });

  putGroup = (name: string, { tags }: { location: string; tags: Record<string, string> }) =>
    this.call('putGroup', () => {
      const known = this.groups.get(name);
      if (known) known.tags = tags;
      else this.addGroup(name, tags);
      this.creations.set(name, (this.creations.get(name) ?? 0) + (known ? 0 : 1));
    });

  deleteGroup = (name: string) =>
    this.call('deleteGroup', () => {
      const group = this.group(name);
      const { undeletable } = this;
      if (undeletable && group.resources.some(({ type }) => type === undeletable.type))
        throw undeletable.error;
      group.state = 'Deleting';
    });

  listResources = (name: string) => this.call('listResources', () => [...this.group(name).resources]);
  listDeletedVaults = () => this.call('listDeletedVaults', () => [...this.deletedVaults]);

  readDeployment = (group: string, name: string) =>
    this.call('readDeployment', (): ReadTemplateDeployment | undefined => {
      const found = this.group(group).deployments.get(name);
      return (
        found && {
          state: found.state,
          error: found.error,
          correlationId: 'correlation',
          outputs: {
            identityClientId: 'client',
            databaseServer: { host: 'sr-sql.database.windows.net', databases: ['recording', 'logging'] },
          },
        }
      );
    });

  putDeployment: AzureAccess['putDeployment'] = (group, name, { parameters }) =>
    this.call('putDeployment', () => {
      const { deployments } = this.group(group);
      if (deployments.get(name)?.state === 'running')
        throw new AzureError({ code: 'DeploymentActive', message: 'It is running.' }, 409);
      const tags = parameters['tags'] as Record<string, string>;
      deployments.set(name, {
        state: 'running',
        isCanceled: false,
        left: TYPES.length,
        tags,
        operations: [],
      });
    });

  listDeployments = (group: string) =>
    this.call('listDeployments', () =>
      [...this.group(group).deployments].map(([name, { state }]) => ({ name, state })),
    );

  cancelDeployment = (group: string, name: string) =>
    this.call('cancelDeployment', () => {
      const found = this.group(group).deployments.get(name);
      if (!found) throw notFound('Deployment');
      if (found.state === 'running') found.isCanceled = true;
    });

  listOperations = (group: string, name: string) =>
    this.call('listOperations', () => this.group(group).deployments.get(name)?.operations ?? []);

  deleteResource = (id: string, type: string) =>
    this.call('deleteResource', () => {
      if (this.undeletable?.type === type) throw this.undeletable.error;
      for (const group of this.groups.values()) this.forget(group, id);
    });

  readRunCommand = (group: string, machine: string, name: string) =>
    this.call('readRunCommand', () => this.group(group).commands.get(`${machine}/${name}`));

  putRunCommand = (group: string, machine: string, name: string, _command: RunCommand) =>
    this.call('putRunCommand', () => {
      const { commands } = this.group(group);
      if (!commands.has(`${machine}/${name}`))
        commands.set(`${machine}/${name}`, { state: 'running', left: 2, machine });
    });
}
