import fc from 'fast-check';
import { masked, SECURE_MARK, withoutWriteOnly } from './write-only';

it('takes out what stands at a path, and leaves everything else', () => {
  const body = { properties: { osProfile: { adminPassword: 'x', adminUsername: 'u' }, other: 1 } };
  expect(withoutWriteOnly(body, ['properties.osProfile.adminPassword', 'properties.nowhere.deep'])).toEqual({
    properties: { osProfile: { adminUsername: 'u' }, other: 1 },
  });
});

it('marks the value of a secure parameter wherever a template shows it', () => {
  const body = {
    settings: { commandToExecute: 'install --password hunter-22 --quiet' },
    list: ['hunter-22'],
  };
  expect(masked(body, ['hunter-22'])).toEqual({
    settings: { commandToExecute: `install --password ${SECURE_MARK} --quiet` },
    list: [SECURE_MARK],
  });
});

it('leaves no secret of four or more characters in any text', () => {
  const secret = fc.string({ minLength: 4, unit: fc.constantFrom('a', 'B', '1', '$', '.') });
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (hidden, before, after) => {
      const shown = masked([before + hidden + after], [hidden]);
      expect(shown[0]?.includes(hidden)).toBe(false);
    }),
  );
});
