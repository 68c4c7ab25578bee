/** What the OpenAPI document says of the API as a whole. */
import type { ApiDescription } from '../shared/http/openapi';
import { API_FIELDS } from './api-fields';

/** The description of the API that is served at `publicUrl`. */
export function describeApi(publicUrl: string): ApiDescription {
  return {
    title: 'Session Recording service',
    version: '1.0.0',
    description:
      'The control plane of session-recording servers: administrators decide what is recorded, what is detected and what happens in response; recording servers ask for their configuration and deliver what they recorded. ' +
      'Times are RFC 3339 in UTC. Errors are problem details (RFC 9457). Lists come in pages: follow nextLink. ' +
      'A path that exists answers 405 with `Allow` to any other method, and 404 `not-found` is the answer to every unknown path; as they hold everywhere, operations do not list these two. ' +
      'What GET shows can be edited and sent back by PUT or PATCH: read-only fields are ignored when unchanged, and refused by name when changed.',
    serverUrl: publicUrl,
    fields: API_FIELDS,
    tags: [
      { name: 'Identity', description: 'Who calls, and who holds which role.' },
      { name: 'Secure clients', description: 'The identities with which recording servers sign in.' },
      {
        name: 'Sites',
        description: 'Groups of recording servers that share a database, and their settings.',
      },
      { name: 'Servers', description: 'Recording servers and their state.' },
      {
        name: 'Onboarding',
        description: 'Bringing servers to the service: packages, install command, connectivity, diagnosis.',
      },
      {
        name: 'Host connections',
        description:
          'Applications in a directory of yours, through which the service works in your Azure subscriptions.',
      },
      {
        name: 'Deployment',
        description:
          'Planning a site in Azure, what it costs, its template, and deploying it through a host connection.',
      },
      { name: 'Policies', description: 'What is recorded, what is detected, and what happens in response.' },
      {
        name: 'Event trigger templates',
        description: 'Triggers to start from: of the organisation, of the community and of the service.',
      },
      { name: 'Recordings', description: 'What was recorded.' },
      {
        name: 'Tasks',
        description: 'Work that takes longer than a request: its progress and its results.',
      },
      {
        name: 'Cloud client',
        description: 'The protocol that recording servers speak.',
        externalDocs: {
          description: 'Sequence, retry rules, limits and idempotency, for authors of clients',
          url: `${publicUrl}/api/docs/cloud-client-protocol.md`,
        },
      },
      { name: 'Service', description: 'The service itself.' },
    ],
  };
}
