/** Which changes of server settings are refused, and what has no effect. */
import { missingFeature } from '../../../shared/feature-gate';
import { Problem } from '../../../shared/problem';
import { DEFAULT_SETTINGS, type ServerSettings, serverSettings } from './server-settings';
import { checkChange, isEffective, type SettingFacts, slotConflict, warningsOf } from './setting-rules';

const certificate = (validUntil: string) => ({
  thumbprint: 'A'.repeat(40),
  subject: 'CN=rec01',
  validUntil,
  signing: false,
});
const NEW_SERVER: SettingFacts = {
  noAdministratorLogging: undefined,
  noJustification: undefined,
  certificates: [certificate('2031-01-01T00:00:00Z')],
  maintenanceTime: undefined,
};
const settingsWith = (change: Partial<ServerSettings>): ServerSettings => ({
  ...DEFAULT_SETTINGS,
  ...change,
});
const logging = (change: Partial<ServerSettings['logging']>) =>
  settingsWith({ logging: { ...DEFAULT_SETTINGS.logging, ...change } });
const playback = (change: Partial<ServerSettings['playback']>) =>
  settingsWith({ playback: { ...DEFAULT_SETTINGS.playback, ...change } });
const slot = (from: string, to: string, automatic = true) =>
  settingsWith({ clientUpgrade: { automatic, from, to } });
const LOG_OFF = logging({ administratorLogging: false, mandatoryBlocking: false });

