/** The tags of a resource group as a resource of their own. https://learn.microsoft.com/rest/api/resources/tags */
import { z } from 'zod';
import { type LocalRequest, type Reply } from '../../stand-in-support/server';
import { type ResourceGroup } from '../store';
import { readBody, tagsSchema } from './body';
import { describeGroup, RESOURCES_API_VERSIONS as apiVersions, type RestContext } from './context';
import { findGroup } from './groups';
import { param, type Route } from './router';

const properties = z.looseObject({ tags: tagsSchema.default({}) });
const tagsBody = z.looseObject({ properties });
const tagsPatch = z.looseObject({ operation: z.enum(['Merge', 'Replace', 'Delete']), properties });

const path =
  '/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.resources/tags/default';

export function tagRoutes(context: RestContext): Route[] {
  const found = (request: LocalRequest): ResourceGroup => findGroup(context, param(request, 'group'));
  const keep = (group: ResourceGroup, tags: Record<string, string>): Reply => {
    const changed = { ...group, tags };
    context.store.groups.put(group.name, '', changed);
    return answer(context, changed);
  };
  return [
    { method: 'GET', path, apiVersions, handle: (request) => answer(context, found(request)) },
    {
      method: 'PUT',
      path,
      apiVersions,
      handle: (request) => keep(found(request), readBody(tagsBody, request).properties.tags),
    },
    {
      method: 'PATCH',
      path,
      apiVersions,
      handle: (request) => {
        const group = found(request);
        const { operation, properties: given } = readBody(tagsPatch, request);
        return keep(group, patched(group.tags, operation, given.tags));
      },
    },
  ];
}

/** Names of tags are compared without regard to letter case; `Delete` looks at names and values. */
function patched(
  known: Record<string, string>,
  operation: z.output<typeof tagsPatch>['operation'],
  given: Record<string, string>,
): Record<string, string> {
  if (operation === 'Replace') return given;
  const values = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  const isKept = (name: string, value: string): boolean => {
    const other = values.get(name.toLowerCase());
    return operation === 'Merge' ? other === undefined : other !== value;
  };
  const kept = Object.entries(known).filter(([name, value]) => isKept(name, value));
  return Object.fromEntries([...kept, ...(operation === 'Merge' ? Object.entries(given) : [])]);
}

function answer(context: RestContext, group: ResourceGroup): Reply {
  const { id } = describeGroup(context, group);
  const type = 'Microsoft.Resources/tags';
  return {
    status: 200,
    body: { id: `${id}/providers/${type}/default`, name: 'default', type, properties: { tags: group.tags } },
  };
}
