/** Makes a site ready: mail settings, policies, and the identity for its recording server. */
import type { AdministratorApi } from './administrator';
import { line, step } from './print';

/** The system-defined policy that records events only: a response may then start recording the screen. */
const EVENTS_ONLY = 'Record only events (for everyone, without notification)';

interface Named {
  id: string;
  name: string;
  warnings?: string[];
}

export interface DemoSite {
  siteId: string;
  database: { instance: string; name: string };
}

/** Creates a site of its own for this run, with mail through the local SMTP server. */
export async function createSite(api: AdministratorApi, smtpPort: number): Promise<DemoSite> {
  const run = new Date().toISOString();
  const database = { instance: 'sql01.contoso.example', name: `CitrixSessionRecording ${run}` };
  const { body: site } = await api.call<Named>('POST', '/sites', { name: `Paris ${run}`, database });
  const { etag } = await api.call('GET', `/sites/${site.id}/settings`);
  const emailAlerts = {
    smtp: { host: '127.0.0.1', port: smtpPort, tls: 'startTls', password: 'demo-smtp-password' },
    sender: { displayName: 'Session Recording', address: 'recording@contoso.example' },
    subjectFields: ['userName', 'machine'],
  };
  const patch = { emailAlerts, emailThreshold: 100 };
  await api.call('PATCH', `/sites/${site.id}/settings`, patch, { 'if-match': etag });
  step('An administrator creates a site and configures its alert mails');
  line(`site “${site.name}” (${site.id}), mail through 127.0.0.1:${smtpPort}`);
  return { siteId: site.id, database };
}

/** Saves and activates policies: what is recorded, what is logged, what happens then. */
export async function activatePolicies(
  api: AdministratorApi,
  siteId: string,
  policies: {
    detection: object;
    response: {
      name: string;
      rules: { name: string; triggers: { eventType: string; actions: string[] }[] }[];
    };
  },
): Promise<void> {
  step('… and decides what is recorded, what is detected and what happens in response');
  const base = `/sites/${siteId}`;
  const recording = (await api.list<Named>(`${base}/recordingPolicies`)).find(
    ({ name }) => name === EVENTS_ONLY,
  );
  if (!recording) throw new Error(`The service has no policy “${EVENTS_ONLY}”`);
  await api.call('POST', `${base}/recordingPolicies/${recording.id}/activate`);
  line(`recording: ${recording.name}`);
  for (const [collection, policy] of [
    ['eventDetectionPolicies', policies.detection],
    ['eventResponsePolicies', policies.response],
  ] as const) {
    const { body: saved } = await api.call<Named>('POST', `${base}/${collection}`, policy);
    await api.call('POST', `${base}/${collection}/${saved.id}/activate`);
    line(`${collection === 'eventDetectionPolicies' ? 'detection' : 'response'}: ${saved.name}`);
    for (const warning of saved.warnings ?? []) line(`  warning: ${warning}`);
  }
  for (const { name, triggers } of policies.response.rules) {
    line(
      `  rule “${name}”: ${triggers.map(({ eventType, actions }) => `${eventType} → ${actions.join(', ')}`).join('; ')}`,
    );
  }
}