function refusal(before: ServerSettings, next: ServerSettings, facts: Partial<SettingFacts> = {}) {
  try {
    checkChange(before, next, { ...NEW_SERVER, ...facts });
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

describe('a change of server settings', () => {
  it.each([
    ['23.5.0.1', undefined],
    ['2204', undefined],
    ['22.3.1000.5', 'feature-not-supported'],
    ['19.12.6000.1', 'feature-not-supported'],
  ])('SRV-6: administrator logging is switched on where a server has %s: %s', (server, code) => {
    const noAdministratorLogging = missingFeature('administratorLogging', { server });
    const refused = refusal(LOG_OFF, DEFAULT_SETTINGS, { noAdministratorLogging });
    expect(refused?.code).toBe(code);
    if (code) expect(refused?.extensions).toMatchObject({ feature: 'administratorLogging', needed: '2204' });
  });

  it('SET-2: justification is refused for all servers of a site with one below 2212', () => {
    const on = playback({ requireJustification: true });
    const lacking = (server: string) => missingFeature('playbackJustification', { server });
    expect(refusal(DEFAULT_SETTINGS, on, { noJustification: lacking('22.11.0.0') })?.code).toBe(
      'feature-not-supported',
    );
    expect(refusal(DEFAULT_SETTINGS, on, { noJustification: lacking('22.12.0.0') })).toBeUndefined();
    // What is on already prevents no other change.
    expect(refusal(on, { ...on, ceip: true }, { noJustification: lacking('22.11.0.0') })).toBeUndefined();
  });

  it('SET-2: only a certificate that the server has reported can sign recordings', () => {
    const signedBy = (signingCertificate: string) => settingsWith({ signingCertificate });
    expect(refusal(DEFAULT_SETTINGS, signedBy('A'.repeat(40)))).toBeUndefined();
    const unknown = refusal(DEFAULT_SETTINGS, signedBy('B'.repeat(40)));
    expect(unknown).toMatchObject({ status: 400, errors: [{ pointer: '/signingCertificate' }] });
    expect(
      refusal(DEFAULT_SETTINGS, signedBy('B'.repeat(40)), { certificates: [] })?.errors?.[0]?.detail,
    ).toMatch(/has not reported any/);
    expect(refusal(signedBy('A'.repeat(40)), DEFAULT_SETTINGS)).toBeUndefined();
  });

  it.each([
    [slot('02:00', '03:00'), '03:00', false],
    [slot('02:00', '03:00'), '04:00', false],
    [slot('02:00', '03:01'), '03:00', true],
    [slot('22:00', '23:00'), '04:00', true],
    [slot('02:00', '03:00', false), '01:00', false],
    [slot('02:00', '03:00'), undefined, false],
  ])(
    'UPG-2: a slot ends when maintenance begins, or before (case %#)',
    (next, maintenanceTime, isRefused) => {
      expect(slotConflict(next, maintenanceTime) !== undefined).toBe(isRefused);
      const refused = refusal(slot('00:00', '00:30'), next, { maintenanceTime });
      expect(refused?.code).toBe(isRefused ? 'conflict' : undefined);
      if (isRefused) {
        expect(refused?.detail).toContain(next.clientUpgrade.to);
        expect(refused?.detail).toContain(maintenanceTime);
      }
    },
  );

  it('SET-2: justifications and reasons have no effect while administrator logging is off', () => {
    const on = {
      playback: { ...DEFAULT_SETTINGS.playback, requireJustification: true },
      logging: { ...DEFAULT_SETTINGS.logging, recordingReason: true },
    };
    expect(isEffective(on, 'requireJustification')).toBe(true);
    expect(isEffective(on, 'recordingReason')).toBe(true);
    const off = { ...on, logging: { ...on.logging, administratorLogging: false } };
    expect(isEffective(off, 'requireJustification')).toBe(false);
    expect(isEffective(off, 'recordingReason')).toBe(false);
    expect(refusal(settingsWith(on), settingsWith(off))).toBeUndefined();
  });

  it('SET-2: a notification without invisible characters is taken; one that was stored prevents no other change', () => {
    const withText = (text: string, more: Partial<ServerSettings> = {}) =>
      settingsWith({ notifications: [{ language: 'en', text }], ...more });
    expect(refusal(DEFAULT_SETTINGS, withText('You are recorded.\nAsk IT.'))).toBeUndefined();
    for (const text of ['You are\0 recorded', 'You are \u202Enot recorded', 'half \ud800'])
      expect(refusal(DEFAULT_SETTINGS, withText(text))).toMatchObject({ code: 'validation-failed' });
    expect(refusal(withText('old \0'), withText('old \0', { ceip: true }))).toBeUndefined();
  });

  it('SET-2: without a signing certificate both steps for HTTP are named', () => {
    const facts = { certificates: [], maintenanceTime: undefined, now: new Date('2030-01-31T12:00:00Z') };
    expect(warningsOf(DEFAULT_SETTINGS, facts)).toEqual([expect.stringMatching(/SSL.*HTTP/)]);
    expect(warningsOf(settingsWith({ signingCertificate: 'A'.repeat(40) }), facts)).toEqual([]);
  });

  it.each([
    ['2030-03-02T12:00:01Z', undefined],
    ['2030-03-02T12:00:00Z', /CN=rec01 expires on 2030-03-02/],
    ['2030-01-31T12:00:01Z', /CN=rec01 expires on 2030-01-31/],
    ['2030-01-31T12:00:00Z', /CN=rec01 has expired on 2030-01-31/],
    ['2029-12-01T00:00:00Z', /CN=rec01 has expired on 2029-12-01/],
  ])(
    'SET-2: a signing certificate that is valid until %s is accepted; warning: %s',
    (validUntil, warning) => {
      const certificates = [certificate(validUntil)];
      const chosen = settingsWith({ signingCertificate: 'A'.repeat(40) });
      const facts = { certificates, maintenanceTime: undefined, now: new Date('2030-01-31T12:00:00Z') };
      expect(refusal(DEFAULT_SETTINGS, chosen, facts)).toBeUndefined();
      expect(warningsOf(chosen, facts)).toEqual(warning ? [expect.stringMatching(warning)] : []);
    },
  );
});

describe('server settings', () => {
  const parse = (change: object) => serverSettings.safeParse({ ...DEFAULT_SETTINGS, ...change }).success;
  const locations = (...paths: string[]) => ({ storage: { locations: paths } });

  it.each([
    [locations('D:\\Recordings', '\\\\fs01\\recordings\\site 1'), true],
    [locations('d:\\'), true],
    [locations('D:\\Recordings', 'd:\\recordings\\'), false],
    [locations('D:Recordings'), false],
    [locations('\\\\fs01'), false],
    [locations('D:\\..\\Windows'), false],
    [locations('/var/recordings'), false],
    [locations('D:\\a|b'), false],
    [{ rollover: { maximumMegabytes: 10, maximumHours: 24 } }, true],
    [{ rollover: { maximumMegabytes: 300, maximumHours: 1 } }, true],
    [{ rollover: { maximumMegabytes: 301, maximumHours: 1 } }, false],
    [{ rollover: { maximumMegabytes: 9, maximumHours: 1 } }, false],
    [{ rollover: { maximumMegabytes: 50, maximumHours: 25 } }, false],
    [{ clientUpgrade: { automatic: true, from: '23:30', to: '00:30' } }, false],
    [{ clientUpgrade: { automatic: true, from: '2:00', to: '03:00' } }, false],
    [{ clientUpgrade: { automatic: false, from: '02:00', to: '23:59' } }, true],
    [{ signingCertificate: 'not a thumbprint' }, false],
    [{ notifications: [{ language: 'pt-BR', text: 'Gravado' }] }, true],
    [
      {
        notifications: [
          { language: 'de', text: 'a' },
          { language: 'DE', text: 'b' },
        ],
      },
      false,
    ],
    [{ unknown: 1 }, false],
  ])('SET-2: each setting is validated (case %#)', (change, isValid) => {
    expect(parse(change)).toBe(isValid);
  });
});
