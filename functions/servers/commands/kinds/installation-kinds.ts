/** Commands that install the server component, and upgrade the cloud client (INS-1, INS-2, INS-3, UPG-1). */
import { z } from 'zod';
import { checks } from './checks';
import type { CommandKindSpec } from './command-kind';
import { PREREQUISITE_CHECKS } from './diagnostic-checks';

const SHA256 = /^[0-9a-f]{64}$/;
const version = z.string().min(1).max(64);

const packageFile = z
  .object({
    url: z.url().describe('Where to download it from, over https'),
    sha256: z.string().regex(SHA256).describe('Do not unpack or run a file with another hash'),
    sizeBytes: z.int().min(1),
  })
  .meta({ id: 'PackageFile' });

export const DATABASE_TYPES = [
  'onPremises',
  'azureSqlDatabase',
  'azureSqlManagedInstance',
  'sqlServerOnAzureVm',
  'awsRds',
  'googleCloudSql',
] as const;

const storedDatabases = {
  type: z.enum(DATABASE_TYPES).describe('Those in a cloud need user name and password'),
  instance: z
    .string()
    .min(1)
    .max(300)
    .describe('`host`, `host\\instance` or `host,port`; port 1433 if not given'),
  recordingDatabase: z
    .string()
    .min(1)
    .max(128)
    .meta({ description: 'Name of the recording database', examples: ['CitrixSessionRecording'] }),
  loggingDatabase: z
    .string()
    .min(1)
    .max(128)
    .meta({
      description: 'Name of the logging database; differs from the recording database',
      examples: ['CitrixSessionRecordingLogging'],
    }),
  userName: z.string().min(1).max(128).optional().describe('Absent: the account of the machine'),
};
/** Name of the password in the secret store. */
const passwordSecret = z.string().optional();
const databases = z
  .object({
    ...storedDatabases,
    password: z
      .string()
      .optional()
      .describe('Pass it on as it is: any character may occur. Never write it to a log or a file.'),
  })
  .meta({ id: 'DatabasesToInstall' });

const path = z
  .string()
  .min(1)
  .max(248)
  .meta({
    description: 'Full path of the folder to install to',
    examples: ['C:\\Program Files\\Citrix\\SessionRecording'],
  });

const installed = {
  serverVersion: version.describe('Version to install'),
  installationPath: path,
  administratorLogging: z
    .object({
      logging: z.boolean().describe('Whether changes are logged'),
      mandatoryBlocking: z.boolean().describe('Whether a change that cannot be logged is refused'),
    })
    .describe('How the server logs what administrators do'),
};

export const installationKinds = {
  prerequisiteCheck: {
    description:
      'Check whether the server version can be installed on this machine, at least these: ' +
      PREREQUISITE_CHECKS.map(({ id, name }) => `\`${id}\` (${name})`).join(', ') +
      '. A check that fails is no failure of the command.',
    parameters: z
      .object({ serverVersion: version, installationPath: path.optional() })
      .meta({ id: 'PrerequisiteCheckParameters' }),
    data: z
      .strictObject({ kind: z.literal('prerequisiteCheck'), checks })
      .meta({ id: 'PrerequisiteCheckData' }),
    silenceSeconds: 300,
    maxRunSeconds: 600,
  },
  testConnection: {
    description:
      'Connect to the SQL server as the installation would. Failed, with the reason, when there is no connection, the ' +
      'account is not sysadmin, or a database name cannot be used.',
    storedParameters: z.object({ ...storedDatabases, passwordSecret }),
    parameters: databases,
    data: z
      .strictObject({
        kind: z.literal('testConnection'),
        sqlServerVersion: version.meta({
          description: 'Version of the SQL server',
          examples: ['16.0.4135.4'],
        }),
        existingDatabases: z.array(z.string().max(128)).max(2).describe('Which of the two exist already'),
      })
      .meta({ id: 'TestConnectionData' }),
    silenceSeconds: 300,
    maxRunSeconds: 600,
  },
  install: {
    description:
      'Install the server component. Report progress at each step (`Step 1 of 3: Downloading …`, `Step 2 of 3: ' +
      'Installing …`, `Step 3 of 3: Configuring …`) and at least once a minute in between. Delivered again after an ' +
      'interruption, also when `expiresAt` is over: go on, or start over. When it has succeeded, register again with the new server version.',
    storedParameters: z.object({ ...installed, databases: z.object({ ...storedDatabases, passwordSecret }) }),
    parameters: z.object({ ...installed, package: packageFile, databases }).meta({ id: 'InstallParameters' }),
    data: z
      .strictObject({
        kind: z.literal('install'),
        serverVersion: version,
        restartRequired: z.boolean().describe('Whether the machine has to be restarted before it records'),
      })
      .meta({ id: 'InstallData' }),
    silenceSeconds: 900,
    maxRunSeconds: 5_400,
  },
  upgrade: {
    description:
      'Upgrade the cloud client itself. Report the result, and register again, with the new version; an upgrade to the ' +
      'version that is installed has succeeded already.',
    storedParameters: z.object({ clientVersion: version }),
    parameters: z
      .object({ clientVersion: version.describe('Version to upgrade to'), package: packageFile })
      .meta({ id: 'UpgradeParameters' }),
    data: z.strictObject({ kind: z.literal('upgrade'), clientVersion: version }).meta({ id: 'UpgradeData' }),
    silenceSeconds: 900,
    maxRunSeconds: 1_800,
  },
} as const satisfies Record<string, CommandKindSpec>;
