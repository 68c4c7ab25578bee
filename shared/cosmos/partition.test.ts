/** Typed documents in a partition: names of what went wrong, ids of all kinds, and older versions. */
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { documentType } from './document-type';
import { BatchUnanswered, cosmosStatus, DocumentExists, DocumentGone, DocumentStale } from './errors';
import { change } from './partition';

interface Note {
  id: string;
  text: string;
}

const noteType = documentType<Note>('note');
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

it('gives back what was written, with an ETag, and only to its own customer', async () => {
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

it('keeps the lifetime of a document that is replaced with one', async () => {
  const stored = await control().create(noteType, note('a'), 60);
  await control().replace(noteType, stored, 60);
  test.clock.advanceSeconds(61);
  expect(await control().read(noteType, 'a')).toBeUndefined();
});

it('reads older versions of a document as the present one', async () => {
  const newType = documentType<Note & { words: number }>('note', 2, (body) => ({
    id: String(body['id']),
    text: String(body['text']),
    words: 1,
  }));
  await control().create(noteType, note('a'));
  expect(await control().read(newType, 'a')).toMatchObject({ text: 'x', words: 1 });
});
