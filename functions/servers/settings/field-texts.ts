/** What the settings of servers mean, for the OpenAPI document; they occur in four schemas. */
import type { FieldText } from '../../../shared/http/openapi-texts';

const text = (description: string, example?: unknown): FieldText => ({ description, example });

export const SERVER_SETTING_TEXTS: Readonly<Record<string, FieldText>> = {
  'storage.locations': text(
    'Folders where recordings are stored, load-balanced; empty: where the server stores them today',
    ['D:\\Recordings', '\\\\fs01\\recordings'],
  ),
  'storage.restoreLocation': text(
    'Where archived recordings are restored for playback; absent: as the server has it today',
    'D:\\Restored',
  ),
  signingCertificate: text(
    'SHA-1 thumbprint of the machine certificate that signs recordings; absent: none, and agents connect by HTTP',
    '9F2B0C6D4A1E8B7C5D3F2A1B0C9D8E7F6A5B4C3D',
  ),
  rollover: text('When a new file of a recording is begun: at the limit that is met first'),
  'rollover.maximumMegabytes': text('Size of a file, in MB of 1,048,576 bytes', 50),
  'rollover.maximumHours': text('Duration of a file', 12),
  'notifications.language': text('Language tag', 'pt-BR'),
  'notifications.text': text('What users are shown', 'Your session is recorded.'),
  notifications: text(
    "What users are shown when their session is recorded; other languages: the server's own text",
  ),
  'playback.live': text('Sessions can be played while they are recorded'),
  'playback.encryptFiles': text('Files are encrypted for the user who downloads them to the Windows player'),
  'playback.allowSkippingVersionCheck': text(
    'Users of the Windows player may skip the check of the Workspace app version',
  ),
  'playback.hideWebPlayerHome': text(
    'The home page of the on-premises web player shows nothing; recordings stay reachable by their URLs',
  ),
  'playback.requireJustification': text(
    'Whoever plays a recording says why; without effect while administrator logging is off',
  ),
  playback: text('Playing recordings'),
  logging: text('Logs of the server'),
  'logging.administratorLogging': text('The server logs what its administrators do'),
  'logging.mandatoryBlocking': text(
    'Policies and settings cannot be changed while the server cannot write its administrator log',
  ),
  'logging.recordingReason': text(
    'The server logs which policy rule caused a recording; without effect while administrator logging is off',
  ),
  cloudSql: text('Support for databases in the cloud'),
  clientUpgrade: text('When the cloud client is upgraded'),
  'clientUpgrade.automatic': text('The cloud client is upgraded in the slot'),
  'clientUpgrade.from': text('Begin of the slot, in the time zone of the server', '02:00'),
  'clientUpgrade.to': text('End of the slot, on the same day', '03:00'),
  ceip: text("Whether the server sends usage data to its vendor's improvement program"),
  onPremisesPlayersNotice: text(
    'What on-premises players show while they are off',
    'Recording playback has been disabled for this server in the current player.',
  ),
  reportedAt: text('When the server reported last'),
  storageMaintenance: text('When recordings are archived and deleted by schedule'),
  'storageMaintenance.enabled': text('Whether there is a schedule'),
  'storageMaintenance.time': text('When it begins every day', '04:00'),
  'storageMaintenance.timeZone': text(
    'IANA name; absent: that of the first server of the site',
    'Europe/Paris',
  ),
  'fastSeek.enabled': text('Whether recordings contain full pictures for seeking'),
  'fastSeek.iFrameIntervalSeconds': text(
    'Time between full pictures: shorter makes seeking faster and recordings larger',
    60,
  ),
};
