import { OwnWrites } from './own-writes';

test('a document counts as written after a time only when this process wrote it since', () => {
  const writes = new OwnWrites();
  writes.note('site:1');
  const at = writes.now();
  expect(writes.isWrittenSince('site:1', at)).toBe(false);
  writes.note('site:1');
  expect(writes.isWrittenSince('site:1', at)).toBe(true);
  expect(writes.isWrittenSince('site:2', at)).toBe(false);
});

test('what no longer fits counts as written, so that nothing old is taken for new', () => {
  const writes = new OwnWrites(2);
  const at = writes.now();
  for (const name of ['a', 'b', 'c']) writes.note(name);
  expect(writes.isWrittenSince('a', at)).toBe(true);
  expect(writes.isWrittenSince('unknown', at)).toBe(true);
  expect(writes.isWrittenSince('unknown', writes.now())).toBe(false);
});
