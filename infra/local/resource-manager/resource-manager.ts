/** Composes Azure Resource Manager on one port. */
import { type JWTVerifyGetKey } from 'jose';
import { refuseAsDataPlane, faultMiddleware } from '../faults/http-faults';
import { type FaultInjector } from '../faults/fault-injector';
import { type Database } from '../stand-in-support/database';
import { serve, type LocalServer, type Tls } from '../stand-in-support/server';
import { armErrorBody } from './arm-error';
import { type RunnerParts } from './deployments/deployment-runner';
import { Deployments } from './deployments/deployments';
import { GroupDeletion } from './group-deletion';
import { ResourceProvider } from './resources/resource-provider';
import { AsyncOperations } from './rest/async-operations';
import { requestIds, resourceManagerAuthentication } from './rest/authentication';
import { describeGroup, type RestContext } from './rest/context';
import { deletedVaultRoutes } from './rest/deleted-vaults';
import { deploymentRoutes } from './rest/deployments';
import { groupRoutes } from './rest/groups';
import { permissionRoutes } from './rest/permissions';
import { resourceRoutes } from './rest/resources';
import { routed } from './rest/router';
import { requireSubscription, subscriptionRoutes } from './rest/subscriptions';
import { tagRoutes } from './rest/tags';
import { createResourceStore } from './store';

export interface ResourceManagerOptions {
  port: number;
  tls: Tls;
  /** Opened with `resourceManagerSchema`. */
  database: Database;
  faults: FaultInjector;
  /** Of the login stand-in. */
  keys: JWTVerifyGetKey;
  /** The login stand-in's URL with the tenant, where clients get their tokens. */
  authority: string;
  tenantId: string;
  subscriptionId: string;
  /** How long each resource takes to be created or deleted. */
  workMilliseconds: number;
}

/** Azure's own limit of a deployment's request. */
const maxRequestBytes = 4 * 1_048_576;

/** A role assignment takes effect when about this many resources could have been created after it. */
const ROLE_DELAY_IN_RESOURCES = 4;

export async function startResourceManager(options: ResourceManagerOptions): Promise<LocalServer> {
  const context = contextOf(options);
  const { store, provider, faults, directory, operations, workMilliseconds } = context;
  const groupNamed: RunnerParts['groupNamed'] = (name) => {
    const group = store.groups.get(name);
    return group === undefined ? undefined : describeGroup(context, group);
  };
  const parts: RunnerParts = { store, provider, faults, workMilliseconds, groupNamed };
  const { subscriptionId, tenantId, subscriptionName } = directory;
  const deployments = new Deployments(parts, {
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    tenantId,
    displayName: subscriptionName,
  });
  const deletion = new GroupDeletion(parts);
  const server = await serve({
    name: 'Resource Manager',
    port: options.port,
    tls: options.tls,
    routes: {},
    middleware: [
      requestIds,
      resourceManagerAuthentication(options.keys, options.authority),
      faultMiddleware(faults, refuseAsDataPlane),
      async (request, next) => {
        requireSubscription(context, request);
        return next();
      },
      routed([
        ...subscriptionRoutes(context),
        ...permissionRoutes(context),
        ...groupRoutes(context, deletion),
        ...tagRoutes(context),
        ...deploymentRoutes(context, deployments),
        ...deletedVaultRoutes(context),
        ...resourceRoutes(context),
      ]),
    ],
    maxBodyBytes: maxRequestBytes,
    errorBody: armErrorBody,
  });
  deployments.failInterrupted();
  deletion.resume();
  return {
    ...server,
    close: async () => {
      await server.close();
      await Promise.all([deployments.settled(), deletion.settled(), operations.settled()]);
    },
  };
}

function contextOf(options: ResourceManagerOptions): RestContext {
  const { database, faults, port, tenantId, subscriptionId, workMilliseconds } = options;
  const store = createResourceStore(database);
  return {
    store,
    provider: new ResourceProvider(
      store,
      { subscriptionId, tenantId },
      ROLE_DELAY_IN_RESOURCES * workMilliseconds,
    ),
    operations: new AsyncOperations(),
    faults,
    directory: { subscriptionId, tenantId, subscriptionName: 'Local subscription' },
    origin: `https://127.0.0.1:${port}`,
    workMilliseconds,
  };
}
