import { type FunctionMetadata } from '../worker/rpc';
import { Router } from './router';

function httpFunction(name: string, route: string | undefined, ...methods: string[]): FunctionMetadata {
  return {
    name,
    bindings: { trigger: { type: 'httpTrigger', direction: 'in', route, methods, authLevel: 'anonymous' } },
  };
}

function found(router: Router, method: string, path: string): string | undefined {
  return router.find(method, path)?.target.name;
}

describe('router', () => {
  it('takes the first route in the order of function names, as the Functions host does', () => {
    const router = new Router(
      [httpFunction('siteById', 'sites/{id}', 'GET'), httpFunction('allSites', 'sites/all', 'GET')],
      '',
    );
    expect(found(router, 'GET', '/sites/all')).toBe('allSites');
    expect(found(router, 'GET', '/sites/7')).toBe('siteById');
  });

  it('refuses an app in which a general route hides a special one', () => {
    const functions = [
      httpFunction('site', 'sites/{id}', 'GET', 'PUT'),
      httpFunction('siteSearch', 'sites/search', 'GET'),
    ];
    expect(() => new Router(functions, '')).toThrow(
      /'siteSearch' can never be reached: 'sites\/\{id\}' of 'site' comes first/,
    );
  });

  it('keeps routes of different methods apart', () => {
    const router = new Router([httpFunction('a', 'x', 'GET'), httpFunction('b', 'x', 'POST')], '');
    expect(found(router, 'get', '/x')).toBe('a');
    expect(found(router, 'POST', '/x')).toBe('b');
    expect(found(router, 'DELETE', '/x')).toBeUndefined();
  });

  it('puts the prefix of host.json before routes, and takes the name where there is no route', () => {
    const router = new Router([httpFunction('ping', undefined, 'GET')], 'api');
    expect(found(router, 'GET', '/api/ping')).toBe('ping');
    expect(found(router, 'GET', '/ping')).toBeUndefined();
  });

  it('refuses functions that want a key', () => {
    const locked = httpFunction('locked', 'x', 'GET');
    const trigger = {
      ...locked.bindings.trigger,
      type: 'httpTrigger',
      direction: 'in' as const,
      authLevel: 'function',
    };
    expect(() => new Router([{ ...locked, bindings: { trigger } }], '')).toThrow(
      `authLevel 'function' is not implemented`,
    );
  });
});
