/** For tests of the kernel: a capability of the simplest kind, with one operation of each sort. */
import { z } from 'zod';
import { documentType } from '../../shared/cosmos/document-type';
import { change } from '../../shared/cosmos/partition';
import { mergePatchOf } from '../../shared/http/merge-patch';
import { operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';

export interface Thing {
  id: string;
  name: string;
}

export const thingType = documentType<Thing>('thing', { ttlSeconds: 'never' });

const path = '/api/v1/things';
const input = z.strictObject({
  name: z.string().min(1).max(20),
  size: z.int().max(100).optional(),
  parts: z.array(z.strictObject({ 'a/b~c': z.int() })).optional(),
});
const view = z.object({ id: z.string(), name: z.string() });
const common = { tag: 'Things', summary: 'Work on things', access: 'sites.manage' } as const;

interface Named {
  params: { thingId: string };
  caller: { customerId: string };
  services: Services;
}

const find = ({ params, caller, services }: Named) =>
  services.database.control(caller.customerId).read(thingType, params.thingId);

export const listThings = operation({
  ...common,
  id: 'listThings',
  method: 'GET',
  path,
  query: z.strictObject({
    ...pageQuery,
    color: z.enum(['red', 'blue']).optional(),
    deep: z.boolean().optional(),
  }),
  success: { status: 200, description: 'Things', body: pageOf(view) },
  async handle({ query, caller, services }) {
    const control = services.database.control(caller.customerId);
    const body = await readPage({
      services,
      path,
      query,
      read: (limit, after) => control.list(thingType, { limit, after }),
      keyOf: (thing) => thing.id,
      toItem: (thing) => thing,
    });
    return { body };
  },
});

export const createThing = operation({
  ...common,
  id: 'createThing',
  method: 'POST',
  path,
  body: input,
  success: { status: 201, description: 'The thing', body: view },
  problems: ['conflict', 'already-exists'],
  audit: { action: 'thing.create', when: 'withChange' },
  async handle({ body, audit, newId }) {
    if (body.name === 'refused') throw new Problem('conflict', 'Not this name.');
    const thing = { id: newId(), name: body.name };
    await audit.commit([change.create(thingType, thing)], {
      target: { type: 'thing', id: thing.id },
      new: thing,
    });
    return { body: thing, location: `${path}/${thing.id}` };
  },
});

export const getThing = operation({
  ...common,
  id: 'getThing',
  method: 'GET',
  path: `${path}/{thingId}`,
  success: { status: 200, description: 'The thing', body: view },
  etag: true,
  load: find,
  handle: async ({ resource }) => ({ body: resource, etag: resource.etag }),
});

export const putThing = operation({
  ...common,
  id: 'putThing',
  method: 'PUT',
  path: `${path}/{thingId}`,
  body: input,
  success: { status: 200, description: 'The thing', body: view },
  ifMatch: 'whenExists',
  audit: { action: 'thing.set', when: 'withChange' },
  load: find,
  async handle({ params, body, resource, audit, ifMatch }) {
    const thing = { id: params.thingId, name: body.name };
    const write = resource ? change.replace(thingType, thing, ifMatch) : change.create(thingType, thing);
    await audit.commit([write], { target: { type: 'thing', id: thing.id } });
    return { body: thing };
  },
});

export const patchThing = operation({
  ...common,
  id: 'patchThing',
  method: 'PATCH',
  path: `${path}/{thingId}`,
  body: mergePatchOf(input),
  success: { status: 204, description: 'Changed' },
  problems: ['conflict'],
  ifMatch: 'required',
  audit: { action: 'thing.change', when: 'withChange' },
  load: find,
  async handle({ resource, body, audit }) {
    if (body['name'] === 'refused') throw new Problem('conflict', 'Not this name.');
    const next = { ...resource, name: typeof body['name'] === 'string' ? body['name'] : resource.name };
    await audit.commit([change.replace(thingType, next, resource.etag)], {
      target: { type: 'thing', id: resource.id },
    });
    return { body: undefined };
  },
});

/** A handler that changes something and forgets to say so. */
export const forgetfulChange = operation({
  ...common,
  id: 'forgetfulChange',
  method: 'POST',
  path: `${path}/forgotten`,
  success: { status: 204, description: 'Changed' },
  audit: { action: 'thing.forget', when: 'withChange' },
  handle: async () => ({ body: undefined }),
});

/** A change that lies outside of the database, which may fail. */
export function outerChange(act: () => Promise<void>) {
  return operation({
    ...common,
    id: 'outerChange',
    method: 'POST',
    path: `${path}/outside`,
    success: { status: 204, description: 'Done' },
    problems: ['conflict'],
    audit: { action: 'thing.outside', when: 'before' },
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

/** Gives out a secret that is shown once. */
export const createKey = operation({
  ...common,
  id: 'createKey',
  method: 'POST',
  path: `${path}/keys`,
  success: { status: 201, description: 'The key', body: z.object({ id: z.string(), key: z.string() }) },
  idempotency: 'oneTimeSecret',
  audit: { action: 'thing.createKey', when: 'withChange' },
  async handle({ audit, newId }) {
    const id = newId();
    await audit.commit([change.create(thingType, { id, name: 'key' })], { target: { type: 'thing', id } });
    return { body: { id, key: 'planted-one-time-secret' } };
  },
});
