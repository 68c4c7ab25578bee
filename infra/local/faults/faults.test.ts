import { setTimeout as sleep } from 'node:timers/promises';
import { faultSchema, type Call } from './fault';
import { FaultRegistry } from './fault-registry';
import { answerFaultRequest } from './fault-requests';
import { BrokenConnectionError, FaultInjector, type Refusal } from './fault-injector';

let registry: FaultRegistry;
let faults: FaultInjector;
let carriedOut: string[];
beforeEach(() => {
  registry = new FaultRegistry();
  faults = new FaultInjector(registry, 'cosmos');
  carriedOut = [];
});

const inject = (order: object) => registry.inject(faultSchema.parse({ standIn: 'cosmos', ...order }));

function call(path: string, given: Partial<Call> = {}): Promise<string | Refusal> {
  return faults.carryOut<string | Refusal>({
    call: { method: 'GET', path, ...given },
    proceed: async () => {
      carriedOut.push(path);
      return `answer ${carriedOut.length}`;
    },
    refuse: (refusal) => refusal,
    proceedAsOf: async (ageSeconds) => `${path} as of ${ageSeconds} s ago`,
  });
}

const refusedWith = (status: number) => expect.objectContaining({ status }) as Refusal;

describe('which calls a fault affects', () => {
  it('affects the calls after the skipped ones, as often as given, and no other', async () => {
    inject({ path: '/a/*', skip: 1, times: 2, effect: { do: 'refuse', status: 500 } });
    const answers = [];
    for (const path of ['/a/1', '/b', '/a/2', '/a/3', '/a/4']) answers.push(await call(path));
    expect(answers).toEqual(['answer 1', 'answer 2', refusedWith(500), refusedWith(500), 'answer 3']);
    expect(registry.list()).toMatchObject([{ met: 2 }]);
  });

  it('asks for method, path and text of the body, whatever the letter case of the first two', async () => {
    inject({
      method: 'post',
      path: '*/DOCS',
      body: '"id":"*"type":"site"',
      times: null,
      effect: { do: 'throttle' },
    });
    const body = () => '{"id":"1","type":"site"}';
    expect(await call('/dbs/x/docs', { method: 'POST', body })).toEqual(refusedWith(429));
    expect(await call('/dbs/x/docs', { method: 'PUT', body })).toBe('answer 1');
    expect(await call('/dbs/x/docs', { method: 'POST', body: () => '{"type":"site"}' })).toBe('answer 2');
    expect(await call('/dbs/x/docs/1', { method: 'POST', body })).toBe('answer 3');
  });

  it('takes a path for what it is, not for an expression', async () => {
    inject({ path: '/a.b(c)', effect: { do: 'refuse' } });
    expect(await call('/axb(c)')).toBe('answer 1');
    expect(await call('/a.b(c)')).toEqual(refusedWith(503));
  });

  it('samples the same fraction of the calls for the same seed', async () => {
    const drawn = async (seed: number) => {
      registry.clear();
      inject({ share: 0.3, seed, times: null, effect: { do: 'refuse' } });
      const answers: boolean[] = [];
      for (let index = 0; index < 400; index += 1) answers.push(typeof (await call('/')) !== 'string');
      return answers;
    };
    const first = await drawn(7);
    expect(await drawn(7)).toEqual(first);
    expect(await drawn(8)).not.toEqual(first);
    const share = first.filter(Boolean).length / first.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.4);
  });

  it('does not affect other stand-ins', async () => {
    inject({ standIn: 'queue', effect: { do: 'refuse' } });
    expect(await call('/')).toBe('answer 1');
  });

  it('applies the next fault when one is used up', async () => {
    inject({ effect: { do: 'refuse', status: 500 } });
    inject({ effect: { do: 'refuse', status: 503 } });
    expect([await call('/'), await call('/'), await call('/')]).toEqual([
      refusedWith(500),
      refusedWith(503),
      'answer 1',
    ]);
  });
});

