/** Settings of a site: players, e-mail alerts, the host of playback links, and storage maintenance. */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';
import { lineOrEmpty } from '../../shared/pure/text-fields';
import { storageMaintenance } from './storage-maintenance';

/** Session properties that an alert mail may contain. */
export const ALERT_FIELDS = [
  'userName',
  'domainName',
  'startTime',
  'deliveryGroup',
  'application',
  'machine',
] as const;

/** Used where EmailThreshold is not a number from 1 to 100. */
export const DEFAULT_EMAIL_THRESHOLD = 25;

const hostName = z
  .string()
  .trim()
  .max(253)
  .regex(/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?$|^[0-9A-Fa-f:]+$/, 'Give a host name or an address.');

const smtpAccount = z.strictObject({
  host: hostName,
  port: z.int().min(1).max(65_535).default(587),
  tls: z.enum(['startTls', 'implicit']).default('startTls').describe('`implicit` is the TLS of port 465'),
  userName: z
    .string()
    .max(320)
    .optional()
    .describe('Signs in with the sender address when absent and a password is set'),
  passwordSecretId: z.string().optional(),
});

const emailAlerts = z.strictObject({
  smtp: smtpAccount,
  sender: z.strictObject({ displayName: lineOrEmpty(100).default(''), address: z.email() }),
  subjectFields: z.array(z.enum(ALERT_FIELDS)).max(ALERT_FIELDS.length).default([]),
  bodyFields: z
    .array(z.enum([...ALERT_FIELDS, 'recordingUrl']))
    .max(ALERT_FIELDS.length + 1)
    .default([...ALERT_FIELDS, 'recordingUrl']),
});

const players = z
  .strictObject({ cloud: z.boolean().default(true), onPremises: z.boolean().default(true) })
  .refine((value) => value.cloud || value.onPremises, 'At least one kind of player must be on.');

/** When a session counts as idle; its recording servers apply it too, since they alone see packets and input. */
export const idlePeriods = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether players highlight idle periods'),
  thresholdSeconds: z
    .int()
    .min(5)
    .max(3_600)
    .default(30)
    .describe('Shorter periods without activity are not idle periods'),
  activityPackets: z
    .int()
    .min(1)
    .max(1_000)
    .default(3)
    .describe('So many graphics packets within the window count as activity; keyboard and mouse always do'),
  activityPacketBytes: z.int().min(1).max(1_048_576).default(300).describe('Smaller packets do not count'),
  activityWindowSeconds: z
    .int()
    .min(1)
    .max(60)
    .default(2)
    .describe('The window in which packets count together'),
});

/** The stored settings. The SMTP password is in the secret store; the settings contain its secret id. */
export const siteSettings = z.strictObject({
  players: players.default({ cloud: true, onPremises: true }),
  emailAlerts: emailAlerts.optional(),
  emailThreshold: z.int().default(DEFAULT_EMAIL_THRESHOLD),
  linkHost: z.url({ protocol: /^https?$/ }).optional(),
  storageMaintenance: storageMaintenance.default({ enabled: false, time: '04:00' }),
  idlePeriods: idlePeriods.prefault({}),
});

/** A number, or what GET shows: an object in which only `configured` can be changed. */
const emailThresholdInput = z
  .union(
    [z.int(), z.strictObject({ configured: z.int() }).transform(({ configured }) => configured)],
    'Must be a whole number, or an object with a whole number as `configured`.',
  )
  .describe('Alert mails a second for each sending account; outside of 1 to 100 it counts as 25');

/** The settings in the API: the same, with a write-only password. */
export const siteSettingsInput = z
  .strictObject({
    ...siteSettings.shape,
    emailThreshold: emailThresholdInput.default(DEFAULT_EMAIL_THRESHOLD),
    emailAlerts: z
      .strictObject({
        ...emailAlerts.shape,
        smtp: smtpAccount
          .omit({ passwordSecretId: true })
          .extend({ password: z.string().min(1).max(256).optional() }),
      })
      .optional(),
  })
  .meta({ id: 'SiteSettingsInput' });

export const siteSettingsView = z
  .object({
    players: z.object({ cloud: z.boolean(), onPremises: z.boolean() }),
    emailAlerts: z
      .object({
        smtp: z.object({
          host: z.string(),
          port: z.int(),
          tls: z.enum(['startTls', 'implicit']),
          userName: z.string().optional(),
          passwordSet: z.boolean(),
        }),
        sender: z.object({ displayName: z.string(), address: z.string() }),
        subjectFields: z.array(z.string()),
        bodyFields: z.array(z.string()),
      })
      .optional(),
    emailThreshold: z.object({
      configured: z.int(),
      effective: z.int().describe('Maximum number of alert mails per second for each sending account'),
    }),
    linkHost: z.string().optional(),
    storageMaintenance,
    idlePeriods: z.object(idlePeriods.shape),
  })
  .meta({ id: 'SiteSettings' });

export interface SiteSettings extends z.output<typeof siteSettings> {
  /** The site's id. */
  id: string;
}

/** Version 1 had no storage maintenance, version 2 no limits of idle periods. */
export const siteSettingsType = documentType<SiteSettings>('site-settings', {
  ttlSeconds: 'never',
  schemaVersion: 3,
  upgrade: (stored) => ({ ...DEFAULTS_OF_LATER_VERSIONS, ...(stored as SiteSettings) }),
});

const DEFAULTS_OF_LATER_VERSIONS = (({ storageMaintenance, idlePeriods }) => ({
  storageMaintenance,
  idlePeriods,
}))(siteSettings.parse({}));

/** The settings of a new site. */
export function defaultSettings(siteId: string): SiteSettings {
  return { id: siteId, ...siteSettings.parse({}) };
}

/** 1 to 100 as configured; anything else counts as 25. */
export function effectiveEmailThreshold(configured: number): number {
  return configured >= 1 && configured <= 100 ? configured : DEFAULT_EMAIL_THRESHOLD;
}

/** Settings as the API returns them. */
export function viewOfSettings(settings: SiteSettings): z.input<typeof siteSettingsView> {
  const { emailAlerts: alerts } = settings;
  return {
    players: settings.players,
    emailThreshold: {
      configured: settings.emailThreshold,
      effective: effectiveEmailThreshold(settings.emailThreshold),
    },
    linkHost: settings.linkHost,
    storageMaintenance: settings.storageMaintenance,
    idlePeriods: settings.idlePeriods,
    ...(alerts ? { emailAlerts: { ...alerts, smtp: viewOfSmtp(alerts.smtp) } } : {}),
  };
}

function viewOfSmtp({ passwordSecretId, ...smtp }: z.output<typeof smtpAccount>) {
  return { ...smtp, passwordSet: passwordSecretId !== undefined };
}
