import { playbackLinks } from './playback-links';

const PUBLIC = 'https://recording.example';
const HOST = 'https://player.contoso.example/';
const OURS = {
  recordingUrl: 'https://recording.example/player/1',
  allRecordingsUrl: 'https://recording.example/player/',
};
const ON_PREMISES = {
  recordingUrl: 'https://player.contoso.example/webplayer/#/player/1',
  allRecordingsUrl: 'https://player.contoso.example/webplayer/',
};
const NONE = { whyNone: expect.stringContaining('cloud player of the site is off') as string };

it.each([
  [true, true, HOST, ON_PREMISES],
  [false, true, HOST, ON_PREMISES],
  [true, false, HOST, OURS],
  [true, true, undefined, OURS],
  [true, false, undefined, OURS],
  [false, true, undefined, NONE],
])(
  'RSP-5: with cloud player %s, on-premises players %s and link host %s',
  (cloud, onPremises, linkHost, links) => {
    expect(playbackLinks(PUBLIC, { players: { cloud, onPremises }, linkHost }, '1')).toEqual(links);
  },
);

it('RSP-5: leads to all recordings for a session that has none', () => {
  const links = playbackLinks(
    PUBLIC,
    { players: { cloud: true, onPremises: true }, linkHost: HOST },
    undefined,
  );
  expect(links).toEqual({ ...ON_PREMISES, recordingUrl: undefined });
});