describe('what a fault does', () => {
  it('refuses with status, code and wait, and carries nothing out', async () => {
    inject({ effect: { do: 'refuse', status: 449, code: 'RetryWith', retryAfterSeconds: 3 } });
    expect(await call('/')).toMatchObject({ status: 449, code: 'RetryWith', retryAfterSeconds: 3 });
    expect(carriedOut).toEqual([]);
  });

  it('breaks the connection before the call is carried out', async () => {
    inject({ effect: { do: 'disconnect' } });
    await expect(call('/')).rejects.toThrow(BrokenConnectionError);
    expect(carriedOut).toEqual([]);
  });

  it('loses the answer after the call was carried out, or says that it failed', async () => {
    inject({ effect: { do: 'failAfterSuccess' } });
    inject({ effect: { do: 'failAfterSuccess', status: 500 } });
    await expect(call('/1')).rejects.toThrow(BrokenConnectionError);
    expect(await call('/2')).toEqual(refusedWith(500));
    expect(carriedOut).toEqual(['/1', '/2']);
  });

  it('carries a call out twice and gives the first answer', async () => {
    inject({ effect: { do: 'duplicate' } });
    expect(await call('/')).toBe('answer 1');
    expect(carriedOut).toEqual(['/', '/']);
  });

  it('lets a later call overtake', async () => {
    inject({ path: '/first', effect: { do: 'reorder', seconds: 60 } });
    const first = call('/first');
    await call('/second');
    await first;
    expect(carriedOut).toEqual(['/second', '/first']);
  });

  it('is not overtaken by a call that is refused, but by one whose answer is lost', async () => {
    inject({ path: '/first', effect: { do: 'reorder', seconds: 60 } });
    inject({ path: '/refused', effect: { do: 'refuse' } });
    inject({ path: '/lost', effect: { do: 'failAfterSuccess' } });
    const first = call('/first');
    await call('/refused');
    expect(carriedOut).toEqual([]);
    await expect(call('/lost')).rejects.toThrow(BrokenConnectionError);
    await first;
    expect(carriedOut).toEqual(['/lost', '/first']);
  });

  it('lets a call be overtaken without blocking its caller, where that is possible', async () => {
    inject({ effect: { do: 'reorder', seconds: 60 } });
    const answer = await faults.carryOut({
      call: { method: 'POST', path: '/' },
      proceed: async () => 'now',
      refuse: () => 'refused',
      proceedLater: async (seconds) => `in ${seconds} s`,
    });
    expect(answer).toBe('in 60 s');
  });

  it('stops waiting to be overtaken when no other call arrives', async () => {
    inject({ effect: { do: 'reorder', seconds: 0.02 } });
    expect(await call('/')).toBe('answer 1');
  });

  it('delays', async () => {
    inject({ effect: { do: 'delay', seconds: 0.05 } });
    const answer = call('/');
    await sleep(0);
    expect(carriedOut).toEqual([]);
    expect(await answer).toBe('answer 1');
  });

  it('answers a read from the past', async () => {
    inject({ effect: { do: 'stale', ageSeconds: 5 } });
    expect(await call('/')).toBe('/ as of 5 s ago');
  });
});

describe('requests', () => {
  const ask = (method: string, path = '/local/faults', body?: unknown) =>
    answerFaultRequest(registry, { method, path, body });

  it('injects, lists and removes', () => {
    const order = { standIn: 'smtp', method: 'DATA', effect: { do: 'refuse', status: 451 } };
    const { status, body } = ask('POST', undefined, order);
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...order, skip: 0, times: 1, met: 0 });
    expect(ask('GET').body).toEqual({ value: [body] });
    const { id } = body as { id: string };
    expect(ask('DELETE', `/local/faults/${id}`).status).toBe(204);
    expect(ask('DELETE', `/local/faults/${id}`).status).toBe(404);
    ask('POST', undefined, order);
    expect(ask('DELETE').status).toBe(204);
    expect(ask('GET').body).toEqual({ value: [] });
  });

  it('counts the calls by stand-in and method, whether a fault affects them or not', async () => {
    inject({ effect: { do: 'refuse' } });
    for (const method of ['GET', 'GET', 'QUERY']) await call('/', { method });
    expect(ask('GET', '/local/calls')).toEqual({ status: 200, body: { 'cosmos GET': 2, 'cosmos QUERY': 1 } });
  });

  it('says what is wrong with an order', () => {
    const { status, body } = ask('POST', undefined, { standIn: 'toaster', effect: { do: 'burn' } });
    expect(status).toBe(400);
    expect((body as { detail: string }).detail).toMatch(/standIn[\s\S]*effect/);
    const stale = { standIn: 'blob', effect: { do: 'stale', ageSeconds: 1 } };
    expect((ask('POST', undefined, stale).body as { detail: string }).detail).toContain('cosmos');
    expect(ask('PUT').status).toBe(405);
  });
});
