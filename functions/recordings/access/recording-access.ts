/** Which recordings an administrator may see, as a predicate on a recording and as a condition of a query. Pure. */

/** What decides about a recording. */
export interface GuardedRecording {
  siteId: string;
  scopeKeys?: readonly string[] | undefined;
  restrictedAt?: string | undefined;
}

/** What an administrator may see. */
export interface RecordingAccess {
  /** Recordings with restricted access too. */
  restricted: boolean;
  /**
   * By id of the site, the scope keys of which a recording must have one; none of its recordings when there are no keys. All
   * recordings of sites that are not listed.
   */
  limitedSites: ReadonlyMap<string, readonly string[]>;
}

export const FULL_ACCESS: RecordingAccess = { restricted: true, limitedSites: new Map() };

/** Whether the recording may be seen: restricted ones never by read-only administrators, whatever their scope (IAM-6). */
export function isVisible(
  { restricted, limitedSites }: RecordingAccess,
  recording: GuardedRecording,
): boolean {
  if (recording.restrictedAt !== undefined && !restricted) return false;
  const keys = limitedSites.get(recording.siteId);
  return keys === undefined || keys.some((key) => recording.scopeKeys?.includes(key) === true);
}

/** A condition on `c` and its parameters. */
export interface Condition {
  where: string;
  parameters: Record<string, string | number | boolean>;
}

/**
 * The same as a condition, but for restrictions, for which lists have their own.
 * @param siteIds the sites that the query is limited to anyway; undefined: all
 */
export function playableCondition(
  { limitedSites }: RecordingAccess,
  siteIds?: readonly string[],
): Condition[] {
  const limited = [...limitedSites].filter(([siteId]) => siteIds === undefined || siteIds.includes(siteId));
  if (limited.length === 0) return [];
  const parameters: Condition['parameters'] = {};
  const named = (prefix: string, value: string) => {
    const name = `${prefix}${Object.keys(parameters).length}`;
    parameters[name] = value;
    return `@${name}`;
  };
  const places = limited.map(([siteId, keys]) => ({ site: named('limitedSite', siteId), keys }));
  const others = places.map(({ site }) => `c.siteId != ${site}`).join(' AND ');
  const scopes = places.flatMap(({ site, keys }) => {
    const items = keys.map((key) => `ARRAY_CONTAINS(c.scopeKeys, ${named('scopeKey', key)})`);
    return items.length === 0 ? [] : [`(c.siteId = ${site} AND (${items.join(' OR ')}))`];
  });
  const allIsLimited = siteIds?.every((siteId) => limitedSites.has(siteId)) ?? false;
  const choices = [...(allIsLimited ? [] : [`(${others})`]), ...scopes];
  return [{ where: choices.length === 0 ? 'false' : `(${choices.join(' OR ')})`, parameters }];
}
