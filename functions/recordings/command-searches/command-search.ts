/** Saved searches for commands (RCD-6): each administrator has their own. */
import { z } from 'zod';
import { documentType } from '../../../shared/cosmos/document-type';
import { line } from '../../../shared/pure/text-fields';

export const MAX_TERMS = 20;
export const MAX_TERM_CHARACTERS = 256;
/** All of an administrator are read at once. */
export const MAX_COMMAND_SEARCHES = 100;

export const commandSearchInput = z
  .strictObject({
    name: line(64).describe('Different from the names of the other searches of the caller'),
    terms: z
      .array(line(MAX_TERM_CHARACTERS))
      .min(1)
      .max(MAX_TERMS)
      .describe('A command is found that contains one of these texts, in any case'),
  })
  .meta({
    id: 'CommandSearchInput',
    examples: [{ name: 'Accounts', terms: ['net user', 'net localgroup'] }],
  });

export const commandSearchView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    terms: z.array(z.string()).describe('Texts of which a command contains one'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'CommandSearch' });

export interface CommandSearch {
  id: string;
  name: string;
  terms: string[];
  /** RFC 3339 UTC. */
  createdAt: string;
}

export const commandSearchType = documentType<CommandSearch>('command-search', { ttlSeconds: 'never' });
