/** The W3C trace context of an execution: the real host, with telemetry, continues the caller's trace or begins one. */
import { randomBytes } from 'node:crypto';
import { type RpcTraceContext } from './worker/rpc';

/** Read as .NET does: a first version of four fields with ids that are not zero. */
const TRACE_PARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** A span of its own in the trace of `traceparent`; in a new trace when there is none, or it cannot be read. */
export function traceContextOf(traceparent?: string, tracestate?: string): RpcTraceContext {
  const [, traceId, flags] = TRACE_PARENT.exec(traceparent ?? '') ?? [];
  const spanId = randomBytes(8).toString('hex');
  if (traceId === undefined || flags === undefined) {
    return {
      traceParent: `00-${randomBytes(16).toString('hex')}-${spanId}-00`,
      traceState: '',
      attributes: {},
    };
  }
  return {
    traceParent: `00-${traceId}-${spanId}-${flags}`,
    traceState: tracestate ?? '',
    attributes: {},
  };
}
