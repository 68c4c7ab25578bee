/** What version gates answer: changes with a problem, reads with an empty page. */
import { emptyPage, featureNotice, featureNotSupported, missingFeature } from './feature-gate';

const tooOld = missingFeature('accessRestrictions', { server: '22.6.0.0' });
const NOTICE = { feature: 'accessRestrictions', found: '22.6.0.0', needed: '2209' };

it('SRV-6: a change answers 409 with the feature, the version found and the version needed', () => {
  expect(tooOld && featureNotSupported(tooOld)).toMatchObject({
    status: 409,
    code: 'feature-not-supported',
    extensions: NOTICE,
    detail: expect.stringMatching(/access restrictions.* server .*2209.*22\.6\.0\.0.*Upgrade/) as string,
  });
});

it('SRV-6: a read answers an empty page with the same notice', () => {
  expect(emptyPage(tooOld)).toEqual({ value: [], notice: NOTICE });
  expect(featureNotice.parse(emptyPage(tooOld)?.notice)).toEqual(NOTICE);
  expect(emptyPage(missingFeature('accessRestrictions', { server: '2209' }))).toBeUndefined();
});

it('SRV-6: a gate looks at the version of the component that has the feature', () => {
  const versions = { server: '26.1', client: '7.40.13020.10' };
  expect(missingFeature('singlePort', versions)).toEqual({
    feature: 'singlePort',
    found: '7.40.13020.10',
    needed: '7.40.13020.11',
  });
  expect(missingFeature('audioRecording', versions)).toBeUndefined();
});

it('SRV-6: a gate is open where the version is not known: there is no server that lacks the feature', () => {
  expect(missingFeature('audioRecording', {})).toBeUndefined();
  expect(missingFeature('audioRecording', { client: '7.42.15010.4' })).toBeUndefined();
});
