/** What an administrator decides about an installation of the server component (INS-1, INS-2): schemas, and what is kept. */
import { z } from 'zod';
import { resourceId } from '../../../shared/http/fields';
import { exactLine, line, lines, MAX_DESCRIPTION_CHARACTERS } from '../../../shared/pure/text-fields';
import { DATABASE_TYPES } from '../commands/kinds/installation-kinds';

const DEFAULT_PATH = 'C:\\Program Files\\Citrix\\SessionRecording';
const LOCAL_FOLDER = /^[A-Za-z]:\\(?:[^\\/:*?"<>|\p{Cc}]+\\?)*$/u;
/** `host`, `host\instance` or `host,port`. */
const INSTANCE =
  /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?(?:\\[A-Za-z_#][A-Za-z0-9_$#]{0,15}|,(?<port>[1-9]\d{0,4}))?$/;
const MAX_PORT = 65_535;

export const installationPath = z
  .string()
  .trim()
  .max(248)
  .refine(
    (path) => LOCAL_FOLDER.test(path) && !path.split('\\').some((part) => part === '.' || part === '..'),
    'Give the full path of a folder on a drive of the machine, such as D:\\SessionRecording.',
  )
  .meta({ description: 'Folder of the machine to install to', examples: [DEFAULT_PATH] });

export const serverVersion = z
  .string()
  .min(1)
  .max(64)
  .meta({ description: 'A version of the package catalogue', examples: ['24.2.0.16'] });

const instance = z
  .string()
  .trim()
  .refine((text) => {
    const found = INSTANCE.exec(text);
    return found !== null && Number(found.groups?.['port'] ?? 1) <= MAX_PORT;
  }, 'Give `host`, `host\\instance` or `host,port`.')
  .meta({
    description: '`host`, `host\\instance` or `host,port`; port 1433 if not given',
    examples: ['SQL01\\RECORDING'],
  });

const recordingDatabase = line(128).meta({
  description: 'Name of the recording database',
  examples: ['CitrixSessionRecording'],
});
const loggingDatabase = line(128).meta({
  description: 'Name of the logging database; differs from the recording database',
  examples: ['CitrixSessionRecordingLogging'],
});

const databaseFields = {
  type: z.enum(DATABASE_TYPES).describe('Those in a cloud need user name and password'),
  instance,
  recordingDatabase,
  loggingDatabase,
  userName: exactLine(128).optional().describe('Absent: the account of the machine'),
};
const password = exactLine(128)
  .optional()
  .describe('Any character; kept in the secret store until the machine has used it, and never returned');

export const databasesToTest = z
  .strictObject({ ...databaseFields, password })
  .superRefine(checkDatabases)
  .meta({ id: 'DatabasesToTest' });

const databasesToInstall = z
  .strictObject({
    ...databaseFields,
    instance: instance.optional().describe('That of the site, if one is chosen; else required'),
    recordingDatabase: recordingDatabase
      .optional()
      .describe('That of the site, if one is chosen; else required'),
    password,
  })
  .superRefine(checkDatabases)
  .meta({ id: 'DatabasesOfInstallation' });

const administratorLogging = z
  .strictObject({
    logging: z.boolean().default(true).describe('Whether changes are logged'),
    mandatoryBlocking: z
      .boolean()
      .default(true)
      .describe('Whether a change that cannot be logged is refused'),
  })
  .default({ logging: true, mandatoryBlocking: true })
  .describe('How the server logs what administrators do');

export const installationRequest = z
  .strictObject({
    siteId: resourceId
      .optional()
      .describe(
        'An existing site that has servers: its database is used. Without a site the database decides',
      ),
    newSite: z
      .strictObject({ name: line(128), description: lines(MAX_DESCRIPTION_CHARACTERS).default('') })
      .optional()
      .describe('A site to create'),
    serverVersion,
    installationPath: installationPath.default(DEFAULT_PATH),
    databases: databasesToInstall,
    administratorLogging,
  })
  .refine(({ siteId, newSite }) => siteId === undefined || newSite === undefined, {
    path: ['newSite'],
    error: 'Give `siteId` or `newSite`, not both.',
  })
  .refine(({ siteId, databases }) => siteId !== undefined || databases.instance !== undefined, {
    path: ['databases', 'instance'],
    error: 'Is required unless an existing site is chosen.',
  })
  .refine(({ siteId, databases }) => siteId !== undefined || databases.recordingDatabase !== undefined, {
    path: ['databases', 'recordingDatabase'],
    error: 'Is required unless an existing site is chosen.',
  })
  .meta({
    id: 'InstallationRequest',
    examples: [
      {
        serverVersion: '24.2.0.16',
        databases: {
          type: 'onPremises',
          instance: 'SQL01\\RECORDING',
          recordingDatabase: 'CitrixSessionRecording',
          loggingDatabase: 'CitrixSessionRecordingLogging',
        },
      },
    ],
  });

export type InstallationRequest = z.output<typeof installationRequest>;

/** The answers as they are kept and shown: without the password. */
export const savedAnswers = z
  .object({
    siteId: z.uuid().optional().describe('Absent: the database decides when the server registers'),
    serverVersion,
    installationPath: z
      .string()
      .meta({ description: 'Folder of the machine to install to', examples: [DEFAULT_PATH] }),
    databases: z.object(databaseFields).describe('What the installation uses, without the password'),
    administratorLogging: z
      .object({
        logging: z.boolean().describe('Whether changes are logged'),
        mandatoryBlocking: z.boolean().describe('Whether a change that cannot be logged is refused'),
      })
      .describe('How the server logs what administrators do'),
  })
  .meta({ id: 'InstallationAnswers' });

export type SavedAnswers = z.output<typeof savedAnswers>;

interface DatabaseAnswers {
  type: (typeof DATABASE_TYPES)[number];
  recordingDatabase?: string | undefined;
  loggingDatabase: string;
  userName?: string | undefined;
  password?: string | undefined;
}

function checkDatabases(databases: DatabaseAnswers, context: z.RefinementCtx): void {
  const { type, recordingDatabase, loggingDatabase, userName, password: secret } = databases;
  const refuse = (field: keyof DatabaseAnswers, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  if (recordingDatabase?.toLowerCase() === loggingDatabase.toLowerCase())
    refuse('loggingDatabase', 'Must differ from the name of the recording database.');
  const needsAccount = type !== 'onPremises';
  if (userName === undefined && (needsAccount || secret !== undefined))
    refuse(
      'userName',
      needsAccount ? 'Is required for a database in a cloud.' : 'Is required with a password.',
    );
  if (secret === undefined && (needsAccount || userName !== undefined))
    refuse(
      'password',
      needsAccount ? 'Is required for a database in a cloud.' : 'Is required with a user name.',
    );
}
