/** Sites: groups of recording servers that share one Session Recording database. */
import { z } from 'zod';
import { documentType, type Stored } from '../../shared/cosmos/document-type';
import { type Change, change } from '../../shared/cosmos/partition';
import { sha256Hex } from '../../shared/ids';
import { line, lines, MAX_DESCRIPTION_CHARACTERS } from '../../shared/pure/text-fields';

export const MAX_SITE_NAME_CHARACTERS = 128;

const siteName = line(MAX_SITE_NAME_CHARACTERS).describe(
  'Any script; not empty; unique among the sites of the customer, ignoring case',
);
const description = lines(MAX_DESCRIPTION_CHARACTERS);

export const databaseIdentity = z
  .strictObject({
    instance: line(256).describe('`host`, `host\\instance` or `host,port`'),
    name: line(128),
  })
  .meta({ id: 'DatabaseIdentity', description: 'The database that the servers of a site share' });

export const newSite = z
  .strictObject({
    name: siteName,
    description: description.default(''),
    database: databaseIdentity.optional(),
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

export type DatabaseIdentity = z.output<typeof databaseIdentity>;
export type SiteDeployment = z.output<typeof siteDeployment>;

export interface Site {
  id: string;
  name: string;
  description: string;
  database?: DatabaseIdentity | undefined;
  origin: (typeof siteOrigins)[number];
  createdAt: string;
  deployment?: SiteDeployment | undefined;
  /** When a server last joined it; RFC 3339 UTC. A deletion that looked for servers before that fails. */
  serverJoinedAt?: string | undefined;
}

export const siteType = documentType<Site>('site', { ttlSeconds: 'never' });

/** Reserves a database identity for one site. */
export interface DatabaseReservation {
  /** Hash of the identity. */
  id: string;
  siteId: string;
}

export const databaseReservationType = documentType<DatabaseReservation>('site-db', { ttlSeconds: 'never' });

/** The same for two identities that differ in case only. */
export function databaseKey(database: DatabaseIdentity): string {
  return sha256Hex(JSON.stringify([database.instance.toLowerCase(), database.name.toLowerCase()]));
}

export function isSameDatabase(one: DatabaseIdentity, other: DatabaseIdentity): boolean {
  return databaseKey(one) === databaseKey(other);
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

/** The writes that make a database the one of a site that has none. */
export function databaseClaim({ etag, ...site }: Stored<Site>, database: DatabaseIdentity): Change[] {
  return [
    change.replace(siteType, { ...site, database }, etag),
    change.create(databaseReservationType, { id: databaseKey(database), siteId: site.id }),
  ];
}

/** A site as the API returns it. */
export function viewOfSite({ etag: _etag, ...site }: Stored<Site>): z.input<typeof siteView> {
  return site;
}
