/** Routes whose paths do not distinguish letter case, as Resource Manager's do not. */
import { type Handler, type LocalRequest, type Middleware } from '../../stand-in-support/server';
import { armError } from '../arm-error';

export interface Route {
  method: string;
  /** `{name}` is one segment, `{name+}` the rest of the path. */
  path: string;
  /** Absent where it depends on the type of a resource. */
  apiVersions?: readonly string[];
  handle: Handler;
}

/** Innermost: a request without a matching route is passed to the server, which refuses it by name. */
export function routed(routes: Route[]): Middleware {
  const compiled = routes.map((route) => ({ ...route, pattern: patternOf(route.path) }));
  return async (request, next) => {
    // Clients that leave out the parent's path put two slashes.
    const path = request.url.pathname.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
    for (const { method, pattern, handle, apiVersions } of compiled) {
      const match = method === request.method ? pattern.exec(path) : null;
      if (match === null) continue;
      const version = requireApiVersion(request);
      if (apiVersions !== undefined && !apiVersions.includes(version))
        throw invalidVersion(version, apiVersions);
      return handle({ ...request, params: decoded(match.groups ?? {}) });
    }
    return next();
  };
}

function patternOf(path: string): RegExp {
  const source = path
    .replace(/[.]/g, '\\.')
    .replace(/\{(\w+)\+\}/g, '(?<$1>.+)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`, 'i');
}

function decoded(groups: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch {
    throw armError(400, 'BadRequest', 'The path is not valid percent-encoding.');
  }
}

export function requireApiVersion({ url }: LocalRequest): string {
  const version = url.searchParams.get('api-version');
  if (version !== null && version !== '') return version;
  throw armError(
    400,
    'MissingApiVersionParameter',
    'The api-version query parameter (?api-version=) is required for all requests.',
  );
}

function invalidVersion(version: string, supported: readonly string[]): Error {
  return armError(
    400,
    'InvalidApiVersionParameter',
    `The api-version '${version}' is invalid. The supported versions are '${supported.join(',')}'.`,
  );
}

/** The parameter of a route that matched. */
export function param(request: LocalRequest, name: string): string {
  return request.params[name] ?? '';
}
