/** Fields of a plan that only a deployment through a host connection requires, since no script prompts for them. */
import type { SitePlan } from './site-plan';

/** The missing fields, as paths within the plan, with messages. */
export function missingForHostConnection(plan: SitePlan): { path: string[]; message: string }[] {
  const { machines, databases, domain, secureClient, certificate, serverVersion } = plan;
  const needs: [boolean, string[], string][] = [
    [
      machines.administrator.password === undefined,
      ['machines', 'administrator', 'password'],
      'Give the password.',
    ],
    [
      databases.administrator.password === undefined,
      ['databases', 'administrator', 'password'],
      'Give the password.',
    ],
    [
      domain.kind === 'activeDirectory' && domain.password === undefined,
      ['domain', 'password'],
      'Give the password.',
    ],
    [
      secureClient.kind === 'existing' && secureClient.secret === undefined,
      ['secureClient', 'secret'],
      'Give the secret.',
    ],
    [certificate === undefined, ['certificate'], 'Give the certificate of the machines as a .pfx file.'],
    [serverVersion === undefined, ['serverVersion'], 'Choose the version of the server to install.'],
  ];
  return needs.flatMap(([isMissing, path, message]) => (isMissing ? [{ path, message }] : []));
}
