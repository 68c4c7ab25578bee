/** For tests of the kernel: a minimal capability, with one operation of each kind. */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';
import { change } from '../../shared/cosmos/partition';
import { mergePatchOf } from '../../shared/http/merge-patch';
import { operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';

export interface Sample {
  id: string;
  name: string;
}

export const sampleType = documentType<Sample>('sample', { ttlSeconds: 'never' });

const path = '/api/v1/samples';
const input = z.strictObject({
  name: z.string().min(1).max(20),
  size: z.int().max(100).optional(),
  parts: z.array(z.strictObject({ 'a/b~c': z.int() })).optional(),
});
const view = z.object({ id: z.string(), name: z.string() });
const common = { tag: 'Samples', summary: 'Work on samples', access: 'sites.manage' } as const;

interface Named {
  params: { sampleId: string };
  caller: { customerId: string };
  services: Services;
}

const find = ({ params, caller, services }: Named) =>
  services.database.control(caller.customerId).read(sampleType, params.sampleId);

export const listSamples = operation({
  ...common,
  id: 'listSamples',
  method: 'GET',
  path,
  query: z.strictObject({
    ...pageQuery,
    color: z.enum(['red', 'blue']).optional(),
    deep: z.boolean().optional(),
  }),
  success: { status: 200, description: 'Samples', body: pageOf(view) },
  async handle({ query, caller, services }) {
    const control = services.database.control(caller.customerId);
    const body = await readPage({
      services,
      caller,
      path,
      query,
      read: (limit, after) => control.list(sampleType, { limit, after }),
      keyOf: (sample) => sample.id,
      toItem: (sample) => sample,
    });
    return { body };
  },
});

export const createSample = operation({
  ...common,
  id: 'createSample',
  method: 'POST',
  path,
  body: input,
  success: { status: 201, description: 'The sample', body: view },
  problems: ['conflict', 'already-exists'],
  audit: { action: 'sample.create', when: 'withChange' },
  async handle({ body, audit, newId }) {
    if (body.name === 'refused') throw new Problem('conflict', 'Not this name.');
    const sample = { id: newId(), name: body.name };
    await audit.commit([change.create(sampleType, sample)], {
      target: { type: 'sample', id: sample.id },
      new: sample,
    });
    return { body: sample, location: `${path}/${sample.id}` };
  },
});

export const getSample = operation({
  ...common,
  id: 'getSample',
  method: 'GET',
  path: `${path}/{sampleId}`,
  success: { status: 200, description: 'The sample', body: view },
  etag: true,
  load: find,
  handle: async ({ resource }) => ({ body: resource, etag: resource.etag }),
});

export const putSample = operation({
  ...common,
  id: 'putSample',
  method: 'PUT',
  path: `${path}/{sampleId}`,
  body: input,
  success: { status: 200, description: 'The sample', body: view },
  ifMatch: 'whenExists',
  audit: { action: 'sample.set', when: 'withChange' },
  load: find,
  async handle({ params, body, resource, audit, ifMatch }) {
    const sample = { id: params.sampleId, name: body.name };
    const write = resource ? change.replace(sampleType, sample, ifMatch) : change.create(sampleType, sample);
    await audit.commit([write], { target: { type: 'sample', id: sample.id } });
    return { body: sample };
  },
});

export const patchSample = operation({
  ...common,
  id: 'patchSample',
  method: 'PATCH',
  path: `${path}/{sampleId}`,
  body: mergePatchOf(input),
  success: { status: 204, description: 'Changed' },
  problems: ['conflict'],
  ifMatch: 'required',
  audit: { action: 'sample.change', when: 'withChange' },
  load: find,
  async handle({ resource, body, audit }) {
    if (body['name'] === 'refused') throw new Problem('conflict', 'Not this name.');
    const next = { ...resource, name: typeof body['name'] === 'string' ? body['name'] : resource.name };
    await audit.commit([change.replace(sampleType, next, resource.etag)], {
      target: { type: 'sample', id: resource.id },
    });
    return { body: undefined };
  },
});

/** A handler that makes a change without writing its audit entry. */
export const unauditedChange = operation({
  ...common,
  id: 'forgetfulChange',
  method: 'POST',
  path: `${path}/forgotten`,
  success: { status: 204, description: 'Changed' },
  audit: { action: 'sample.forget', when: 'withChange' },
  handle: async () => ({ body: undefined }),
});

/** A change outside of the database, which may fail. */
export function externalChange(act: () => Promise<void>) {
  return operation({
    ...common,
    id: 'externalChange',
    method: 'POST',
    path: `${path}/outside`,
    success: { status: 204, description: 'Done' },
    problems: ['conflict'],
    audit: { action: 'sample.outside', when: 'before' },
    async handle() {
      await act();
      return { body: undefined };
    },
  });
}

/** Answers with a text of so many characters. */
export function createText(length: number) {
  return operation({
    ...common,
    id: 'createText',
    method: 'POST',
    path: `${path}/texts`,
    success: { status: 201, description: 'The text', body: z.object({ text: z.string() }) },
    handle: async () => ({ body: { text: 'x'.repeat(length) } }),
  });
}

/** Returns a secret that is shown once. */
export const createKey = operation({
  ...common,
  id: 'createKey',
  method: 'POST',
  path: `${path}/keys`,
  success: { status: 201, description: 'The key', body: z.object({ id: z.string(), key: z.string() }) },
  idempotency: 'oneTimeSecret',
  audit: { action: 'sample.createKey', when: 'withChange' },
  async handle({ audit, newId }) {
    const id = newId();
    await audit.commit([change.create(sampleType, { id, name: 'key' })], { target: { type: 'sample', id } });
    return { body: { id, key: 'one-time-secret-value' } };
  },
});
