/** Parses ids of resources. */

export interface ResourceId {
  /** As given. */
  id: string;
  /** In lower case: ids do not distinguish case. */
  key: string;
  subscriptionId: string | undefined;
  /** Absent for what belongs to a subscription or tenant. */
  resourceGroup: string | undefined;
  namespace: string;
  /** With its namespace: `Microsoft.Sql/servers/databases`. */
  type: string;
  /** Of the resource and its parents: `server/database`. */
  fullName: string;
  /** Of the resource alone. */
  name: string;
  /** Absent at the top. */
  parentId: string | undefined;
  /** The part before the last `/providers/`: a group, a subscription, or the resource that is extended. */
  scope: string;
}

/** Undefined when it is not an id of a resource. */
export function parseResourceId(given: string): ResourceId | undefined {
  const id = `/${given.split('/').filter(Boolean).join('/')}`;
  const at = id.toLowerCase().lastIndexOf('/providers/');
  if (at < 0) return undefined;
  const scope = id.slice(0, at);
  const [namespace = '', ...segments] = id.slice(at + '/providers/'.length).split('/');
  const types = segments.filter((_, index) => index % 2 === 0);
  const names = segments.filter((_, index) => index % 2 === 1);
  if (types.length === 0 || types.length !== names.length) return undefined;
  return {
    id,
    key: id.toLowerCase(),
    subscriptionId: /^\/subscriptions\/([^/]+)/i.exec(id)?.[1],
    resourceGroup: /^\/subscriptions\/[^/]+\/resourcegroups\/([^/]+)/i.exec(id)?.[1],
    namespace,
    type: [namespace, ...types].join('/'),
    fullName: names.join('/'),
    name: names.at(-1) ?? '',
    parentId: types.length === 1 ? undefined : id.split('/').slice(0, -2).join('/'),
    scope,
  };
}
