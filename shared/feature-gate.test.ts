/** The problem response of a feature gate. */
import { featureNotSupported } from './feature-gate';

it('SRV-6: says which version was found and which is needed', () => {
  expect(featureNotSupported('accessRestrictions', '22.6.0.0')).toMatchObject({
    status: 409,
    extensions: { feature: 'accessRestrictions', found: '22.6.0.0', needed: '2209' },
  });
  expect(featureNotSupported('singlePort', undefined).extensions).toMatchObject({ found: null });
});
