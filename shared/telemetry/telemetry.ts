/** Log lines as one JSON object each, and spans around what takes time. */
import { SpanStatusCode, trace } from '@opentelemetry/api';

export type Properties = Record<string, string | number | boolean | null | undefined>;

/** Where log lines go; the Functions host collects what is written to its context. */
export interface Log {
  info(message: string, properties?: Properties): void;
  warn(message: string, properties?: Properties): void;
  error(message: string, error: unknown, properties?: Properties): void;
}

/** Logs through a line writer, such as an invocation context's `log`. */
export function lineLog(write: (line: string) => void): Log {
  const line = (level: string, message: string, properties: Properties = {}) => {
    write(JSON.stringify({ level, message, ...properties }));
  };
  return {
    info: (message, properties) => line('info', message, properties),
    warn: (message, properties) => line('warn', message, properties),
    error: (message, error, properties) => line('error', message, { ...properties, error: errorText(error) }),
  };
}

/** The log of one invocation of a function. */
export function invocationLog(context: { log: (line: string) => void }): Log {
  return lineLog((line) => {
    context.log(line);
  });
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
