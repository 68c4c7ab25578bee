/** A server's report on the desired state: for each section, whether it was applied (CCL-3). */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';
import type { Services } from '../../shared/services';

export const configurationReportSchema = z
  .strictObject({
    etag: z.string().min(1).max(200).describe('ETag of the configuration that the report is about'),
    sections: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(64).describe('A member of the configuration, such as `site`'),
          state: z.enum(['applied', 'failed']),
          reason: z.string().max(2_000).optional().describe('Why it could not be applied'),
        }),
      )
      .max(50),
  })
  .meta({ id: 'ConfigurationReport' });

interface ConfigurationReport extends z.output<typeof configurationReportSchema> {
  /** One per server. */
  id: 'last';
  receivedAt: string;
}

const configurationReportType = documentType<ConfigurationReport>('configuration-report', {
  ttlSeconds: 'never',
});

/** Stores the report of a server, replacing its previous one. */
export async function storeConfigurationReport(
  { database, clock }: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  serverId: string,
  report: z.output<typeof configurationReportSchema>,
): Promise<void> {
  const receivedAt = clock.now().toISOString();
  await database
    .presence(customerId, serverId)
    .upsert(configurationReportType, { ...report, id: 'last', receivedAt });
}
