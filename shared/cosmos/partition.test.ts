/** Typed documents in a partition: names of what went wrong, ids of all kinds, and older versions. */
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { documentType } from './document-type';
import {
  BatchUnanswered,
  cosmosStatus,
  DocumentExists,
  DocumentGone,
  DocumentStale,
  PredicateFailed,
} from './errors';
import { change } from './partition';
import { retryConflicts } from './retry';

interface Note {
  id: string;
  text: string;
}

const noteType = documentType<Note>('note', { ttlSeconds: 'never' });
const note = (id: string, text = 'x'): Note => ({ id, text });

let test: TestServices;

beforeEach(async () => {
  test = await startTestServices();
});

afterEach(() => test.close());

const control = (customerId = CONTOSO) => test.services.database.control(customerId);
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

it('IAM-1: gives back what was written, with an ETag, and only to its own customer', async () => {
  const { etag } = await control().create(noteType, note('a'));
  expect(await control().read(noteType, 'a')).toMatchObject({ id: 'a', text: 'x', etag });
  expect(await control(FABRIKAM).read(noteType, 'a')).toBeUndefined();
  expect(await control(FABRIKAM).list(noteType, { limit: 10 })).toEqual([]);
});

it('names what is in the way of a write', async () => {
  const stored = await control().create(noteType, note('a'));
  expect(await failure(control().create(noteType, note('a')))).toMatchObject({ documentId: 'note:a' });
  await control().replace(noteType, { ...stored, text: 'y' });
  expect(await failure(control().replace(noteType, stored))).toBeInstanceOf(DocumentStale);
  expect(await failure(control().replace(noteType, { ...stored, id: 'b' }))).toBeInstanceOf(DocumentGone);
  expect(await failure(control().remove(noteType, 'a', stored.etag))).toBeInstanceOf(DocumentStale);
  await control().remove(noteType, 'none');
});

it('writes all changes of a batch or none, and names the one that failed', async () => {
  await control().create(noteType, note('b'));
  const batch = control().commit([change.create(noteType, note('a')), change.create(noteType, note('b'))]);
  const error = await failure(batch);
  expect(error).toBeInstanceOf(DocumentExists);
  expect(error).toMatchObject({ documentId: 'note:b' });
  expect(await control().read(noteType, 'a')).toBeUndefined();
});

it('tells a batch without an answer from one that was refused', async () => {
  test.injectFault(() => Promise.resolve({ status: 403, headers: {}, body: '{}' }));
  expect(await failure(control().commit([change.create(noteType, note('a'))]))).toBeInstanceOf(
    BatchUnanswered,
  );
});

describe('a patch with a condition', () => {
  interface Count {
    id: string;
    used: number;
  }
  const countType = documentType<Count>('count', { ttlSeconds: 'never' });
  const take = () =>
    change.patch(countType, 'month', [{ op: 'incr', path: '/used', value: 1 }], 'from c where c.used < 2');

  beforeEach(() => control().create(countType, { id: 'month', used: 0 }));

  it('is refused by name when the condition does not hold, and so is all of its batch', async () => {
    const takeWith = (id: string) => control().commit([change.create(noteType, note(id)), take()]);
    await takeWith('a');
    await takeWith('b');
    const error = await failure(takeWith('c'));
    expect(error).toBeInstanceOf(PredicateFailed);
    expect(error).not.toBeInstanceOf(DocumentStale);
    expect(error).toMatchObject({ documentId: 'count:month' });
    expect(await control().read(noteType, 'c')).toBeUndefined();
    expect(await control().read(countType, 'month')).toMatchObject({ used: 2 });
  });

  it('is distinguished from a stale ETag in the same batch', async () => {
    const stored = await control().create(noteType, note('a'));
    await control().replace(noteType, { ...stored, text: 'y' });
    const stale = change.replace(noteType, note('a'), stored.etag);
    const error = await failure(control().commit([take(), stale]));
    expect(error).toBeInstanceOf(DocumentStale);
  });

  it('is not tried again when the condition does not hold, as a lost race is', async () => {
    await control().commit([take(), take()]);
    let attempts = 0;
    const error = await failure(
      retryConflicts(() => {
        attempts++;
        return control().commit([take()]);
      }),
    );
    expect(error).toBeInstanceOf(PredicateFailed);
    expect(attempts).toBe(1);
  });

  it('is gone when its document is', async () => {
    await control().remove(countType, 'month');
    expect(await failure(control().commit([take()]))).toBeInstanceOf(DocumentGone);
  });
});

it('keeps the status of a change that a batch failed on for other reasons', async () => {
  test.injectFault(() =>
    Promise.resolve({
      status: 207,
      headers: {},
      body: JSON.stringify([{ statusCode: 429, requestCharge: 0 }]),
    }),
  );
  const error = await failure(control().commit([change.create(noteType, note('a'))]));
  expect(cosmosStatus(error)).toBe(429);
});

describe('the TTL of a document', () => {
  interface Job extends Note {
    done: boolean;
  }
  const jobType = documentType<Job>('job', { ttlSeconds: ({ done }) => (done ? 60 : 'never') });
  const job = (id: string, done: boolean): Job => ({ ...note(id), done });
  const isKept = async (id: string, seconds: number) => {
    test.clock.advanceSeconds(seconds);
    return (await control().read(jobType, id)) !== undefined;
  };
  const write: Record<string, (id: string, done: boolean) => Promise<unknown>> = {
    create: (id, done) => control().create(jobType, job(id, done)),
    createOrRead: (id, done) => control().createOrRead(jobType, job(id, done)),
    createIfAbsent: (id, done) => control().createIfAbsent(jobType, job(id, done)),
    upsert: (id, done) => control().upsert(jobType, job(id, done)),
    replace: async (id, done) => {
      const { etag } = await control().create(jobType, job(id, !done));
      await control().replace(jobType, { ...job(id, done), etag });
    },
    'create in a batch': (id, done) => control().commit([change.create(jobType, job(id, done))]),
    'upsert in a batch': (id, done) => control().commit([change.upsert(jobType, job(id, done))]),
    'replace in a batch': async (id, done) => {
      await control().create(jobType, job(id, !done));
      await control().commit([change.replace(jobType, job(id, done))]);
    },
  };

  it.each(Object.keys(write))('is that of its type and state after a %s', async (way) => {
    await write[way]?.('done', true);
    await write[way]?.('open', false);
    expect(await isKept('done', 59)).toBe(true);
    expect(await isKept('done', 2)).toBe(false);
    expect(await isKept('open', 1_000_000)).toBe(true);
  });

  it('stays when the document is patched', async () => {
    await control().create(jobType, job('a', true));
    await control().commit([change.patch(jobType, 'a', [{ op: 'set', path: '/text', value: 'y' }])]);
    expect(await isKept('a', 59)).toBe(true);
    expect(await isKept('a', 2)).toBe(false);
  });

  it('is no part of what a reader sees', async () => {
    expect(await control().create(jobType, job('a', true))).not.toHaveProperty('ttl');
  });
});

it('reads older versions of a document as the present one', async () => {
  const newType = documentType<Note & { words: number }>('note', {
    ttlSeconds: 'never',
    schemaVersion: 2,
    upgrade: (stored) => ({ ...(stored as Note), words: 1 }),
  });
  await control().create(noteType, note('a'));
  expect(await control().read(newType, 'a')).toMatchObject({ text: 'x', words: 1 });
});
