/** Tags, by Azure's rules for their names and values. */
import { z } from 'zod';

const MAX_TAGS = 50;
/** Most resources allow 512 characters, storage accounts 128. */
const MAX_NAME = 128;
const MAX_VALUE = 256;
const RESERVED = /^(microsoft|azure|windows)/i;

function nameError(name: string): string | undefined {
  if (name.length === 0 || name.length > MAX_NAME) return `A tag's name has 1 to ${MAX_NAME} characters.`;
  if (/[<>%&\\?/\p{Cc}]/u.test(name)) return "A tag's name cannot contain < > % & \\ ? or /.";
  if (name.trim() !== name) return "A tag's name cannot begin or end with a space.";
  return RESERVED.test(name)
    ? 'Azure reserves names that begin with microsoft, azure or windows.'
    : undefined;
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations */
export const tags = z
  .record(
    z.string(),
    z
      .string()
      .max(MAX_VALUE)
      .regex(/^\P{Cc}*$/u, "A tag's value cannot contain control characters."),
  )
  .check((context) => {
    const names = Object.keys(context.value);
    const report = (message: string, path: string[] = []) =>
      context.issues.push({ code: 'custom', input: context.value, message, path });
    if (names.length > MAX_TAGS) report(`Give at most ${MAX_TAGS} tags.`);
    const known = new Set<string>();
    for (const name of names) {
      const error =
        nameError(name) ??
        (known.has(name.toLowerCase()) ? 'Tag names must differ by more than case.' : undefined);
      if (error) report(error, [name]);
      known.add(name.toLowerCase());
    }
  })
  .describe('Set on every resource that supports tags');
