/** Which trace an invocation belongs to. */
import { traceIdOf } from './trace-context';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const OTHER = '0af7651916cd43dd8448eb211c80319c';
const parent = (trace: string) => `00-${trace}-00f067aa0ba902b7-01`;

it.each([
  ['what the host continues', parent(TRACE), parent(OTHER), TRACE],
  ['what the caller sent, where the host has none', undefined, parent(TRACE), TRACE],
  ['what a later version of the header says', `cc-${TRACE}-00f067aa0ba902b7-01-more`, undefined, TRACE],
  ['its own id without both', undefined, null, 'ab'],
  ['its own id when the header is odd', 'odd', 'odd', 'ab'],
  ['its own id when the trace id is zero', parent('0'.repeat(32)), undefined, 'ab'],
  ['its own id when the parent id is zero', `00-${TRACE}-${'0'.repeat(16)}-01`, undefined, 'ab'],
  ['its own id when the version is none', `ff-${TRACE}-00f067aa0ba902b7-01`, undefined, 'ab'],
  ['its own id when a first-version header has more fields', undefined, `00-${TRACE}-00f067aa0ba902b7`, 'ab'],
])('is %s', (_what, traceParent, header, expected) => {
  const traceContext = traceParent === undefined ? undefined : { traceParent };
  expect(traceIdOf({ invocationId: 'a-b', traceContext }, header)).toBe(expected);
});
