/** What an alert mail says: in plain text and in HTML, with the session's facts that the site wants in it. Pure. */
import type { MailMessage } from '../../shared/mail/smtp';
import { escapeHtml, oneLine } from '../../shared/mail/text';
import type { SiteSettings } from '../sites';
import { eventType, type SessionFacts } from '../policies/engine';
import type { EventResponse } from './event-response';
import type { PlaybackLinks } from './playback-links';

const MAX_VALUE_CHARACTERS = 200;

export type AlertSettings = NonNullable<SiteSettings['emailAlerts']>;
type Field = AlertSettings['bodyFields'][number];

const LABELS: Record<Field, string> = {
  userName: 'User name',
  domainName: 'Domain name',
  startTime: 'Session start',
  deliveryGroup: 'Delivery group',
  application: 'Application',
  machine: 'Machine',
  recordingUrl: 'Recording',
};

export interface Alert {
  messageId: string;
  settings: AlertSettings;
  response: Pick<EventResponse, 'eventType' | 'eventTime' | 'ruleName' | 'triggers' | 'recipients'>;
  session: { facts: SessionFacts; startedAt: string };
  links: PlaybackLinks;
}

/** The mail of an alert. Whatever a session brings along is text in it, never markup and never a header. */
export function alertMail(alert: Alert): MailMessage {
  const { settings, response } = alert;
  const label = eventType(response.eventType).label;
  const facts = settings.bodyFields.flatMap((field) => row(alert, field));
  const descriptions = response.triggers
    .filter(({ description }) => description !== '')
    .map(({ description }) => oneLine(description, 300));
  const rows: [string, string][] = [
    ['Event', label],
    ['Time', response.eventTime],
    ['Rule', oneLine(response.ruleName, MAX_VALUE_CHARACTERS)],
    ...facts,
  ];
  const subjectFacts = settings.subjectFields.flatMap((field) => row(alert, field));
  return {
    messageId: alert.messageId,
    from: { name: settings.sender.displayName, address: settings.sender.address },
    to: response.recipients,
    subject: [
      `Session Recording alert: ${label}`,
      ...subjectFacts.map(([name, value]) => `${name}: ${value}`),
    ].join(' | '),
    text: plainText(rows, descriptions, alert.links),
    html: html(rows, descriptions, alert.links),
  };
}

function row(alert: Alert, field: Field): [string, string][] {
  const value = valueOf(alert, field);
  if (value === undefined || value === '') return [];
  const isUrl = field === 'recordingUrl';
  return [[LABELS[field], isUrl ? value : oneLine(value, MAX_VALUE_CHARACTERS)]];
}

function valueOf({ session, links }: Alert, field: Field): string | undefined {
  const { user, application, deliveryGroup, machine } = session.facts;
  const backslash = user.name.indexOf('\\');
  switch (field) {
    case 'userName':
      return user.name.slice(backslash + 1);
    case 'domainName':
      return backslash < 0 ? undefined : user.name.slice(0, backslash);
    case 'startTime':
      return session.startedAt;
    case 'deliveryGroup':
      return deliveryGroup;
    case 'application':
      return application;
    case 'machine':
      return machine;
    case 'recordingUrl':
      return 'whyNone' in links ? undefined : links.recordingUrl;
  }
}

function plainText(rows: [string, string][], descriptions: string[], links: PlaybackLinks): string {
  return [
    ...descriptions,
    ...(descriptions.length > 0 ? [''] : []),
    ...rows.map(([name, value]) => `${name}: ${value}`),
    '',
    `All recordings: ${'whyNone' in links ? links.whyNone : links.allRecordingsUrl}`,
    '',
  ].join('\r\n');
}

function html(rows: [string, string][], descriptions: string[], links: PlaybackLinks): string {
  const link = (url: string) => `<a href="${escapeHtml(url)}">${escapeHtml(url)}</a>`;
  const recordingUrl = 'whyNone' in links ? undefined : links.recordingUrl;
  const cells = rows.map(([name, value]) => {
    const shown = value === recordingUrl ? link(value) : escapeHtml(value);
    return `<tr><th align="left">${escapeHtml(name)}</th><td>${shown}</td></tr>`;
  });
  return [
    '<!doctype html><html lang="en"><body>',
    ...descriptions.map((text) => `<p>${escapeHtml(text)}</p>`),
    `<table>${cells.join('')}</table>`,
    'whyNone' in links
      ? `<p>All recordings: ${escapeHtml(links.whyNone)}</p>`
      : `<p>${link(links.allRecordingsUrl)}</p>`,
    '</body></html>',
  ].join('\r\n');
}
