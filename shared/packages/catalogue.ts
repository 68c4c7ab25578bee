/** The catalogue of packages that machines install: versions of the cloud client and of the recording server. */
import { z } from 'zod';
import { compareVersions, parseServerVersion, parseVersion, type Version } from '../pure/versions';

const PACKAGE_KINDS = ['client', 'server'] as const;
/** The cloud client, or the server component. */
export type PackageKind = (typeof PACKAGE_KINDS)[number];

const fourParts = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,9}){3}$/, 'Give a version of four numbers, such as 7.42.15010.4.');

const packageSchema = z
  .strictObject({
    kind: z.enum(PACKAGE_KINDS),
    version: fourParts,
    /** It becomes part of a header. */
    fileName: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'Give a file name of A-Z, a-z, 0-9, . _ and -.'),
    sizeBytes: z.int().positive(),
    /** In lower-case hexadecimal digits. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    publishedAt: z.iso.datetime(),
    /** Older cloud clients cannot install it. */
    minimumClientVersion: fourParts.optional(),
  })
  .refine(({ kind, version }) => kind === 'client' || parseServerVersion(version) !== undefined, {
    path: ['version'],
    error: 'Give a version of a recording server, such as 24.2.0.16.',
  });

export type Package = z.output<typeof packageSchema>;

const catalogueSchema = z.strictObject({ schemaVersion: z.literal(1), packages: z.array(packageSchema) });

export interface Catalogue {
  /** The newest version of each kind first. */
  readonly packages: readonly Package[];
}

/** Before anything is published. */
export const EMPTY_CATALOGUE: Catalogue = { packages: [] };

/** A version is published already, with another content: a version never changes. */
export class VersionTaken extends Error {
  override readonly name = 'VersionTaken';
}

/** Reads a stored catalogue. @throws ZodError */
export function parseCatalogue(text: string): Catalogue {
  return catalogueSchema.parse(JSON.parse(text));
}

/** The catalogue as it is stored. */
export function serializeCatalogue({ packages }: Catalogue): string {
  return `${JSON.stringify({ schemaVersion: 1, packages }, null, 2)}\n`;
}

/**
 * The catalogue with one more package; the same one when it is there already.
 * @throws ZodError for a package that is not valid, VersionTaken for a version with another content
 */
export function withPackage(catalogue: Catalogue, added: Package): Catalogue {
  const valid = packageSchema.parse(added);
  const known = findPackage(catalogue, valid.kind, valid.version);
  if (known?.sha256 === valid.sha256) return catalogue;
  if (known)
    throw new VersionTaken(
      `Version ${known.version} of the ${known.kind} is published with another content (SHA-256 ${known.sha256}): publish a new version.`,
    );
  return { packages: [...catalogue.packages, valid].sort(newestFirst) };
}

/** The package of a version, whatever its leading zeros; undefined when it is not published. */
export function findPackage(
  { packages }: Catalogue,
  kind: PackageKind,
  version: string,
): Package | undefined {
  const wanted = parseVersion(version);
  return packages.find(
    (one) => wanted !== undefined && one.kind === kind && compareVersions(numbersOf(one), wanted) === 0,
  );
}

/** Where the file of a package lies: the name follows from the content, so that a blob never changes. */
export function packageBlobName({ kind, version, sha256, fileName }: Package): string {
  return `${kind}/${version}/${sha256}/${fileName}`;
}

function newestFirst(a: Package, b: Package): number {
  return a.kind.localeCompare(b.kind) || compareVersions(numbersOf(b), numbersOf(a));
}

function numbersOf({ version }: Package): Version {
  return parseVersion(version) ?? [0, 0, 0, 0];
}
