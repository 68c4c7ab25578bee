/** HTTP operations of preferences. */
import { NOT_MODIFIED, type Operation, operation } from '../../../shared/http/operation';
import { preferences, preferencesView } from './preferences';
import { findPreferences, savePreferences } from './store';

const tag = 'Identity';
const path = '/api/v1/preferences';

const getPreferences = operation({
  id: 'getPreferences',
  method: 'GET',
  path,
  tag,
  summary: 'Show the preferences of the caller',
  description: 'Defaults are shown until something is chosen.',
  access: 'own-profile',
  success: { status: 200, description: 'The preferences', body: preferencesView },
  otherStatuses: NOT_MODIFIED,
  etag: true,
  load: ({ caller, services }) => findPreferences(services, caller),
  handle: ({ resource: { preferences: body, etag } }) => Promise.resolve({ body, etag }),
});

const putPreferences = operation({
  id: 'putPreferences',
  method: 'PUT',
  path,
  tag,
  summary: 'Change the preferences of the caller',
  description:
    'The cache of the player belongs to the caller. Fast seek belongs to all recordings of the customer: servers of ' +
    'version 2308 or later follow it, older ones ignore it; only full administrators change it.',
  access: 'own-profile',
  body: preferences,
  success: { status: 200, description: 'The updated preferences', body: preferencesView },
  ifMatch: 'required',
  etag: true,
  problems: ['forbidden'],
  audit: { action: 'preferences.change', when: 'ifChanged' },
  load: ({ caller, services }) => findPreferences(services, caller),
  edits: { current: ({ resource }) => resource.preferences },
  async handle({ resource, body, caller, services, audit }) {
    await savePreferences(services, { caller, stored: resource, next: body, audit });
    const { preferences: saved, etag } = await findPreferences(services, caller);
    return { body: saved, etag };
  },
});

export const preferenceOperations: readonly Operation[] = [getPreferences, putPreferences];
