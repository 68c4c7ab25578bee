/** What a change of server settings must respect, and what an administrator should know about settings: pure. */
import { type FeatureNotice, featureNotSupported } from '../../../shared/feature-gate';
import { Problem } from '../../../shared/problem';
import { lines } from '../../../shared/pure/text-fields';
import type { MachineCertificate } from '../heartbeat';
import { expiryAt } from '../server-health';
import type { ServerSettings } from './server-settings';

const MAX_NOTIFICATION_CHARACTERS = 1_000;
const visibleLines = lines(MAX_NOTIFICATION_CHARACTERS);
const DISGUISED = 'Must be lines of text: remove control characters and bidirectional controls.';

/** What is known of the server and its site when its settings are changed. */
export interface SettingFacts {
  /** What the server lacks for an administrator log, if it is too old. */
  noAdministratorLogging: FeatureNotice | undefined;
  /** What the oldest server of its site lacks for justifications of playback. */
  noJustification: FeatureNotice | undefined;
  /** The machine certificates that the server reported last. */
  certificates: readonly MachineCertificate[];
  /** When storage maintenance of the site begins, in the server's time zone (HH:MM); undefined while it is off. */
  maintenanceTime: string | undefined;
}

/** What warnings depend on, besides the settings. */
export interface WarningFacts extends Pick<SettingFacts, 'certificates' | 'maintenanceTime'> {
  now: Date;
}

/**
 * Checks what differs between two states of the settings: what was accepted once does not prevent other changes.
 * @throws Problem `feature-not-supported`, `validation-failed` for an unknown certificate or a notification with
 * invisible characters, `conflict` for an upgrade slot
 * that ends after storage maintenance begins
 */
export function checkChange(before: ServerSettings, next: ServerSettings, facts: SettingFacts): void {
  const turnsOn = (pick: (settings: ServerSettings) => boolean) => pick(next) && !pick(before);
  if (
    turnsOn(({ logging }) => logging.administratorLogging) ||
    turnsOn(({ logging }) => logging.mandatoryBlocking) ||
    turnsOn(({ logging }) => logging.recordingReason)
  )
    refuse(facts.noAdministratorLogging);
  if (turnsOn(({ playback }) => playback.requireJustification)) refuse(facts.noJustification);
  if (next.signingCertificate !== before.signingCertificate) checkCertificate(next, facts.certificates);
  checkNotifications(before, next);
  if (JSON.stringify(next.clientUpgrade) !== JSON.stringify(before.clientUpgrade)) {
    const conflict = slotConflict(next, facts.maintenanceTime);
    if (conflict !== undefined) throw new Problem('conflict', conflict);
  }
}

/** Users see the texts: none may hide or disguise a part of it. */
function checkNotifications(before: ServerSettings, next: ServerSettings): void {
  const known = new Set(before.notifications.map(({ text }) => text));
  const errors = next.notifications.flatMap(({ text }, index) =>
    known.has(text) || visibleLines.safeParse(text).success
      ? []
      : [{ pointer: `/notifications/${index}/text`, detail: DISGUISED }],
  );
  if (errors.length > 0) throw new Problem('validation-failed', 'A notification is not valid.', { errors });
}

function refuse(missing: FeatureNotice | undefined): void {
  if (missing) throw featureNotSupported(missing);
}

function checkCertificate(
  { signingCertificate }: ServerSettings,
  certificates: SettingFacts['certificates'],
): void {
  const known = certificates.map(({ thumbprint }) => thumbprint);
  if (signingCertificate === undefined || known.includes(signingCertificate)) return;
  const detail =
    known.length === 0
      ? 'The server has not reported any machine certificate yet: install one there, and wait for its next heartbeat.'
      : `The server has no machine certificate with this thumbprint. It has: ${known.join(', ')}.`;
  throw new Problem('validation-failed', 'The certificate is not known.', {
    errors: [{ pointer: '/signingCertificate', detail }],
  });
}

/**
 * Why the upgrade slot and the storage maintenance of the site do not fit together (UPG-2); undefined when they do.
 * @param maintenanceTime in the server's time zone; undefined while maintenance is off
 */
export function slotConflict(
  { clientUpgrade: { automatic, from, to } }: Pick<ServerSettings, 'clientUpgrade'>,
  maintenanceTime: string | undefined,
): string | undefined {
  if (!automatic || maintenanceTime === undefined || to <= maintenanceTime) return undefined;
  return `The cloud client is upgraded from ${from} to ${to}, and storage maintenance of the site begins at ${maintenanceTime}, in the time zone of the server: choose a slot that ends by then, or a later time of maintenance.`;
}

/** Whether justifications of playback and reasons of recordings are logged: only with the administrator log. */
export function isEffective(
  { logging, playback }: Pick<ServerSettings, 'logging' | 'playback'>,
  setting: 'requireJustification' | 'recordingReason',
): boolean {
  const isOn = setting === 'requireJustification' ? playback.requireJustification : logging.recordingReason;
  return isOn && logging.administratorLogging;
}

/** What the administrator has to do besides, or should know. */
export function warningsOf(settings: ServerSettings, facts: WarningFacts): string[] {
  const conflict = slotConflict(settings, facts.maintenanceTime);
  return [...certificateWarnings(settings, facts), ...(conflict === undefined ? [] : [conflict])];
}

/** An expired certificate can be chosen: without it nothing would sign until the next one is installed. */
function certificateWarnings(
  { signingCertificate }: ServerSettings,
  { certificates, now }: WarningFacts,
): string[] {
  if (signingCertificate === undefined)
    return [
      'Without a signing certificate agents connect by HTTP: switch SSL off in Internet Information Services (IIS) of the server, and choose HTTP as the protocol of the recording agents.',
    ];
  const chosen = certificates.find(({ thumbprint }) => thumbprint === signingCertificate);
  const expiry = chosen && expiryAt(chosen, now);
  if (chosen === undefined || expiry === 'valid') return [];
  return [
    `The signing certificate ${chosen.subject} ${expiry === 'expired' ? 'has expired' : 'expires'} on ${chosen.validUntil.slice(0, 10)}: install a new one on the server, and choose it here.`,
  ];
}
