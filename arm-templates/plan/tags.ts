/** Tags, by Azure's rules for their names and values. */
import { z } from 'zod';
import { text } from './fields';

const MAX_TAGS = 50;
/** Most resources allow 512 characters, storage accounts 128. */
const MAX_NAME = 128;
const MAX_VALUE = 256;
/** Of all names and values of a virtual machine's tags; other resources allow more. */
const MAX_CHARACTERS = 2_048;
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
    text("a tag's value", MAX_VALUE).regex(/^\P{Cc}*$/u, "A tag's value cannot contain control characters."),
    'Give tags as an object of names and values.',
  )
  .check((context) => {
    const names = Object.keys(context.value);
    const report = (message: string, path: string[] = []) =>
      context.issues.push({ code: 'custom', input: context.value, message, path });
    if (names.length > MAX_TAGS) report(`Give at most ${MAX_TAGS} tags.`);
    const characters = Object.entries(context.value).reduce(
      (sum, [name, value]) => sum + name.length + value.length,
      0,
    );
    if (characters > MAX_CHARACTERS)
      report(
        `All names and values together have at most ${MAX_CHARACTERS.toLocaleString('en')} characters, since virtual machines take no more; these have ${characters.toLocaleString('en')}.`,
      );
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
