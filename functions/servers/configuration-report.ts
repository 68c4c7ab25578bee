/** What a server says of the desired state: section by section, applied or not (CCL-3). */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';

export const configurationReportSchema = z
  .strictObject({
    etag: z.string().min(1).max(200).describe('The configuration that it speaks of'),
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

export interface ConfigurationReport extends z.output<typeof configurationReportSchema> {
  /** One per server. */
  id: 'last';
  receivedAt: string;
}

export const configurationReportType = documentType<ConfigurationReport>('configuration-report', {
  ttlSeconds: 'never',
});
