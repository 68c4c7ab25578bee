/** What the routes share. */
import { type FaultInjector } from '../../faults/fault-injector';
import { type Target } from '../expressions/scope';
import { type Directory, type ResourceProvider } from '../resources/resource-provider';
import { type ResourceGroup, type ResourceStore } from '../store';
import { type AsyncOperations } from './async-operations';

export interface RestContext {
  store: ResourceStore;
  provider: ResourceProvider;
  operations: AsyncOperations;
  faults: FaultInjector;
  directory: Directory & { subscriptionName: string };
  /** `https://127.0.0.1:<port>`. */
  origin: string;
  /** How long each resource takes to be created or deleted. */
  workMilliseconds: number;
}

/** Of subscriptions, resource groups, resources, providers and deployments: what current SDKs, tools and templates send. */
export const RESOURCES_API_VERSIONS: readonly string[] = [
  '2016-06-01 2019-06-01 2019-10-01 2019-11-01 2020-01-01 2020-06-01 2020-10-01 2021-01-01 2021-04-01 2022-09-01',
  '2022-12-01 2023-07-01 2024-03-01 2024-07-01 2024-11-01 2025-03-01 2025-04-01',
].flatMap((line) => line.split(' '));

export function subscriptionPath({ directory }: RestContext): string {
  return `/subscriptions/${directory.subscriptionId}`;
}

/** As returned to clients and by `resourceGroup()`. */
export function describeGroup(context: RestContext, group: ResourceGroup): Target['resourceGroup'] {
  const { name, location, tags, managedBy, state } = group;
  return {
    id: `${subscriptionPath(context)}/resourceGroups/${name}`,
    name,
    type: 'Microsoft.Resources/resourceGroups',
    location,
    ...(managedBy === undefined ? {} : { managedBy }),
    tags,
    properties: { provisioningState: state },
  };
}
