/** The secret store over a vault that answers late, twice, or with what was deleted. */
import { MemoryVault } from '../../tests/support/memory-vault';

let vault: MemoryVault;

beforeEach(() => {
  vault = new MemoryVault();
});

it('gives back what was stored, and nothing for what was not', async () => {
  const store = vault.store();
  await store.set('a', 'one');
  await store.set('a', 'two');
  expect(await store.get('a')).toBe('two');
  expect(await store.get('b')).toBeUndefined();
});

it('removes, also what is gone', async () => {
  const store = vault.store();
  await store.set('a', 'one');
  await store.remove('a');
  await store.remove('a');
  expect(await store.get('a')).toBeUndefined();
});

it('stores under the name of a deleted secret', async () => {
  const store = vault.store();
  await store.set('a', 'old');
  await store.remove('a');
  await store.set('a', 'new');
  expect(await store.get('a')).toBe('new');
});

it('stores under the name of a deleted secret that another instance recovers at the same moment', async () => {
  const store = vault.store();
  await store.set('a', 'old');
  await store.remove('a');
  vault.beforeRequest = async (operation) => {
    if (operation !== 'recover') return;
    vault.beforeRequest = () => undefined;
    await vault.beginRecoverDeletedSecret('a');
  };
  await store.set('a', 'new');
  expect(await store.get('a')).toBe('new');
});

it('passes other failures on', async () => {
  vault.beforeRequest = () => {
    throw Object.assign(new Error('throttled'), { statusCode: 429 });
  };
  const store = vault.store();
  await expect(store.get('a')).rejects.toThrow('throttled');
  await expect(store.set('a', 'x')).rejects.toThrow('throttled');
  await expect(store.remove('a')).rejects.toThrow('throttled');
});

describe('a secret that is made when it is missing', () => {
  it('is made once', async () => {
    const store = vault.store();
    expect(await store.getOrCreate('a', () => 'first')).toBe('first');
    expect(await store.getOrCreate('a', () => 'second')).toBe('first');
  });

  it('is one and the same for all who make it at once, though the vault tells only whole seconds', async () => {
    for (let round = 0; round < 10; round++) {
      const name = `key-${round}`;
      const racers = Array.from({ length: 5 }, (_, n) =>
        vault.store(20).getOrCreate(name, () => `value-${n}`),
      );
      const values = new Set(await Promise.all(racers));
      expect(values.size).toBe(1);
      expect(values).toContain(await vault.store().get(name));
    }
  });

  it('is the first one when a slow racer stores its own later', async () => {
    let second = 0;
    vault.now = () => new Date(second * 1000);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    vault.beforeRequest = (operation) => (operation === 'set' ? held : undefined);
    const slow = vault.store().getOrCreate('a', () => 'slow');
    await new Promise(setImmediate);
    vault.beforeRequest = () => undefined;
    expect(await vault.store().getOrCreate('a', () => 'fast')).toBe('fast');
    second = 5;
    release();
    expect(await slow).toBe('fast');
    expect(await vault.store().get('a')).toBe('fast');
  });

  it('is a new one after an operator deleted the old one', async () => {
    let second = 0;
    vault.now = () => new Date(second * 1000);
    const store = vault.store();
    await store.getOrCreate('a', () => 'leaked');
    await store.remove('a');
    second = 3600;
    expect(await store.getOrCreate('a', () => 'fresh')).toBe('fresh');
    expect(await store.get('a')).toBe('fresh');
  });
});
