/** Settings of a recording server (SET-2): schema, defaults and stored document. What they mean is in `field-texts.ts`. */
import { z } from 'zod';
import { documentType } from '../../../shared/cosmos/document-type';
import { localTime } from '../../../shared/http/fields';

const LOCAL_PATH = /^[A-Za-z]:\\(?:[^\\/:*?"<>|\p{Cc}]+\\?)*$/u;
const UNC_PATH = /^\\\\[^\\/:*?"<>|\p{Cc}\s]+(?:\\[^\\/:*?"<>|\p{Cc}]+)+\\?$/u;

/** A Windows path to a folder: of a drive, or of a share. */
const folder = z
  .string()
  .trim()
  .max(260)
  .refine(
    (path) => (LOCAL_PATH.test(path) || UNC_PATH.test(path)) && !hasRelativePart(path),
    'Give the full path of a folder, such as D:\\Recordings or \\\\server\\share\\recordings.',
  );

function hasRelativePart(path: string): boolean {
  return path.split('\\').some((part) => part === '.' || part === '..');
}

const storage = z.strictObject({
  locations: z
    .array(folder)
    .max(50)
    .refine(
      (paths) => new Set(paths.map(comparablePath)).size === paths.length,
      'A folder may be listed once only: remove the repeated one.',
    ),
  restoreLocation: folder.optional(),
});

/** One folder written in two ways compares equal. */
export function comparablePath(path: string): string {
  return path.replace(/\\+$/, '').toLowerCase();
}

const rollover = z.strictObject({
  maximumMegabytes: z.int().min(10).max(300),
  maximumHours: z.int().min(1).max(24),
});

const notifications = z
  .array(
    z.strictObject({
      language: z
        .string()
        .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'Give a language tag such as en or pt-BR.'),
      text: z.string().trim().min(1).max(1_000),
    }),
  )
  .max(100)
  .refine(
    (messages) => new Set(messages.map(({ language }) => language.toLowerCase())).size === messages.length,
    'A language may be listed once only: remove the repeated one.',
  );

const playback = z.strictObject({
  live: z.boolean(),
  encryptFiles: z.boolean(),
  allowSkippingVersionCheck: z.boolean(),
  hideWebPlayerHome: z.boolean(),
  requireJustification: z.boolean(),
});

const logging = z.strictObject({
  administratorLogging: z.boolean(),
  mandatoryBlocking: z.boolean(),
  recordingReason: z.boolean(),
});

const clientUpgrade = z
  .strictObject({
    automatic: z.boolean(),
    from: localTime,
    to: localTime,
  })
  .refine(({ from, to }) => from < to, {
    path: ['to'],
    error: 'Must be later than `from`: a slot does not cross midnight.',
  });

/** SHA-1 thumbprint of a machine certificate, as Windows shows it. */
const thumbprint = z
  .string()
  .trim()
  .regex(/^[0-9A-Fa-f]{40}$/, 'Give the thumbprint: 40 hexadecimal digits without spaces.')
  .toUpperCase();

export const serverSettings = z.strictObject({
  storage,
  signingCertificate: thumbprint.optional(),
  rollover,
  notifications,
  playback,
  logging,
  cloudSql: z.boolean(),
  clientUpgrade,
  ceip: z.boolean(),
});

export type ServerSettings = z.output<typeof serverSettings>;

/** What holds until an administrator or the server itself says otherwise. */
export const DEFAULT_SETTINGS: ServerSettings = {
  storage: { locations: [] },
  rollover: { maximumMegabytes: 50, maximumHours: 12 },
  notifications: [],
  playback: {
    live: true,
    encryptFiles: false,
    allowSkippingVersionCheck: false,
    hideWebPlayerHome: false,
    requireJustification: false,
  },
  logging: { administratorLogging: true, mandatoryBlocking: true, recordingReason: false },
  cloudSql: false,
  clientUpgrade: { automatic: true, from: '02:00', to: '03:00' },
  ceip: false,
};

/** The desired state of one server. There is none until it is first changed, or reported by the server. */
export interface StoredServerSettings {
  /** The server's id. */
  id: string;
  settings: ServerSettings;
  /** 1 for the first; each change counts one up. Servers report which one they have applied. */
  version: number;
  /** When the upgrade slot was last changed; a change takes effect on the next day of the server (UPG-1). */
  clientUpgradeChangedAt?: string | undefined;
  /** The slot before the first change of that day: it holds until the day ends. */
  clientUpgradeBefore?: ServerSettings['clientUpgrade'] | undefined;
}

export const serverSettingsType = documentType<StoredServerSettings>('server-settings', {
  ttlSeconds: 'never',
});
