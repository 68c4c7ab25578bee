/** Handles `/local/faults` and `/local/calls` of one process, independently of a server: inject, list, remove, count. */
import { z } from 'zod';
import { faultSchema } from './fault';
import { type FaultRegistry } from './fault-registry';

export const FAULTS_PATH = '/local/faults';
export const CALLS_PATH = '/local/calls';

export interface FaultAnswer {
  status: number;
  body?: unknown;
}

/**
 * POST injects (201), GET lists (200), DELETE removes all or, with an id at the end of the path, one (204; 404).
 * GET of `CALLS_PATH` returns the number of calls.
 * @param path without the query: one of the two, or below `FAULTS_PATH`
 * @param body of a POST, parsed
 */
export function answerFaultRequest(
  registry: FaultRegistry,
  { method, path, body }: { method: string; path: string; body: unknown },
): FaultAnswer {
  if (path === CALLS_PATH) return { status: 200, body: registry.calls() };
  const id = path.slice(FAULTS_PATH.length + 1);
  if (method === 'POST' && id === '') return inject(registry, body);
  if (method === 'GET' && id === '') return { status: 200, body: { value: registry.list() } };
  if (method === 'DELETE' && id === '') {
    registry.clear();
    return { status: 204 };
  }
  if (method === 'DELETE')
    return registry.remove(id) ? { status: 204 } : refusal(404, `Fault “${id}” not found.`);
  return refusal(
    405,
    `${method} is not supported: POST injects a fault, GET lists them, DELETE removes them.`,
  );
}

function inject(registry: FaultRegistry, body: unknown): FaultAnswer {
  const fault = faultSchema.safeParse(body);
  if (!fault.success) return refusal(400, `The fault is not valid:\n${z.prettifyError(fault.error)}`);
  return { status: 201, body: registry.inject(fault.data) };
}

function refusal(status: number, detail: string): FaultAnswer {
  return { status, body: { type: 'about:blank', title: 'Fault not injected', status, detail } };
}
