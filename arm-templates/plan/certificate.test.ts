/** Which .pfx files can be used, and the errors for the others. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { makePfx, PFX_PASSWORD, type PfxOptions } from '../testing/certificates';
import { openPfx, validityError } from './certificate';

const open = (options: PfxOptions = {}, password = PFX_PASSWORD) => openPfx(makePfx(options), password);

it.each(['3des', 'aes256'] as const)('opens a file that is encrypted with %s', (algorithm) => {
  expect(open({ algorithm })).toEqual({
    subject: 'recording.contoso.example',
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
  });
});

it.each<[string, PfxOptions, RegExp]>([
  ['without its key', { withKey: false }, /no RSA private key/],
  [
    'with a certificate of another key',
    { mismatchedCertificate: true },
    /no certificate for its private key/,
  ],
  ['for clients', { purposes: { clientAuth: true } }, /not for server authentication/],
])('PLAN-1: rejects a file %s', (_what, options, message) => {
  expect(open(options)).toEqual([{ field: 'pfx', message: expect.stringMatching(message) as string }]);
});

it('accepts a certificate for servers among other purposes', () => {
  expect(open({ purposes: { serverAuth: true, clientAuth: true } })).toHaveProperty('notAfter');
});

it('reports a wrong password as the only error', () => {
  expect(open({}, 'wrong')).toEqual([
    { field: 'password', message: expect.stringMatching('does not open') as string },
  ]);
});

it('reports a certificate that is not valid now', () => {
  const details = open();
  if (Array.isArray(details)) throw new Error('not opened');
  expect(validityError(details, new Date('2026-06-01'))).toBeUndefined();
  expect(validityError(details, new Date('2036-01-01T00:00:00Z'))).toMatch(/expired on 2036-01-01/);
  expect(validityError(details, new Date('2025-12-31'))).toMatch(/only from 2026-01-01/);
});

it('rejects a file that needs hours of key derivation, before it begins', () => {
  const bytes = Buffer.from(makePfx({ iterations: 0x7531 }), 'base64');
  // The iteration count is INTEGER 0x7531 wherever a key is derived: it becomes 0xffff there.
  const marker = Buffer.from('02027531', 'hex');
  expect(bytes.includes(marker)).toBe(true);
  const iterations = Buffer.from('0202ffff', 'hex');
  const modified = Buffer.from(bytes);
  for (let at = modified.indexOf(marker); at >= 0; at = modified.indexOf(marker))
    iterations.copy(modified, at);
  expect(openPfx(modified.toString('base64'), PFX_PASSWORD)).toEqual([
    { field: 'pfx', message: expect.stringMatching('iterations') as string },
  ]);
});

it('never throws, for any bytes and for a file with any byte changed', () => {
  const good = Buffer.from(makePfx(), 'base64');
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
      const modified = Buffer.from(good);
      modified[at] = value;
      expect(() => openPfx(modified.toString('base64'), PFX_PASSWORD)).not.toThrow();
    }),
    { numRuns: 60 },
  );
  fc.assert(
    fc.property(fc.base64String(), (text) => {
      expect(openPfx(text, '')).toEqual([expect.objectContaining({ field: 'pfx' })]);
    }),
  );
});

it("opens OpenSSL's own files", () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pfx-'));
  try {
    const openssl = (...parameters: string[]) =>
      execFileSync('openssl', parameters, { cwd: folder, stdio: 'pipe' });
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'k.pem',
      '-out',
      'c.pem',
      '-subj',
      '/CN=rec',
      '-days',
      '9',
    );
    openssl(
      'pkcs12',
      '-export',
      '-inkey',
      'k.pem',
      '-in',
      'c.pem',
      '-out',
      'c.pfx',
      '-passout',
      'pass:pä ss',
    );
    const pfx = readFileSync(path.join(folder, 'c.pfx')).toString('base64');
    expect(openPfx(pfx, 'pä ss')).toMatchObject({ subject: 'rec' });
    expect(openPfx(pfx, 'pass')).toEqual([expect.objectContaining({ field: 'password' })]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
