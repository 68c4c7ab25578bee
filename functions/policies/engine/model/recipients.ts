/** The recipients of e-mail alerts: addresses separated by semicolons. */
import { z } from 'zod';

const MAX_RECIPIENTS = 100;
const MAX_LIST_UNITS = 20_000;

const address = z.email().max(254);

/** The addresses of a list, without duplicates (ignoring case). */
export function parseRecipients(list: string): string[] {
  const addresses = new Map<string, string>();
  for (const part of list.split(';')) {
    const text = part.trim();
    const key = text.toLowerCase();
    if (text !== '' && !addresses.has(key)) addresses.set(key, text);
  }
  return [...addresses.values()];
}

export const recipientsSchema = z
  .string()
  .max(MAX_LIST_UNITS)
  .superRefine((list, context) => {
    const addresses = parseRecipients(list);
    if (addresses.length > MAX_RECIPIENTS) {
      context.addIssue({ code: 'custom', message: `At most ${MAX_RECIPIENTS} recipients` });
    }
    for (const text of addresses) {
      if (!address.safeParse(text).success) {
        context.addIssue({ code: 'custom', message: `Not an e-mail address: ${JSON.stringify(text)}` });
      }
    }
  })
  .meta({ description: 'E-mail addresses separated by semicolons' });
