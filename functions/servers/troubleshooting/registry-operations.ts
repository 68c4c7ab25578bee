/** HTTP operations of the registry of a server (TRB-2). */
import { z } from 'zod';
import { type Operation, operation } from '../../../shared/http/operation';
import { registryData, registryValueName } from '../commands/kinds/registry-value';
import { findServer } from '../store';
import { SERVER_PATH, SERVER_TAG, serverTaskOperation } from './operation-parts';
import { catalogueEntry, REGISTRY_CATALOGUE } from './registry-catalogue';
import {
  checkType,
  lastKnownValue,
  listRegistryValues,
  readRegistryTask,
  registryValueView,
  writeRegistryTask,
} from './registry-of-server';
import { startServerTask } from './server-task';

const KEYS =
  'Only the listed keys, spelled exactly so; names of values are free. Only for available servers.';

const getRegistry = operation({
  id: 'listRegistryValues',
  method: 'GET',
  path: `${SERVER_PATH}/registry`,
  tag: SERVER_TAG,
  summary: 'List the registry values of a server',
  description:
    'The values of the catalogue, with their types and defaults, and all others that were read, as they were last known, ' +
    'with the age of what is known.',
  access: 'servers.manage',
  success: {
    status: 200,
    description: 'The values',
    body: z.object({ value: z.array(registryValueView) }).meta({ id: 'RegistryValues' }),
  },
  load: ({ params, caller, services }) => findServer(services, caller.customerId, params.serverId),
  handle: async ({ resource, caller, services }) => ({
    body: { value: await listRegistryValues(services, caller.customerId, resource.id) },
  }),
});

const readBody = z
  .strictObject({
    values: z
      .array(registryValueName)
      .min(1)
      .max(100)
      .optional()
      .describe('Which to read; all of the catalogue unless given'),
  })
  .meta({ id: 'RegistryRead' })
  .optional();

const readRegistry = operation({
  ...serverTaskOperation,
  id: 'readRegistry',
  method: 'POST',
  path: `${SERVER_PATH}/registry/read`,
  summary: 'Have a server read registry values',
  description: `The values are the result of the task, and in the list of registry values from then on. ${KEYS}`,
  body: readBody,
  bodyFormat: { optional: true },
  audit: { action: 'server.readRegistry', when: 'withChange' },
  async handle({ body, ...request }) {
    const catalogue = REGISTRY_CATALOGUE.map(({ key, name }) => ({ key, name }));
    const title = `Read the registry of ${request.resource.hostName}`;
    const content = { kind: 'readRegistry', parameters: { values: body?.values ?? catalogue } } as const;
    const reply = await startServerTask(request, { kind: readRegistryTask, title, content });
    return { ...reply, body: undefined };
  },
});

const writeBody = registryValueName.extend({ value: registryData }).meta({ id: 'RegistryWrite' });

const writeRegistry = operation({
  ...serverTaskOperation,
  id: 'writeRegistry',
  method: 'POST',
  path: `${SERVER_PATH}/registry/write`,
  summary: 'Have a server create or change a registry value',
  description:
    'The type of a value that is there stays as it is; another one is refused here, or by the server. The administrator ' +
    `log has the old and the new value when it is written. ${KEYS}`,
  body: writeBody,
  success: {
    ...serverTaskOperation.success,
    body: z
      .object({
        notices: z.array(z.string().meta({ examples: ['Without effect on mails of this service'] })),
      })
      .meta({ id: 'RegistryWriteAccepted' }),
  },
  problems: ['conflict', ...serverTaskOperation.problems],
  audit: { action: 'server.writeRegistry', when: 'withChange' },
  async handle({ body, ...request }) {
    const { services, caller, resource } = request;
    const known = await lastKnownValue(services, caller.customerId, resource.id, body);
    checkType(body, body.value, known);
    const { key, name, value } = body;
    const reply = await startServerTask(request, {
      kind: writeRegistryTask,
      title: `Write ${name} to the registry of ${resource.hostName}`,
      content: { kind: 'writeRegistry', parameters: body },
      details: {
        ...(known === undefined ? {} : { old: { key, name, value: known } }),
        new: { key, name, value },
      },
    });
    const notice = catalogueEntry(key, name)?.notice;
    return { ...reply, body: { notices: notice === undefined ? [] : [notice] } };
  },
});

export const registryOperations: readonly Operation[] = [getRegistry, readRegistry, writeRegistry];
