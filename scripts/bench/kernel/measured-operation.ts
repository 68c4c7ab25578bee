/** An operation that does nothing but pass through the whole kernel: token, role, query, body and answer are checked. */
import { z } from 'zod';
import { operation } from '../../../shared/http/operation';

const rule = z.strictObject({
  name: z.string().trim().min(1).max(256),
  description: z.string().max(1_000),
  eventType: z.enum(['appStart', 'webBrowsing', 'fileCreate']),
  values: z.array(z.string().min(1).max(1_000)).min(1).max(100),
  recipients: z.array(z.email()).max(20),
  minutesAfter: z.int().min(1).max(60),
  lossy: z.boolean(),
});
const policy = z.strictObject({ name: z.string().min(1), rules: z.array(rule).min(1).max(100) });

export const measuredOperation = operation({
  id: 'measured',
  method: 'POST',
  path: '/api/v1/measured',
  tag: 'Bench',
  summary: 'Answer with what was sent',
  access: 'own-profile',
  query: z.strictObject({ limit: z.int().min(1).max(1_000), dryRun: z.boolean() }),
  body: policy,
  success: {
    status: 200,
    description: 'What was sent',
    body: z.object({ limit: z.int(), dryRun: z.boolean(), policy }),
  },
  handle: async ({ query, body }) => ({ body: { ...query, policy: body } }),
});

/** The query and a body of about 1.2 KB. */
export const measuredQuery = '?limit=100&dryRun=true';
export const measuredBody = JSON.stringify({
  name: 'Watch the finance desk',
  rules: ['appStart', 'webBrowsing', 'fileCreate'].map((eventType, index) => ({
    name: `Rule ${index}`,
    description: 'What the auditors asked for in spring: everything that leaves the desk is looked at.',
    eventType,
    values: ['powershell.exe', 'cmd.exe', 'https://files.example/upload', 'C:\\Users\\Public\\Downloads'],
    recipients: ['security@contoso.example', 'desk@contoso.example'],
    minutesAfter: 10,
    lossy: false,
  })),
});
