/** Log lines with their event and level, and spans around what takes time. */
import type { InvocationContext } from '@azure/functions';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { LogEventAt, LogLevel } from './log-events';
import { traceIdOf } from './trace-context';

export type Properties = Record<string, string | number | boolean | null | undefined>;

/** Where log lines go. */
export interface Log {
  info(event: LogEventAt<'info'>, properties?: Properties): void;
  warn(event: LogEventAt<'warn'>, properties?: Properties): void;
  error(event: LogEventAt<'error'>, error: unknown, properties?: Properties): void;
}

/**
 * Logs through a line writer. A line is a JSON object with the event and its properties; the level goes beside it, since
 * the platform filters and colours by it.
 * @param common properties of every line
 */
export function lineLog(write: (line: string, level: LogLevel) => void, common: Properties = {}): Log {
  const line = (level: LogLevel, event: string, properties: Properties = {}) => {
    write(JSON.stringify({ event, ...common, ...properties }), level);
  };
  return {
    info: (event, properties) => line('info', event, properties),
    warn: (event, properties) => line('warn', event, properties),
    error: (event, error, properties) => line('error', event, { ...properties, error: errorText(error) }),
  };
}

/**
 * The log of one invocation of a function: the Functions host collects what is written to its context.
 * @param traceId of every line
 */
export function invocationLog(
  context: Pick<InvocationContext, LogLevel | 'traceContext' | 'invocationId'>,
  traceId = traceIdOf(context),
): Log {
  return lineLog((line, level) => context[level](line), { traceId });
}

/** An error with its stack and causes, as text. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${errorText(error.cause)}`;
}

const tracer = trace.getTracer('session-recording');

/** Runs `work` within a span that tells how long it took and whether it failed. */
export async function withSpan<T>(
  name: string,
  attributes: Record<string, string>,
  work: () => Promise<T>,
): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({
        code: SpanStatusCode.ERROR,
        message: error instanceof Error ? error.message : String(error),
      });
      throw error;
    } finally {
      span.end();
    }
  });
}
