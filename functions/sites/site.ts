/** Sites: groups of recording servers that share one Session Recording database. */
import { z } from 'zod';
import { documentType, type Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { line, lines, MAX_DESCRIPTION_CHARACTERS } from '../../shared/pure/text-fields';
import {
  type DatabaseIdentity,
  databaseIdentity,
  databaseKey,
  earlierDatabaseKey,
  isLocalInstance,
} from './database-identity';

export const MAX_SITE_NAME_CHARACTERS = 128;

const siteName = line(MAX_SITE_NAME_CHARACTERS).describe(
  'Any script; not empty; unique among the sites of the customer, ignoring case',
);
const description = lines(MAX_DESCRIPTION_CHARACTERS);

export const newSite = z
  .strictObject({
    name: siteName,
    description: description.default(''),
    database: databaseIdentity
      .refine(({ instance }) => !isLocalInstance(instance), {
        path: ['instance'],
        error: 'Is another machine for each server: give the name of the host, or leave the database out.',
      })
      .optional(),
  })
  .meta({ id: 'NewSite' });

export const siteChange = z.strictObject({ name: siteName, description: description.default('') });

/** How a site was created. */
export const siteOrigins = ['created', 'server'] as const;

/** The deployment of a site to Azure. Its machines are listed before they exist. */
export const siteDeployment = z
  .object({
    method: z.enum(['armTemplate', 'hostConnection']),
    status: z
      .enum(['templateCreated', 'deploying', 'failed', 'deployed'])
      .describe('`templateCreated`: an administrator deploys the template'),
    deploymentId: z
      .uuid()
      .optional()
      .describe('The deployment through a host connection; absent for a template'),
    createdAt: z.iso.datetime(),
    region: z.string(),
    planFingerprint: z
      .string()
      .describe('Identifies the plan of the template; must equal the one in resourceInfo.json'),
    machines: z.array(z.object({ name: z.string() })),
  })
  .meta({ id: 'SiteDeployment' });

export const siteView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string().optional(),
    database: databaseIdentity.optional(),
    origin: z.enum(siteOrigins).optional(),
    createdAt: z.iso.datetime().optional(),
    deployment: siteDeployment
      .optional()
      .describe('Of sites whose resources are in Azure, or are created there'),
  })
  .meta({ id: 'Site', description: 'Only full administrators see more than id and name' });

export type SiteDeployment = z.output<typeof siteDeployment>;

export interface Site {
  id: string;
  name: string;
  description: string;
  database?: DatabaseIdentity | undefined;
  /** Id of the reservation of the database. Sites of earlier versions lack it: see `reservationOf`. */
  databaseKey?: string | undefined;
  origin: (typeof siteOrigins)[number];
  createdAt: string;
  deployment?: SiteDeployment | undefined;
  /** When a server last joined it; RFC 3339 UTC. A deletion that looked for servers before that fails. */
  serverJoinedAt?: string | undefined;
}

export const siteType = documentType<Site>('site', { ttlSeconds: 'never' });

/** Reserves a database identity for one site. */
export interface DatabaseReservation {
  /** `databaseKey` of the site. */
  id: string;
  siteId: string;
}

export const databaseReservationType = documentType<DatabaseReservation>('site-db', { ttlSeconds: 'never' });

/** The id under which the database of a site is reserved; undefined while it has none. */
export function reservationOf({
  database,
  databaseKey: key,
}: Pick<Site, 'database' | 'databaseKey'>): string | undefined {
  return key ?? (database && earlierDatabaseKey(database));
}

/** Whether a site has the database that a server reports; `key` is the one of the report. */
export function hasDatabase(site: Pick<Site, 'database' | 'databaseKey'>, key: string): boolean {
  return site.databaseKey === key || (site.database !== undefined && databaseKey(site.database) === key);
}

/** The write that records how a site is deployed, or that it is not; `site` was read with its ETag. */
export function deploymentChange(
  { etag, ...site }: Stored<Site>,
  deployment: SiteDeployment | undefined,
): Change {
  return change.replace(siteType, { ...site, deployment }, etag);
}

/** The write that notes, in the batch of a server that joins a site, that it does; it fails when the site is gone. */
export function serverJoins(siteId: string, now: Date): Change {
  return change.patch(siteType, siteId, [{ op: 'set', path: '/serverJoinedAt', value: now.toISOString() }]);
}

/**
 * The writes that make a database the one of a site that has none.
 * @param reporter id of the server that names it
 */
export function databaseClaim(
  { etag, ...site }: Stored<Site>,
  database: DatabaseIdentity,
  reporter: string,
): Change[] {
  const key = databaseKey(database, reporter);
  return [
    change.replace(siteType, { ...site, database, databaseKey: key }, etag),
    change.create(databaseReservationType, { id: key, siteId: site.id }),
  ];
}

/** A site as the API returns it. */
export function viewOfSite({ etag: _etag, ...site }: Stored<Site>): z.input<typeof siteView> {
  return site;
}
