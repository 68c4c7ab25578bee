/** What a plan must hold beside the rest to be deployed through a host connection, where no script asks for it. */
import type { SitePlan } from './site-plan';

/** Places of what is missing, as paths within the plan, with what to do. */
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
    [
      serverVersion === undefined,
      ['serverVersion'],
      'Choose the version of the server that is to be installed.',
    ],
  ];
  return needs.flatMap(([isMissing, path, message]) => (isMissing ? [{ path, message }] : []));
}
