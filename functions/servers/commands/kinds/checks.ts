/** The result of checks that a server makes on itself: prerequisites and diagnostics. */
import { z } from 'zod';

export const CHECK_RESULTS = ['passed', 'warning', 'failed', 'skipped'] as const;

export const check = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z][A-Za-z0-9]{0,63}$/)
      .meta({ description: 'Stable name for programs', examples: ['sqlSystemAccount'] }),
    name: z.string().min(1).max(200).describe('What was checked, for people'),
    result: z.enum(CHECK_RESULTS).describe('`skipped`: it does not apply to this machine'),
    cause: z
      .string()
      .min(1)
      .max(2_000)
      .optional()
      .meta({ description: 'Why it failed or warns', examples: ['NT AUTHORITY\\SYSTEM is no db_owner.'] }),
    remedy: z
      .string()
      .min(1)
      .max(2_000)
      .optional()
      .meta({ description: 'What to do about it', examples: ['Make NT AUTHORITY\\SYSTEM a db_owner.'] }),
  })
  .refine(({ result, cause }) => result === 'passed' || result === 'skipped' || cause !== undefined, {
    path: ['cause'],
    error: 'Is required for a check that failed or warns.',
  })
  .meta({
    id: 'Check',
    description: 'One check of a server, with the cause and the remedy where it did not pass',
  });

export type Check = z.output<typeof check>;

export const checks = z.array(check).min(1).max(100).describe('Each check that was made');
