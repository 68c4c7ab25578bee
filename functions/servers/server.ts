/** Recording servers, including machines where the server component is not installed yet. */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';
import { timeZone } from '../../shared/http/fields';
import { derivedId } from '../../shared/ids';
import { line } from '../../shared/pure/text-fields';
import { canServerConnect, compareVersions, parseVersion } from '../../shared/pure/versions';
import { Problem } from '../../shared/problem';
import { databaseIdentity } from '../sites';
import { SERVER_STATUSES, type ServerStatus } from './server-status';

/** Older cloud clients do not support the full protocol: their servers are in maintenance until upgraded. */
export const MINIMUM_CLIENT_VERSION = '7.36.7020.11';

const version = z
  .string()
  .max(64)
  .refine((text) => parseVersion(text) !== undefined, 'Give a version such as 23.8.0.12 or 2308.');

/** The data that a machine sends when it registers. */
export const machineSchema = z
  .strictObject({
    machineId: line(256).describe('Stays the same for the life of the machine'),
    hostName: line(255),
    operatingSystem: line(256),
    domain: z.string().trim().max(255).optional(),
    timeZone,
    serverVersion: version.optional().describe('Absent where the server component is not installed'),
    clientVersion: version,
    agentVersion: version.optional().describe('Version of the recording agent or Workspace app, if any'),
    database: databaseIdentity.optional(),
  })
  .meta({ id: 'Machine' });

export type Machine = z.output<typeof machineSchema>;

/** What only the machine itself can say: absent until it registers. */
type ReportedByMachine = 'machineId' | 'operatingSystem' | 'timeZone' | 'clientVersion';

export interface Server extends Omit<Machine, ReportedByMachine>, Partial<Pick<Machine, ReportedByMachine>> {
  /** Derived from the customer and the machine id: a machine that registers again is the same server. */
  id: string;
  /** Absent for unallocated servers. */
  siteId?: string | undefined;
  /** Whether an administrator or a template chose the site: then no registration changes it. */
  siteAssigned?: boolean | undefined;
  /** Name of the machine in the template that planned it, in lower case. */
  plannedName?: string | undefined;
  /** The secure client that it belongs to; absent in servers of earlier versions until one speaks for them. */
  clientId?: string | undefined;
  description: string;
  status: ServerStatus;
  /** Why it has this status, with the remedy; absent where not needed. */
  statusReason?: string | undefined;
  statusSince: string;
  /** Absent until it registers. */
  registeredAt?: string | undefined;
  /** Set while the server cannot write its administrator log. */
  administratorLogging?: 'failing' | undefined;
  /** As of the last status change; the heartbeat is more recent. Absent until it registers. */
  lastSeenAt?: string | undefined;
}

export const serverType = documentType<Server>('server', { ttlSeconds: 'never' });

export const serverView = z
  .object({
    id: z.uuid(),
    siteId: z.uuid().optional().describe('Absent for unallocated servers'),
    clientId: z
      .uuid()
      .optional()
      .describe(
        'The secure client that it belongs to: only this one can speak for it. Absent until one does',
      ),
    hostName: z.string(),
    description: z.string(),
    operatingSystem: z.string().optional().describe('Absent until the machine registers'),
    domain: z.string().optional(),
    timeZone: timeZone.optional(),
    serverVersion: z.string().optional().describe('Absent where the server component is not installed'),
    clientVersion: z.string().optional().describe('Absent until the machine registers'),
    agentVersion: z.string().optional(),
    database: databaseIdentity.optional(),
    status: z.enum(SERVER_STATUSES),
    statusReason: z.string().optional().describe('Why it has this status, and the remedy'),
    statusSince: z.iso.datetime(),
    registeredAt: z.iso.datetime().optional().describe('Absent for a planned machine'),
    administratorLogging: z
      .literal('failing')
      .optional()
      .describe('Present while the server cannot write its administrator log'),
    lastSeenAt: z.iso
      .datetime()
      .optional()
      .describe('As of the last status change; exact to the minute when a single server is shown'),
  })
  .meta({ id: 'Server' });

/** The server id of a customer's machine. */
export function serverIdOf(customerId: string, machineId: string): string {
  return derivedId('server', customerId, machineId.toLowerCase());
}

/** @throws Problem `server-version-not-supported` for versions other than 1912, and 2203 and later */
export function checkServerVersion({ serverVersion }: Pick<Machine, 'serverVersion'>): void {
  const parsed = serverVersion === undefined ? undefined : parseVersion(serverVersion);
  if (!parsed || canServerConnect(parsed)) return;
  throw new Problem(
    'server-version-not-supported',
    `Servers of version 1912 LTSR, and 2203 or later, can connect; this one has ${serverVersion}. Install a supported version of the server component, then register again.`,
    { extensions: { found: serverVersion, needed: '1912, or 2203 and later' } },
  );
}

/** Whether the cloud client is older than the required version. */
export function isClientTooOld({ clientVersion = '' }: Pick<Server, 'clientVersion'>): boolean {
  const found = parseVersion(clientVersion);
  const needed = parseVersion(MINIMUM_CLIENT_VERSION);
  return found !== undefined && needed !== undefined && compareVersions(found, needed) < 0;
}
