/** The Windows services of a server as they were last known (TRB-1). */
import { z } from 'zod';
import { days, documentType } from '../../../shared/cosmos/document-type';
import { retryConflicts } from '../../../shared/cosmos/retry';
import type { Services } from '../../../shared/services';
import { SERVICE_NAMES, type ServiceName, serviceName, type ServiceState } from '../commands/kinds/services';
import { serverTaskKind, type ServerTaskContext } from './server-task';

interface KnownService extends ServiceState {
  checkedAt: string;
}

interface KnownServices {
  /** One per server. */
  id: 'last';
  services: KnownService[];
}

const knownServicesType = documentType<KnownServices>('known-services', { ttlSeconds: days(90) });

export const serviceView = z
  .object({
    name: serviceName,
    displayName: z
      .string()
      .meta({ description: 'Name for people', examples: ['Internet Information Services'] }),
    state: z
      .enum(['running', 'stopped', 'starting', 'stopping', 'paused', 'notInstalled', 'unknown'])
      .describe('As it was last known; `unknown`: it was not checked in the last 90 days'),
    reason: z.string().optional().describe('Why it is not running, where that is known'),
    checkedAt: z.iso.datetime().optional().describe('When the server checked it; absent while unknown'),
    ageSeconds: z.int().optional().describe('How old this is'),
  })
  .meta({ id: 'ServerService' });

const DISPLAY_NAMES: Readonly<Record<ServiceName, string>> = {
  IIS: 'Internet Information Services',
  CitrixSsRecAnalyticsService: 'Citrix Session Recording Analytics Service',
  CitrixSsRecStorageManager: 'Citrix Session Recording Storage Manager Service',
  CitrixSsRecCloudClientMonitorService: 'Citrix Session Recording Cloud Client Monitor Service',
};

/** Each of the listed services, as it was last known. */
export async function listServices(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  serverId: string,
): Promise<z.input<typeof serviceView>[]> {
  const known = await database.presence(customerId, serverId).read(knownServicesType, 'last');
  const now = clock.now().getTime();
  return SERVICE_NAMES.map((name) => {
    const service = known?.services.find((one) => one.name === name);
    const shown = { name, displayName: DISPLAY_NAMES[name] };
    if (!service) return { ...shown, state: 'unknown' as const };
    const ageSeconds = Math.max(0, Math.floor((now - Date.parse(service.checkedAt)) / 1000));
    return { ...shown, ...service, ageSeconds };
  });
}

export const checkServicesTask = serverTaskKind({
  name: 'checkServices',
  command: 'checkServices',
  async onSuccess(context, { services }) {
    await storeServices(context, services);
    return undefined;
  },
});

export const restartServiceTask = serverTaskKind({
  name: 'restartService',
  command: 'restartService',
  async onSuccess(context, { service }) {
    await storeServices(context, [service]);
    return 'Restarted.';
  },
  changeOf: ({ service }) => ({ new: service }),
});

/** Keeps what is newer of each service. */
async function storeServices(
  { services: { database, clock }, customerId, serverId }: ServerTaskContext,
  found: readonly ServiceState[],
): Promise<void> {
  const presence = database.presence(customerId, serverId);
  const checkedAt = clock.now().toISOString();
  const names = new Set(found.map(({ name }) => name));
  await retryConflicts(async () => {
    const known = await presence.read(knownServicesType, 'last');
    const others = known?.services.filter(({ name }) => !names.has(name)) ?? [];
    const services = [...others, ...found.map((service) => ({ ...service, checkedAt }))];
    await (known
      ? presence.replace(knownServicesType, { ...known, services })
      : presence.create(knownServicesType, { id: 'last', services }));
  });
}
