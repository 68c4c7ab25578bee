/** Changes the settings of a site by a merge patch; a password goes to the secret store, never to the document. */
import type { AuditTrail } from '../../shared/audit/audit-entry';
import type { Stored } from '../../shared/cosmos/document-type';
import { change } from '../../shared/cosmos/partition';
import { applyMergePatch } from '../../shared/http/merge-patch';
import { validateBody } from '../../shared/http/validation';
import type { Services } from '../../shared/services';
import { type SiteSettings, siteSettingsInput, siteSettingsType, viewOfSettings } from './site-settings';

interface ChangeSettings {
  customerId: string;
  current: Stored<SiteSettings>;
  patch: Record<string, unknown>;
  newId: () => string;
  audit: AuditTrail;
  services: Pick<Services, 'secrets' | 'database'>;
}

/** @throws Problem when the settings would not hold together, DocumentStale when others were faster */
export async function changeSettings({ customerId, current, patch, newId, audit, services }: ChangeSettings) {
  const { id, etag, ...before } = current;
  const input = validateBody(siteSettingsInput, applyMergePatch(withoutSecretId(before), patch));
  const oldSecretId = before.emailAlerts?.smtp.passwordSecretId;
  const next: SiteSettings = { ...input, id, emailAlerts: undefined };
  if (input.emailAlerts) {
    const { password, ...smtp } = input.emailAlerts.smtp;
    let passwordSecretId = oldSecretId;
    if (password !== undefined) {
      passwordSecretId = `smtp-${customerId}-${newId()}`;
      await services.secrets.set(passwordSecretId, password);
    } else if (removesPassword(patch)) passwordSecretId = undefined;
    next.emailAlerts = { ...input.emailAlerts, smtp: { ...smtp, passwordSecretId } };
  }

  await audit.commit([change.replace(siteSettingsType, next, etag)], {
    siteId: id,
    target: { type: 'siteSettings', id },
    old: viewOfSettings(current),
    new: viewOfSettings(next),
  });
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
