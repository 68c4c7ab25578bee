import fc from 'fast-check';
import { escapeHtml, oneLine } from './text';

const anything = fc.string({ unit: 'binary', maxLength: 60 });

it('makes one line of any text, without what ends lines or turns the direction of writing', () => {
  fc.assert(
    fc.property(anything, (text) => {
      expect(oneLine(text, 200)).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

it('keeps what fits on a line as it is', () => {
  expect(oneLine('Grüße an 録画 👩‍🚀', 50)).toBe('Grüße an 録画 👩‍🚀');
});

it('cuts by characters, never through one', () => {
  expect(oneLine('👍👍👍👍', 3)).toBe('👍👍…');
  fc.assert(
    fc.property(anything, fc.integer({ min: 1, max: 20 }), (text, most) => {
      const line = oneLine(text, most);
      expect([...line].length).toBeLessThanOrEqual(most);
      expect(line).not.toMatch(/\p{Surrogate}/u);
    }),
  );
});

it('leaves no markup in HTML', () => {
  expect(escapeHtml(`<a href="x" onclick='y'>&`)).toBe(
    '&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;',
  );
  fc.assert(fc.property(anything, (text) => expect(escapeHtml(text)).not.toMatch(/[<>"']/)));
});
