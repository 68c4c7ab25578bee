/** The steps of the journey after which the service is killed, as the database sees them. */
import type { Exchange } from './wire-tap';

export interface Step {
  name: string;
  /** `asked`: the write has not been carried out, and never will be; `answered`: it has, but the app does not know. */
  moment: 'asked' | 'answered';
  matches: (exchange: Exchange) => boolean;
}

/** The one step that only the client sees. */
export const EVENTS_ANSWERED = 'events delivered and acknowledged';

type Fields = Record<string, unknown>;

/** A document of this type is written, with these fields. */
function written(type: string, fields: Fields = {}, more: (document: Fields) => boolean = () => true) {
  return ({ kind, documents }: Exchange): boolean =>
    kind === 'write' &&
    documents.some(
      (document) =>
        document['type'] === type &&
        Object.entries(fields).every(([name, value]) => document[name] === value) &&
        more(document),
    );
}

function mailIs(state: string) {
  return ({ actions }: Fields): boolean =>
    (actions as Fields[]).some(({ kind, state: known }) => kind === 'sendEmail' && known === state);
}

const answered = (name: string, matches: Step['matches']): Step => ({ name, moment: 'answered', matches });
const asked = (name: string, matches: Step['matches']): Step => ({ name, moment: 'asked', matches });

/** Those with the longest recovery first. */
export const STEPS: readonly Step[] = [
  answered('mail claimed', written('response', {}, mailIs('claimed'))),
  asked('mail sent', written('response', {}, mailIs('done'))),
  answered('command fetched', written('command', { kind: 'startScreenRecording', status: 'leased' })),
  answered('site created', written('site')),
  answered(
    'settings saved',
    written('site-settings', {}, ({ emailAlerts }) => emailAlerts !== undefined),
  ),
  answered(
    'policies activated',
    written('active-policies', {}, ({ eventResponse }) => eventResponse !== null),
  ),
  answered('server registered', written('server')),
  answered('session started', written('session')),
  answered('events in flight', written('event-batch')),
  answered('response created', written('response')),
  answered('command queued', written('command', { kind: 'startScreenRecording', status: 'pending' })),
  answered('command answered', written('command', { kind: 'startScreenRecording', status: 'succeeded' })),
  answered('notice sent', written('command', { kind: 'notifyUser', status: 'pending' })),
  answered(
    'notice delivered, timer running',
    written('command', { kind: 'notifyUser', status: 'succeeded' }),
  ),
  answered('lock queued', written('command', { kind: 'lockSession', status: 'pending' })),
  answered('lock answered', written('command', { kind: 'lockSession', status: 'succeeded' })),
  answered('recording begun', written('recording', { state: 'uploading' })),
  asked('blocks staged', ({ kind, documents }) => kind === 'read' && documents[0]?.['type'] === 'recording'),
  asked('blocks committed', written('recording', { state: 'verifying' })),
  answered('recording completed', written('recording', { state: 'verifying' })),
  answered('recording verified', written('recording', { state: 'complete' })),
  answered('session ended', written('session', { state: 'ended' })),
];
