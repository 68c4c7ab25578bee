/** Secrets that an instance knows. */
import { KnownSecrets } from './known-secrets';

it('knows a secret by a digest that another process would not make', () => {
  const [one, other] = [new KnownSecrets(), new KnownSecrets()];
  const digest = one.digest('client', 'secret');
  expect(one.digest('client', 'secret')).toBe(digest);
  expect(other.digest('client', 'secret')).not.toBe(digest);
  expect(one.digest('clientsecret', '')).not.toBe(one.digest('client', 'secret'));
  one.remember(digest, 'hash');
  expect(one.hashOf(digest)).toBe('hash');
  one.forget(digest);
  expect(one.hashOf(digest)).toBeUndefined();
});

it('forgets the longest unused first', () => {
  const known = new KnownSecrets(2);
  known.remember('a', '1');
  known.remember('b', '2');
  expect(known.hashOf('a')).toBe('1');
  known.remember('c', '3');
  expect(['a', 'b', 'c'].map((digest) => known.hashOf(digest))).toEqual(['1', undefined, '3']);
});
