/** The mail account of a site: its settings, with the password from the secret store. */
import { MailNotSent, type SmtpAccount } from '../../shared/mail/smtp';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import type { SiteSettings } from './site-settings';

type AlertSettings = NonNullable<SiteSettings['emailAlerts']>;

/** @throws MailNotSent when the password is missing */
export async function smtpAccountOf(
  { config, secrets }: Pick<Services, 'config' | 'secrets'>,
  { smtp, sender }: Pick<AlertSettings, 'smtp' | 'sender'>,
): Promise<SmtpAccount> {
  const password = smtp.passwordSecretId === undefined ? undefined : await secrets.get(smtp.passwordSecretId);
  if (smtp.passwordSecretId !== undefined && password === undefined)
    throw new MailNotSent('The password of the SMTP account is missing: enter it again', true);
  return {
    host: smtp.host,
    port: smtp.port,
    tls: smtp.tls,
    allowedPorts: config.smtp.allowedPorts,
    allowPrivateHosts: config.smtp.allowPrivateHosts,
    credentials: password === undefined ? undefined : { userName: smtp.userName ?? sender.address, password },
  };
}

/** Refuses ports through which this service never sends. @throws Problem `validation-failed` */
export function checkPort({ config }: Pick<Services, 'config'>, port: number): void {
  const { allowedPorts } = config.smtp;
  if (allowedPorts.includes(port)) return;
  const detail = `Mail is sent only through the ports ${allowedPorts.join(', ')}, with STARTTLS or implicit TLS: choose one of them.`;
  throw new Problem('validation-failed', `The port ${port} is not allowed.`, {
    errors: [{ pointer: '/emailAlerts/smtp/port', detail }],
  });
}
