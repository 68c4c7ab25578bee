/** The desired state of a server: one document that it applies section by section (CCL-3). */
import { z } from 'zod';
import type { ControlReader } from '../../shared/cosmos/recent-control';
import { sha256Hex } from '../../shared/ids';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { findFastSeek } from '../identity';
import { askPolicy, readPointer } from '../policies';
import { findServerSettings, HEARTBEAT_SECONDS, type Server, serverSettings } from '../servers';
import { findSite, findSiteSettings, idlePeriods } from '../sites';
import { recentState } from './recent-state';

/** How long one request for commands is kept open at most. */
export const MAX_WAIT_SECONDS = 30;

/** Shown by the on-premises players of a site that does not use them. */
const ON_PREMISES_PLAYERS_OFF = 'Recording playback has been disabled for this server in the current player.';

const policyVersion = z.object({ policyId: z.string(), version: z.int() });

export const configurationSchema = z
  .object({
    server: z.object({ heartbeatSeconds: z.int().describe('Time from one heartbeat to the next') }),
    fastSeek: z
      .object({
        enabled: z.boolean(),
        iFrameIntervalSeconds: z.int().describe('Time between full pictures in recordings of the screen'),
      })
      .describe('For servers of version 2308 or later'),
    site: z
      .object({
        id: z.uuid(),
        name: z.string(),
        cloudPlayerEnabled: z.boolean(),
        onPremisesPlayersEnabled: z.boolean(),
        onPremisesPlayersNotice: z.string(),
        linkHost: z.string().optional().describe('Base of playback links, where one is set'),
        storageMaintenance: z
          .object({ enabled: z.boolean(), time: z.string(), timeZone: z.string().optional() })
          .describe('When recordings are archived and deleted by schedule'),
        idlePeriods: z
          .object(idlePeriods.shape)
          .describe('When a session counts as idle: for events of type `idle`'),
      })
      .nullable()
      .describe('null for an unallocated server'),
    settings: serverSettings
      .extend({ version: z.int().describe('To be named in the report') })
      .nullable()
      .describe('Settings of this server; null: it keeps its own'),
    policies: z
      .object({
        recording: policyVersion,
        eventDetection: policyVersion
          .extend({
            eventTypes: z.array(z.string()).describe('Event types that at least one of its rules logs'),
          })
          .nullable(),
        eventResponse: policyVersion.nullable(),
      })
      .nullable()
      .describe('The active policies; the decision for a session is returned when the session starts'),
  })
  .meta({ id: 'ServerConfiguration', description: 'The desired state of the server' });

export type Configuration = z.output<typeof configurationSchema>;

type Reading = Pick<Services, 'blobs' | 'workLimits'> & { database: ControlReader };

/** The desired state of the server, and the ETag that names it. */
export async function readConfiguration(
  services: Reading,
  customerId: string,
  { id, siteId }: Pick<Server, 'id' | 'siteId'>,
): Promise<{ configuration: Configuration; etag: string }> {
  const [fastSeek, stored, sections] = await Promise.all([
    findFastSeek(services, customerId),
    findServerSettings(services, customerId, id),
    siteId === undefined ? { site: null, policies: null } : siteSections(services, customerId, siteId),
  ]);
  const configuration: Configuration = {
    server: { heartbeatSeconds: HEARTBEAT_SECONDS },
    fastSeek,
    settings: stored ? { ...stored.settings, version: stored.version } : null,
    ...sections,
  };
  return { configuration, etag: `"${sha256Hex(JSON.stringify(configuration))}"` };
}

/**
 * The same as some seconds ago, with fewer reads.
 * @throws Problem `conflict` when the site no longer exists now
 */
export async function readRecentConfiguration(
  services: Pick<Services, 'database' | 'clock' | 'blobs' | 'workLimits'>,
  customerId: string,
  server: Pick<Server, 'id' | 'siteId'>,
): Promise<{ configuration: Configuration; etag: string }> {
  const recent = { ...services, database: recentState(services) };
  return readConfiguration(recent, customerId, server).catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    return readConfiguration(services, customerId, server);
  });
}

async function siteSections(
  services: Reading,
  customerId: string,
  siteId: string,
): Promise<Pick<Configuration, 'site' | 'policies'>> {
  const [site, settings, { recording, eventDetection, eventResponse }] = await Promise.all([
    findSite(services, customerId, siteId),
    findSiteSettings(services, customerId, siteId),
    readPointer(services.database, customerId, siteId),
  ]);
  if (!site || !settings)
    throw new Problem(
      'conflict',
      'The site of the server no longer exists: register the server again, and it joins a site.',
    );
  const { enabled, time, timeZone } = settings.storageMaintenance;
  const version = ({ policyId, version }: z.output<typeof policyVersion>) => ({ policyId, version });
  const logged =
    eventDetection &&
    (await askPolicy({ services, customerId, siteId, ...eventDetection }, 'loggedTypes', null));
  return {
    site: {
      id: siteId,
      name: site.name,
      cloudPlayerEnabled: settings.players.cloud,
      onPremisesPlayersEnabled: settings.players.onPremises,
      onPremisesPlayersNotice: ON_PREMISES_PLAYERS_OFF,
      storageMaintenance: { enabled, time, timeZone },
      idlePeriods: settings.idlePeriods,
      linkHost: settings.linkHost,
    },
    policies: {
      recording: version(recording),
      eventDetection: eventDetection && {
        ...version(eventDetection),
        eventTypes: logged ?? [],
      },
      eventResponse: eventResponse && version(eventResponse),
    },
  };
}
