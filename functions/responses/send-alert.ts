/** Sends the alert mail of a response through the SMTP server of its site. */
import { setTimeout as sleep } from 'node:timers/promises';
import { derivedId, recordingId } from '../../shared/ids';
import { MailNotSent, type RefusedRecipient, sendSmtp } from '../../shared/mail/smtp';
import type { Services } from '../../shared/services';
import { partAt, type Session } from '../sessions';
import { effectiveEmailThreshold, findSiteSettings, type SiteSettings, smtpAccountOf } from '../sites';
import { actionOf } from './action-state';
import { type AlertSettings, alertMail } from './alert-mail';
import type { EventResponse } from './event-response';
import type { Outcome } from './outcome';
import { playbackLinks } from './playback-links';
import { reserveSending } from './sending-account';

/** Longer waits hold no worker: there are few of them, and other accounts have mails too. */
const MAX_WAIT_MS = 3_000;

/** Recipients that a reason names. */
const MAX_NAMED = 5;

type Mailing = Pick<Services, 'config' | 'clock' | 'database' | 'secrets'>;

/** @throws MailNotSent when another try may help */
export async function sendAlert(
  services: Mailing,
  customerId: string,
  response: EventResponse,
  session: Session,
): Promise<Outcome> {
  const settings = await findSiteSettings(services, customerId, response.siteId);
  const alerts = settings?.emailAlerts;
  if (!settings || !alerts)
    return { state: 'skipped', reasonCode: 'mailNotConfigured', reason: 'mail not configured' };
  const {
    hasWaited = false,
    remaining: to = response.recipients,
    refused: refusedBefore = [],
  } = actionOf(response, 'sendEmail') ?? {};
  const waitMs = await reserve(services, customerId, settings, alerts, hasWaited);
  if (waitMs > MAX_WAIT_MS) return { state: 'deferred', delaySeconds: Math.ceil(waitMs / 1000) };
  try {
    const account = await smtpAccountOf(services, alerts);
    const part = partAt(session, response.eventTime);
    const recording = part === undefined ? undefined : recordingId(session.id, part);
    const mail = alertMail({
      messageId: messageIdOf(services, response),
      settings: alerts,
      response,
      session,
      links: playbackLinks(services.config.publicUrl, settings, recording),
    });
    await sleep(waitMs);
    const { refused } = await sendSmtp(account, { ...mail, to });
    return outcomeOf(refused, refusedBefore, response.recipients.length);
  } catch (error) {
    if (error instanceof MailNotSent && error.permanent)
      return { state: 'failed', reasonCode: 'mailNotSent', reason: error.reason };
    throw error;
  }
}

/** Done when all recipients have it; tried again for those that the server refused temporarily. */
function outcomeOf(
  refused: readonly RefusedRecipient[],
  refusedBefore: readonly string[],
  recipients: number,
): Outcome {
  const describe = ({ address, reason }: RefusedRecipient) => `${address} (${reason})`;
  const later = refused.filter(({ permanent }) => !permanent);
  const never = [...refusedBefore, ...refused.filter(({ permanent }) => permanent).map(describe)];
  const missing = [...never, ...later.map(describe)];
  if (missing.length === 0) return { state: 'done' };
  const others = recipients > missing.length ? '; the other recipients have it' : '';
  const named = missing.slice(0, MAX_NAMED).join(', ');
  const more = missing.length > MAX_NAMED ? ` and ${missing.length - MAX_NAMED} more` : '';
  const reason = `the mail server did not take it for ${named}${more}: see whether the recipients of the rule are right${others}`;
  if (later.length === 0) return { state: 'failed', reasonCode: 'recipientsRefused', reason };
  return {
    state: 'partial',
    reasonCode: 'recipientsRefused',
    reason,
    progress: { remaining: later.map(({ address }) => address), refused: never },
  };
}

/** The same for every attempt, so that a mail sent twice is seen to be one. */
function messageIdOf({ config }: Mailing, response: EventResponse): string {
  return `${derivedId('alert', response.id, response.ruleId)}@${new URL(config.publicUrl).hostname}`;
}

function reserve(
  services: Mailing,
  customerId: string,
  settings: SiteSettings,
  { smtp, sender }: AlertSettings,
  hasWaited: boolean,
): Promise<number> {
  const account = { customerId, host: smtp.host, sender: sender.address };
  const perSecond = effectiveEmailThreshold(settings.emailThreshold);
  return reserveSending(services, account, { siteId: settings.id, perSecond, hasWaited }, MAX_WAIT_MS);
}
