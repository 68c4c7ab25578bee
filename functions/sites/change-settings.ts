/** Changes the settings of a site by a merge patch; a password goes to the secret store, never to the document. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import type { Stored } from '../../shared/cosmos/document-type';
import { DocumentGone, DocumentStale } from '../../shared/cosmos/errors';
import { change } from '../../shared/cosmos/partition';
import { applyMergePatch } from '../../shared/http/merge-patch';
import { validateBody } from '../../shared/http/validation';
import type { SiteDependent } from '../../shared/sites/site-dependent';
import type { Services } from '../../shared/services';
import {
  type SiteSettings,
  siteSettings,
  siteSettingsInput,
  siteSettingsType,
  viewOfSettings,
} from './site-settings';
import { checkServerFolder } from './server-folder';
import { checkPort } from './smtp-account';

interface ChangeSettings {
  customerId: string;
  current: Stored<SiteSettings>;
  patch: Record<string, unknown>;
  newId: () => string;
  dependents: readonly SiteDependent[];
  audit: AuditTrail;
  services: Services;
}

/** @throws Problem when the resulting settings are inconsistent, their mail port is not allowed or a capability refuses them, DocumentStale after a concurrent change */
export async function changeSettings({
  customerId,
  current,
  patch,
  newId,
  dependents,
  audit,
  services,
}: ChangeSettings) {
  const { id, etag } = current;
  const before = siteSettings.strip().parse(current);
  const input = validateBody(siteSettingsInput, applyMergePatch(withoutSecretId(before), patch));
  if (input.emailAlerts) checkPort(services, input.emailAlerts.smtp.port);
  const { storageMaintenance } = input;
  checkServerFolder(
    storageMaintenance.serverFolder,
    before.storageMaintenance.serverFolder,
    '/storageMaintenance/serverFolder',
  );
  const isMoved = JSON.stringify(storageMaintenance) !== JSON.stringify(before.storageMaintenance);
  const site = { customerId, siteId: id };
  const changed = isMoved ? { storageMaintenance } : {};
  for (const dependent of dependents) await dependent.checkSettings?.(services, site, changed);
  const following = await Promise.all(
    dependents.map(async (dependent) => (await dependent.settingsChanges?.(services, site, changed)) ?? []),
  );
  const oldSecretId = before.emailAlerts?.smtp.passwordSecretId;
  const next: SiteSettings = { ...input, id, emailAlerts: undefined };
  let newSecretId: string | undefined;
  if (input.emailAlerts) {
    const { password, ...smtp } = input.emailAlerts.smtp;
    if (password !== undefined) {
      newSecretId = `smtp-${customerId}-${newId()}`;
      await services.secrets.set(newSecretId, password);
    }
    const passwordSecretId = newSecretId ?? (removesPassword(patch) ? undefined : oldSecretId);
    next.emailAlerts = { ...input.emailAlerts, smtp: { ...smtp, passwordSecretId } };
  }

  try {
    await audit.commit([change.replace(siteSettingsType, next, etag), ...following.flat()], {
      siteId: id,
      target: { type: 'siteSettings', id },
      old: viewOfSettings(current),
      new: viewOfSettings(next),
    });
  } catch (error) {
    // Only where nothing can refer to it: the write may have succeeded although its response was lost.
    const notWritten = error instanceof DocumentStale || error instanceof DocumentGone;
    if (newSecretId && notWritten) await services.secrets.remove(newSecretId);
    throw error;
  }
  if (oldSecretId && oldSecretId !== next.emailAlerts?.smtp.passwordSecretId)
    await services.secrets.remove(oldSecretId);
}

function withoutSecretId(settings: Omit<SiteSettings, 'id'>): Record<string, unknown> {
  if (!settings.emailAlerts) return settings;
  const { passwordSecretId: _hidden, ...smtp } = settings.emailAlerts.smtp;
  return { ...settings, emailAlerts: { ...settings.emailAlerts, smtp } };
}

function removesPassword(patch: Record<string, unknown>): boolean {
  const alerts = patch['emailAlerts'] as { smtp?: { password?: unknown } } | null | undefined;
  return alerts?.smtp?.password === null;
}
