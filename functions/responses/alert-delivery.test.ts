/** What becomes of alert mails when mail servers refuse, and the database fails. */
import { MailNotSent, type MailMessage, sendSmtp } from '../../shared/mail/smtp';
import { ResponsePipeline, statesOf } from '../../tests/support/response-pipeline';

jest.mock('../../shared/mail/smtp', () => ({
  ...jest.requireActual<object>('../../shared/mail/smtp'),
  sendSmtp: jest.fn(),
}));
// Pauses take no time here.
jest.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));
const smtp = jest.mocked(sendSmtp);

let pipeline: ResponsePipeline;
let mails: MailMessage[];

beforeAll(async () => {
  pipeline = await ResponsePipeline.start();
});
afterAll(() => pipeline.close());

beforeEach(() => {
  mails = pipeline.resetWith(smtp);
});

describe('a mail', () => {
  const failing = (permanent: boolean) =>
    smtp.mockImplementation(async () => {
      throw new MailNotSent('the server says no', permanent);
    });

  it('RSP-5: that the server may take later is tried five times, then ends in the poison queue and the feed', async () => {
    failing(false);
    const given = await pipeline.publishEvent({ actions: ['sendEmail'] });
    await pipeline.settle();
    expect(smtp).toHaveBeenCalledTimes(5);
    expect(statesOf(await pipeline.responseTo(given))).toEqual([
      ['sendEmail', 'failed', 'the server says no'],
    ]);
    expect(await pipeline.feed(given)).toHaveLength(1);
    expect(pipeline.failuresLogged(given)).toMatchObject([{ reasonCode: 'mailNotSent' }]);
  });

  it('FEED-1: that the server refuses for good is tried once, and the feed says so', async () => {
    failing(true);
    const given = await pipeline.publishEvent({ actions: ['sendEmail'] });
    await pipeline.settle();
    expect(smtp).toHaveBeenCalledTimes(1);
    expect(statesOf(await pipeline.responseTo(given))).toEqual([
      ['sendEmail', 'failed', 'the server says no'],
    ]);
    expect((await pipeline.feed(given))[0]).toContain('the server says no');
    expect(pipeline.failuresLogged(given)).toHaveLength(1);
  });

  const TWO = 'ada@contoso.example;bob@contoso.example';
  /** The server refuses Bob as it does each time, then takes all. */
  const refusingBob = (...answers: { reason: string; permanent: boolean }[]) =>
    smtp.mockImplementation(async (_account, message) => {
      mails.push(message);
      const answer = message.to.includes('bob@contoso.example') ? answers.shift() : undefined;
      return { refused: answer ? [{ address: 'bob@contoso.example', ...answer }] : [] };
    });

  it('is tried again for a recipient whom the server put off, and for nobody else', async () => {
    refusingBob({ reason: '450 later', permanent: false }, { reason: '450 later', permanent: false });
    const given = await pipeline.publishEvent({ actions: ['sendEmail'], recipients: TWO });
    await pipeline.settle();
    expect(mails.map(({ to }) => to)).toEqual([
      TWO.split(';'),
      ['bob@contoso.example'],
      ['bob@contoso.example'],
    ]);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
    expect(statesOf(await pipeline.responseTo(given))).toEqual([['sendEmail', 'done', undefined]]);
    expect(await pipeline.feed(given)).toEqual([]);
  });

  it.each([
    ['for good', 1, '550 no such user', true],
    ['time after time', 5, '450 later', false],
  ])('that a recipient was refused %s has failed, and tells whom', async (_how, tries, reason, permanent) => {
    refusingBob(...Array.from({ length: 5 }, () => ({ reason, permanent })));
    const given = await pipeline.publishEvent({ actions: ['sendEmail'], recipients: TWO });
    await pipeline.settle();
    expect(mails).toHaveLength(tries);
    const [action] = (await pipeline.responseTo(given)).actions;
    expect(action).toMatchObject({ state: 'failed', attempts: tries });
    expect(action?.reason).toContain(`bob@contoso.example (${reason})`);
    expect(action?.reason).not.toContain('ada@');
    expect((await pipeline.feed(given))[0]).toContain('bob@contoso.example');
  });

  it('is not sent again to those who have it when the database fails after it was put off for one', async () => {
    refusingBob({ reason: '450 later', permanent: false });
    let failures = 0;
    pipeline.injectFault(async (request, next) => {
      if (failures === 3 || !request.body.includes('"state":"pending"') || request.method !== 'PUT')
        return next(request);
      failures += 1;
      throw new Error('the connection is lost');
    });
    try {
      await pipeline.publishEvent({ actions: ['sendEmail'], recipients: TWO });
      await pipeline.settle();
      expect(failures).toBe(3);
      expect(mails.map(({ to }) => to)).toEqual([TWO.split(';'), ['bob@contoso.example']]);
    } finally {
      pipeline.reset();
    }
  });

  it.each(['before', 'after'])(
    'is not sent again when the database fails %s it records that it was sent',
    async (when) => {
      let failures = 0;
      pipeline.injectFault(async (request, next) => {
        if (failures === 3 || !request.body.includes('"state":"done"')) return next(request);
        failures += 1;
        if (when === 'after') await next(request);
        throw new Error('the connection is lost');
      });
      try {
        const given = await pipeline.publishEvent({ actions: ['sendEmail'] });
        await pipeline.settle();
        expect(statesOf(await pipeline.responseTo(given))).toEqual([['sendEmail', 'done', undefined]]);
        expect(mails).toHaveLength(1);
        expect(failures).toBe(when === 'before' ? 3 : 1);
      } finally {
        pipeline.reset();
      }
    },
  );

  it('is skipped where no mail is configured, and the feed says so', async () => {
    await pipeline.configureMail(false);
    const given = await pipeline.publishEvent({ actions: ['sendEmail'] });
    await pipeline.settle();
    await pipeline.configureMail(true);
    expect(statesOf(await pipeline.responseTo(given))).toEqual([
      ['sendEmail', 'skipped', 'mail not configured'],
    ]);
    expect(await pipeline.feed(given)).toHaveLength(1);
  });

  it('is sent for a session that has ended', async () => {
    const given = await pipeline.publishEvent({ actions: ['sendEmail', 'logOffSession'], state: 'ended' });
    await pipeline.settle();
    expect(statesOf(await pipeline.responseTo(given))).toEqual([
      ['sendEmail', 'done', undefined],
      ['logOffSession', 'skipped', 'the session has ended'],
    ]);
  });
});
