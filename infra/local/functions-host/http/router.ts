/** Finds the HTTP function for a request as the real host does: in the order of function names, the first match wins. */
import { triggerOf } from '../invoker';
import { type FunctionMetadata } from '../worker/rpc';
import { pathSegments, type RouteParameters, RouteTemplate } from './route-template';

interface Route {
  readonly target: FunctionMetadata;
  readonly template: RouteTemplate;
  /** Upper case. */
  readonly methods: readonly string[];
}

export interface RouteMatch {
  readonly target: FunctionMetadata;
  readonly parameters: RouteParameters;
}

export class Router {
  private readonly routes: readonly Route[];

  /**
   * Throws when a route cannot be implemented, wants a key, or can never be reached: since the real host does not prefer
   * literals to parameters (azure-functions-host #3153), a general route hides a special one whose function's name
   * comes later in the alphabet.
   */
  constructor(functions: readonly FunctionMetadata[], routePrefix: string) {
    this.routes = functions
      .map((target) => toRoute(target, routePrefix))
      .sort((left, right) => compareNames(left.target.name, right.target.name));
    for (const [index, route] of this.routes.entries()) {
      for (const earlier of this.routes.slice(0, index)) refuseHidden(earlier, route);
    }
  }

  find(method: string, pathname: string): RouteMatch | undefined {
    const path = pathSegments(pathname);
    for (const { target, template, methods } of this.routes) {
      const parameters = methods.includes(method.toUpperCase()) ? template.match(path) : undefined;
      if (parameters) return { target, parameters };
    }
    return undefined;
  }
}

function toRoute(target: FunctionMetadata, routePrefix: string): Route {
  const trigger = triggerOf(target);
  const authLevel = typeof trigger.authLevel === 'string' ? trigger.authLevel : 'anonymous';
  if (authLevel.toLowerCase() !== 'anonymous') {
    throw new Error(
      `Function '${target.name}': authLevel '${authLevel}' is not implemented, only 'anonymous'`,
    );
  }
  const route = typeof trigger.route === 'string' && trigger.route !== '' ? trigger.route : target.name;
  const methods = (trigger.methods as readonly string[] | undefined) ?? ['GET', 'POST'];
  return {
    target,
    template: new RouteTemplate(routePrefix === '' ? route : `${routePrefix}/${route}`),
    methods: methods.map((method) => method.toUpperCase()),
  };
}

/** .NET's OrdinalIgnoreCase, by which the host sorts its functions. */
function compareNames(left: string, right: string): number {
  const [a, b] = [left.toUpperCase(), right.toUpperCase()];
  return a < b ? -1 : Number(a > b);
}

function refuseHidden(earlier: Route, route: Route): void {
  const shared = route.methods.filter((method) => earlier.methods.includes(method));
  if (shared.length === 0 || !earlier.template.covers(route.template)) return;
  throw new Error(
    `Route ${shared.join(',')} '${route.template.text}' of function '${route.target.name}' can never be reached: ` +
      `'${earlier.template.text}' of '${earlier.target.name}' comes first, because the Functions host matches routes ` +
      'in alphabetical order of the function names. Rename one of the functions or constrain the parameter.',
  );
}
