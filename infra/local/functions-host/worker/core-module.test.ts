import { CoreModule } from './core-module';
import { type RpcLog } from './rpc';

const metadata = { name: 'one', bindings: { trigger: { type: 'timerTrigger', direction: 'in' as const } } };

function coreModule(): { core: CoreModule; lines: RpcLog[] } {
  const lines: RpcLog[] = [];
  return { core: new CoreModule((entry) => lines.push(entry)), lines };
}

describe('@azure/functions-core', () => {
  it('registers functions once, while the app starts', () => {
    const { core } = coreModule();
    const registration = core.exports.registerFunction(metadata, () => undefined);
    expect(() => core.exports.registerFunction(metadata, () => undefined)).toThrow('already been registered');
    registration.dispose();
    expect(core.functions.size).toBe(0);
    core.lock();
    expect(() => core.exports.registerFunction(metadata, () => undefined)).toThrow(
      'only be registered during app startup',
    );
  });

  it('runs hooks in order until they are disposed of', async () => {
    const { core } = coreModule();
    const calls: string[] = [];
    const first = core.exports.registerHook('appStart', () => calls.push('first'));
    core.exports.registerHook('appStart', () => calls.push('second'));
    await core.runHooks('appStart', {});
    first.dispose();
    await core.runHooks('appStart', {});
    expect(calls).toEqual(['first', 'second', 'second']);
  });

  it('reports an unknown hook with the error that the library looks for', () => {
    const { core } = coreModule();
    let thrown: unknown;
    try {
      core.exports.registerHook('afterwards', () => undefined);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(RangeError);
    expect(thrown).toHaveProperty('isAzureFunctionsSystemError', true);
  });

  it('shows log lines to log hooks, which may change them', () => {
    const { core, lines } = coreModule();
    core.exports.registerHook('log', (context) => Object.assign(context, { message: 'changed' }));
    core.exports.log('warning', 'user', 'original');
    expect(lines).toEqual([expect.objectContaining({ level: 'warning', message: 'changed' })]);
  });
});
