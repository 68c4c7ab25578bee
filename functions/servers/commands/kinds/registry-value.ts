/** Registry values as they are read and written (TRB-2). */
import { z } from 'zod';
import { REGISTRY_KEYS } from './registry-keys';

const DWORD_MAX = 0xffff_ffff;
/** Also of all lines of a REG_MULTI_SZ together. */
const MAX_TEXT_CHARACTERS = 2_048;
const NUL = '\0';

const text = z
  .string()
  .max(MAX_TEXT_CHARACTERS)
  .refine((value) => !value.includes(NUL), 'Must not contain the character NUL.');

export const registryData = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('REG_SZ'),
      data: text.meta({ description: 'The text', examples: ['https://sr.contoso.example'] }),
    }),
    z.strictObject({
      type: z.literal('REG_DWORD'),
      data: z.int().min(0).max(DWORD_MAX).describe('The number'),
    }),
    z.strictObject({
      type: z.literal('REG_MULTI_SZ'),
      // An empty line would end the list.
      data: z
        .array(text.min(1, 'A line must not be empty.'))
        .max(100)
        .refine(
          (lines) => lines.join(NUL).length <= MAX_TEXT_CHARACTERS,
          `At most ${MAX_TEXT_CHARACTERS} characters`,
        )
        .describe('The lines'),
    }),
  ])
  .meta({ id: 'RegistryData', description: 'The type of a registry value, and its data' });

export type RegistryData = z.output<typeof registryData>;

/** The data of a value that is there; other types are named, their data is not read. */
export const foundRegistryData = z
  .union([
    registryData,
    z.strictObject({
      type: z.literal('other').describe('A type that is neither read nor written here'),
      typeName: z
        .string()
        .min(1)
        .max(64)
        .meta({ description: 'Name of the type', examples: ['REG_BINARY'] }),
    }),
  ])
  .nullable()
  .describe('Null: there is no such value');

/** Names a value of a key of the list. */
export const registryValueName = z.strictObject({
  key: z.enum(REGISTRY_KEYS).describe('One of the listed keys, below HKEY_LOCAL_MACHINE, exactly as listed'),
  name: z
    .string()
    .min(1)
    .max(255)
    .regex(
      /^[A-Za-z0-9](?:[A-Za-z0-9 _.-]*[A-Za-z0-9_-])?$/,
      'Use letters, digits, spaces, and the characters _ . - only.',
    )
    .describe('Compared without regard to case'),
});

export type RegistryValueName = z.output<typeof registryValueName>;

export const foundRegistryValue = registryValueName
  .extend({ value: foundRegistryData })
  .meta({ id: 'FoundRegistryValue', description: 'What a server found in its registry' });

export type FoundRegistryValue = z.output<typeof foundRegistryValue>;
