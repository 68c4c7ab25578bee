/** A server's report on the desired state: for each section, whether it was applied (CCL-3). */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import type { Server } from './server';
import { adoptLocalSettings } from './settings/change-server-settings';
import { serverSettings } from './settings/server-settings';
import { findServerSettings } from './settings/store';
import type { SettingsReport } from './settings/settings-view';

const SETTINGS = 'settings';

export const configurationReportSchema = z
  .strictObject({
    etag: z.string().min(1).max(200).describe('ETag of the configuration that the report is about'),
    sections: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(64).describe('A member of the configuration, such as `site`'),
          state: z.enum(['applied', 'failed']),
          version: z.int().nonnegative().optional().describe('Of `settings`: their `version`'),
          reason: z.string().max(2_000).optional().describe('Why it could not be applied'),
        }),
      )
      .max(50),
    settings: serverSettings
      .optional()
      .describe(
        'The settings that the server has now. Where it has applied the latest ones and has others nevertheless, they ' +
          'were changed on the server, and the service takes them over',
      ),
  })
  .meta({ id: 'ConfigurationReport' });

interface ConfigurationReport extends Omit<z.output<typeof configurationReportSchema>, 'settings'> {
  /** One per server. */
  id: 'last';
  receivedAt: string;
}

const configurationReportType = documentType<ConfigurationReport>('configuration-report', {
  ttlSeconds: 'never',
});

interface ReceivedReport {
  customerId: string;
  server: Server;
  report: z.output<typeof configurationReportSchema>;
  client: { id: string; name: string; address: string; traceId: string };
}

/**
 * Stores the report of a server, replacing its previous one, and takes over what was changed on the server.
 * @throws Problem `validation-failed` for a version of its settings that there is not yet: it would count as applied later
 */
export async function storeConfigurationReport(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, server, report: { settings, ...report }, client }: ReceivedReport,
): Promise<void> {
  const receivedAt = services.clock.now().toISOString();
  await checkVersions(services, customerId, server.id, report);
  await services.database
    .presence(customerId, server.id)
    .upsert(configurationReportType, { ...report, id: 'last', receivedAt });
  const section = sectionOf(report);
  if (settings && section?.state !== 'failed')
    await adoptLocalSettings(services, {
      customerId,
      server,
      appliedVersion: section?.version ?? 0,
      current: settings,
      client,
    });
}

async function checkVersions(
  services: Pick<Services, 'database'>,
  customerId: string,
  serverId: string,
  { sections }: Pick<ConfigurationReport, 'sections'>,
): Promise<void> {
  const reported = sections.map(({ name, version = 0 }) => (name === SETTINGS ? version : 0));
  if (reported.every((version) => version === 0)) return;
  const latest = (await findServerSettings(services, customerId, serverId))?.version ?? 0;
  const index = reported.findIndex((version) => version > latest);
  if (index === -1) return;
  throw new Problem('validation-failed', 'A report is about settings that the server has fetched.', {
    errors: [
      { pointer: `/sections/${index}/version`, detail: `The latest version of its settings is ${latest}.` },
    ],
  });
}

/** What the server reported on its settings last. */
export async function findSettingsReport(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  serverId: string,
): Promise<SettingsReport | undefined> {
  const last = await database.presence(customerId, serverId).read(configurationReportType, 'last');
  const section = last && sectionOf(last);
  if (section?.version === undefined) return undefined;
  const { version, state, reason } = section;
  return { version, state, reason, receivedAt: last?.receivedAt ?? '' };
}

function sectionOf({ sections }: Pick<ConfigurationReport, 'sections'>) {
  return sections.find(({ name }) => name === SETTINGS);
}
