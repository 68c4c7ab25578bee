import fc from 'fast-check';
import { type Alert, alertMail } from './alert-mail';

const alert = (
  changes: { facts?: Partial<Alert['session']['facts']>; ruleName?: string; description?: string } = {},
): Alert => ({
  messageId: 'fixed@recording.example',
  settings: {
    smtp: { host: 'smtp.contoso.example', port: 587, tls: 'startTls' },
    sender: { displayName: 'Alerts', address: 'alerts@contoso.example' },
    subjectFields: ['userName', 'machine'],
    bodyFields: [
      'userName',
      'domainName',
      'startTime',
      'deliveryGroup',
      'application',
      'machine',
      'recordingUrl',
    ],
  },
  response: {
    eventType: 'cdmUsb',
    eventTime: '2030-01-15T12:00:05.000Z',
    ruleName: changes.ruleName ?? 'Removable media',
    triggers: [
      { position: 0, description: changes.description ?? 'A drive was mapped', actions: ['sendEmail'] },
      { position: 1, description: 'Only recorded', actions: ['startScreenRecording'] },
    ],
    recipients: ['ada@contoso.example'],
  },
  session: {
    startedAt: '2030-01-15T11:00:00.000Z',
    facts: {
      user: { name: 'CONTOSO\\bob', groups: [] },
      application: 'Ledger',
      deliveryGroup: 'Finance',
      machine: 'VDA07',
      tags: [],
      ...changes.facts,
    },
  },
  links: {
    recordingUrl: 'https://player.contoso.example/webplayer/#/player/1',
    allRecordingsUrl: 'https://player.contoso.example/webplayer/',
  },
});

it('RSP-10: tells the event, the rule, the descriptions of all triggers that the event met, and the fields of the site', () => {
  const mail = alertMail(alert());
  expect(mail.subject).toBe(
    'Session Recording alert: Client drive mapping | User name: bob | Machine: VDA07',
  );
  expect(mail.text.split('\r\n')).toEqual([
    'A drive was mapped',
    'Only recorded',
    '',
    'Event: Client drive mapping',
    'Time: 2030-01-15T12:00:05.000Z',
    'Rule: Removable media',
    'User name: bob',
    'Domain name: CONTOSO',
    'Session start: 2030-01-15T11:00:00.000Z',
    'Delivery group: Finance',
    'Application: Ledger',
    'Machine: VDA07',
    'Recording: https://player.contoso.example/webplayer/#/player/1',
    '',
    'All recordings: https://player.contoso.example/webplayer/',
    '',
  ]);
  expect(mail.html).toContain('<a href="https://player.contoso.example/webplayer/#/player/1">');
});

it('leaves out what is not known: a domain, a recording', () => {
  const { text } = alertMail({
    ...alert({ facts: { user: { name: 'bob', groups: [] }, application: undefined } }),
    links: { recordingUrl: undefined, allRecordingsUrl: 'https://player.contoso.example/webplayer/' },
  });
  expect(text).toContain('User name: bob');
  expect(text).not.toMatch(/^(Domain name|Application|Recording):/m);
});

it('RSP-5: has the reason instead of links where the site uses no player that can be linked to', () => {
  const mail = alertMail({ ...alert(), links: { whyNone: 'no link: <none>' } });
  expect(mail.text).toContain('All recordings: no link: <none>');
  expect(mail.html).toContain('<p>All recordings: no link: &lt;none&gt;</p>');
  expect(mail.html).not.toContain('<a ');
});

it('RSP-5: shows whatever a session or an administrator brings along as text: no markup, no line of its own', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 15 }),
    fc.constantFrom('<img src=x onerror=alert(1)>', '"><script>x</script>', 'a\r\nBcc: eve@evil.example'),
  );
  const plain = alertMail(alert());
  const tags = (html: string) => html.match(/<[^>]*>/g);
  fc.assert(
    fc.property(hostile, (value) => {
      const named = value.replaceAll('\\', '/');
      const mail = alertMail(
        alert({
          facts: { user: { name: `CONTOSO\\x${named}`, groups: [] }, machine: `x${named}` },
          ruleName: `x${named}`,
          description: `x${named}`,
        }),
      );
      expect(tags(mail.html)).toEqual(tags(plain.html));
      expect(mail.text.split(/\r\n|\r|\n/)).toHaveLength(plain.text.split('\r\n').length);
      expect(mail.subject).not.toMatch(/[\r\n]/);
    }),
  );
});
