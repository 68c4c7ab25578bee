/** The trace that an invocation belongs to (W3C Trace Context). */
import type { InvocationContext } from '@azure/functions';

/** Version, trace id, parent id, flags; later versions may add fields. `ff` and ids of zeros are not valid. */
const TRACE_PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;

/**
 * The trace id of an invocation, 32 hex digits. The host continues the trace that a request's `traceparent` names, and
 * hands it over; a host without tracing does not, and the header itself counts, else the invocation's own id.
 */
export function traceIdOf(
  context: Pick<InvocationContext, 'traceContext' | 'invocationId'>,
  traceParentHeader?: string | null,
): string {
  return (
    traceIdIn(context.traceContext?.traceParent) ??
    traceIdIn(traceParentHeader) ??
    context.invocationId.replaceAll('-', '')
  );
}

function traceIdIn(traceParent: string | null | undefined): string | undefined {
  return TRACE_PARENT.exec(traceParent ?? '')?.[1];
}
