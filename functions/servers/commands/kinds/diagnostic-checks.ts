/** The checks that every cloud client makes, as diagnostics and before an installation; it may make more. */

/** Before an installation. */
export const PREREQUISITE_CHECKS: readonly { readonly id: string; readonly name: string }[] = [
  { id: 'domain', name: 'the machine is in a valid domain' },
  { id: 'operatingSystem', name: 'the server version runs on its operating system' },
  { id: 'installationPath', name: 'the folder can be installed to; `skipped` where none is given' },
  { id: 'diskSpace', name: 'there is enough free space' },
  { id: 'restartPending', name: 'no restart of the machine is pending' },
];

interface DiagnosticCheck {
  readonly id: string;
  /** What is checked. */
  readonly name: string;
  /** What to do when it fails, where the server does not say. */
  readonly remedy: string;
}

export const DIAGNOSTIC_CHECKS: readonly DiagnosticCheck[] = [
  {
    id: 'services',
    name: 'The services of the server run',
    remedy: 'Restart the services that are stopped.',
  },
  {
    id: 'databaseConnection',
    name: 'The recording database can be reached',
    remedy: 'Check that the SQL server runs, and that its port (1433 by default) is open.',
  },
  {
    id: 'sqlSystemAccount',
    name: 'With SQL on the same machine, NT AUTHORITY\\SYSTEM is db_owner of the databases, for log data',
    remedy: 'Make NT AUTHORITY\\SYSTEM a db_owner of the recording database and of the logging database.',
  },
  {
    id: 'loggingDatabase',
    name: 'The logging database can be written to',
    remedy: 'Check its free space, and the rights of the account of the server.',
  },
  {
    id: 'storageLocations',
    name: 'The storage locations can be written to',
    remedy: 'Check the paths, their free space, and the rights of SYSTEM and NETWORK SERVICE.',
  },
  {
    id: 'signingCertificate',
    name: 'The signing certificate is valid for more than 30 days',
    remedy: 'Renew the certificate, and choose it in the settings of the server.',
  },
  {
    id: 'cloudConnection',
    name: 'The service can be reached through port 443, or the proxy',
    remedy: 'Open outbound port 443, or correct the settings of the proxy.',
  },
  {
    id: 'clock',
    name: 'The clock differs by less than five minutes',
    remedy: 'Synchronise the time of the machine with its domain.',
  },
  {
    id: 'domain',
    name: 'The machine is in a valid domain',
    remedy: 'Join the machine to a domain that can be reached.',
  },
  {
    id: 'restartPending',
    name: 'No restart of the machine is pending',
    remedy: 'Restart the machine.',
  },
];
