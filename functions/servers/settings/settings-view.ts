/** Server settings in the API: two switches that may be without effect, what the server reported, and warnings. */
import { z } from 'zod';
import {
  comparablePath,
  DEFAULT_SETTINGS,
  type ServerSettings,
  serverSettings,
  type StoredServerSettings,
} from './server-settings';
import { isEffective, type WarningFacts, warningsOf } from './setting-rules';

const { playback, logging } = serverSettings.shape;

/** What GET shows of a switch. */
const effectiveSwitch = z.object({
  configured: z.boolean(),
  effective: z.boolean().describe('False also while administrator logging is off'),
});

/** A boolean, or what GET shows: an object in which only `configured` can be changed. */
const switchInput = z.union(
  [z.boolean(), z.strictObject({ configured: z.boolean() }).transform(({ configured }) => configured)],
  'Must be true or false, or an object with true or false as `configured`.',
);

export const serverSettingsInput = z
  .strictObject({
    ...serverSettings.shape,
    playback: playback.extend({ requireJustification: switchInput }),
    logging: logging.extend({ recordingReason: switchInput }),
  })
  .meta({ id: 'ServerSettingsInput' });

/** Whether the server has applied the settings. */
const application = z.object({
  state: z
    .enum(['notManaged', 'pending', 'applied', 'failed'])
    .describe('`notManaged`: nothing was set yet, so the server keeps its own settings'),
  version: z.int().describe('Number of the settings; each change counts one up'),
  reportedVersion: z.int().optional().describe('The settings that the server reported on last'),
  reportedAt: z.iso.datetime().optional(),
  reason: z.string().optional().describe('Why the server could not apply them'),
});

export const serverSettingsView = z
  .object({
    storage: z.object({ locations: z.array(z.string()), restoreLocation: z.string().optional() }),
    signingCertificate: z.string().optional(),
    rollover: serverSettings.shape.rollover,
    notifications: z.array(z.object({ language: z.string(), text: z.string() })),
    playback: playback.extend({ requireJustification: effectiveSwitch }),
    logging: logging.extend({ recordingReason: effectiveSwitch }),
    cloudSql: z.boolean(),
    clientUpgrade: z.object({ automatic: z.boolean(), from: z.string(), to: z.string() }),
    ceip: z.boolean(),
    application,
    warnings: z.array(z.string()).describe('What has to be done besides, or should be known'),
  })
  .meta({ id: 'ServerSettings' });

/** The last report of a server on its settings. */
export interface SettingsReport {
  version: number;
  state: 'applied' | 'failed';
  reason?: string | undefined;
  receivedAt: string;
}

interface Shown {
  stored: Pick<StoredServerSettings, 'settings' | 'version'> | undefined;
  report: SettingsReport | undefined;
  facts: WarningFacts;
}

/** Settings as the API returns them; those that hold by default while there are none. */
export function viewOfServerSettings({ stored, report, facts }: Shown): z.input<typeof serverSettingsView> {
  const settings = stored?.settings ?? DEFAULT_SETTINGS;
  return {
    ...settings,
    playback: {
      ...settings.playback,
      requireJustification: {
        configured: settings.playback.requireJustification,
        effective: isEffective(settings, 'requireJustification'),
      },
    },
    logging: {
      ...settings.logging,
      recordingReason: {
        configured: settings.logging.recordingReason,
        effective: isEffective(settings, 'recordingReason'),
      },
    },
    application: applicationOf(stored, report),
    warnings: warningsOf(settings, facts),
  };
}

function applicationOf(
  stored: Shown['stored'],
  report: SettingsReport | undefined,
): z.input<typeof application> {
  if (!stored) return { state: 'notManaged', version: 0 };
  const { version } = stored;
  if (!report) return { state: 'pending', version };
  const { receivedAt: reportedAt, version: reportedVersion, state, reason } = report;
  const isCurrent = reportedVersion === version;
  return {
    state: isCurrent ? state : 'pending',
    version,
    reportedVersion,
    reportedAt,
    ...(isCurrent ? { reason } : {}),
  };
}

/** Whether two states say the same; paths are compared as Windows does. */
export function saysTheSame(a: ServerSettings, b: ServerSettings): boolean {
  return JSON.stringify(comparable(a)) === JSON.stringify(comparable(b));
}

function comparable({ storage, ...rest }: ServerSettings): unknown {
  const { locations, restoreLocation } = storage;
  const parsed = serverSettings.parse({ ...rest, storage: { locations: [] } });
  return {
    ...parsed,
    storage: {
      locations: locations.map(comparablePath).sort(),
      restoreLocation: restoreLocation === undefined ? undefined : comparablePath(restoreLocation),
    },
    notifications: [...rest.notifications].sort((x, y) => x.language.localeCompare(y.language)),
  };
}
