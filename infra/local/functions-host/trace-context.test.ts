import { traceContextOf } from './trace-context';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

it('continues the trace of the caller in a span of its own', () => {
  const { traceParent, traceState } = traceContextOf(`00-${TRACE}-${PARENT}-01`, 'vendor=1');
  expect(traceParent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
  expect(traceParent).not.toContain(PARENT);
  expect(traceState).toBe('vendor=1');
});

it.each([undefined, 'odd', `00-${'0'.repeat(32)}-${PARENT}-01`, `00-${TRACE}-${'0'.repeat(16)}-01`])(
  'begins a trace for %s',
  (traceparent) => {
    const { traceParent, traceState } = traceContextOf(traceparent, 'vendor=1');
    expect(traceParent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(traceParent).not.toContain(TRACE);
    expect(traceState).toBe('');
  },
);
