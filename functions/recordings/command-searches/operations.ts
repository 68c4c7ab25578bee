/** HTTP operations of saved searches for commands. */
import { z } from 'zod';
import { NOT_MODIFIED, type Operation, operation } from '../../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../../shared/http/paging';
import { commandSearchInput, commandSearchView, MAX_COMMAND_SEARCHES } from './command-search';
import { deleteCommandSearch, findCommandSearch, listCommandSearches, saveCommandSearch } from './store';

const tag = 'Recordings';
const path = '/api/v1/commandSearches';

const getCommandSearches = operation({
  id: 'listCommandSearches',
  method: 'GET',
  path,
  tag,
  summary: "List the caller's saved searches for commands",
  access: 'recordings.play',
  query: z.strictObject(pageQuery),
  success: { status: 200, description: 'A page of saved searches', body: pageOf(commandSearchView) },
  async handle({ query, caller, services }) {
    const body = await readPage({
      services,
      caller,
      path,
      query,
      read: (limit, after) => listCommandSearches(services, caller, { limit, after }),
      keyOf: ({ id }) => id,
      toItem: (search) => search,
    });
    return { body };
  },
});

const createCommandSearch = operation({
  id: 'createCommandSearch',
  method: 'POST',
  path,
  tag,
  summary: 'Save a search for commands',
  description: `Only the caller sees it. An administrator has at most ${MAX_COMMAND_SEARCHES} of them, with different names.`,
  access: 'recordings.play',
  body: commandSearchInput,
  success: { status: 201, description: 'The saved search', body: commandSearchView },
  etag: true,
  problems: ['already-exists', 'conflict'],
  async handle({ body, caller, services, newId }) {
    const createdAt = services.clock.now().toISOString();
    const { etag, ...search } = await saveCommandSearch(services, caller, {
      id: newId(),
      ...body,
      createdAt,
    });
    return { body: search, etag, location: `${path}/${search.id}` };
  },
});

const getCommandSearch = operation({
  id: 'getCommandSearch',
  method: 'GET',
  path: `${path}/{id}`,
  tag,
  summary: "Show a saved search of the caller's",
  access: 'recordings.play',
  success: { status: 200, description: 'The saved search', body: commandSearchView },
  otherStatuses: NOT_MODIFIED,
  etag: true,
  load: ({ params, caller, services }) => findCommandSearch(services, caller, params.id),
  handle: ({ resource }) => Promise.resolve({ body: resource, etag: resource.etag }),
});

const removeCommandSearch = operation({
  id: 'deleteCommandSearch',
  method: 'DELETE',
  path: `${path}/{id}`,
  tag,
  summary: "Delete a saved search of the caller's",
  access: 'recordings.play',
  success: { status: 204, description: 'The search is deleted' },
  ifMatch: 'required',
  load: ({ params, caller, services }) => findCommandSearch(services, caller, params.id),
  async handle({ resource, caller, services }) {
    await deleteCommandSearch(services, caller, resource);
    return { body: undefined };
  },
});

export const commandSearchOperations: readonly Operation[] = [
  getCommandSearches,
  createCommandSearch,
  getCommandSearch,
  removeCommandSearch,
];
