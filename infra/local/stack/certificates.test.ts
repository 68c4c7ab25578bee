import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureCertificates } from './certificates';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'certificates-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (file: string): X509Certificate => new X509Certificate(readFileSync(file));
const yearsLeft = (certificate: X509Certificate): number =>
  (Date.parse(certificate.validTo) - Date.now()) / (365 * 86_400_000);

it('makes an authority for ten years and a server certificate for the loopback under it', async () => {
  const { caFile, certFile, keyFile } = await ensureCertificates(folder);
  const authority = read(caFile);
  const server = read(certFile);
  expect(authority.ca).toBe(true);
  expect(yearsLeft(authority)).toBeCloseTo(10, 1);
  expect(server.ca).toBe(false);
  expect(server.checkIssued(authority)).toBe(true);
  expect(server.verify(authority.publicKey)).toBe(true);
  expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(server.checkHost('localhost')).toBe('localhost');
  expect(server.checkHost('example.com')).toBeUndefined();
  for (const file of [keyFile, path.join(folder, 'ca.key')]) {
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }
});

it('keeps them as long as they are valid', async () => {
  const first = await ensureCertificates(folder);
  expect(await ensureCertificates(folder)).toEqual(first);
});

it('makes a new server certificate when that is unreadable, under the same authority', async () => {
  const first = await ensureCertificates(folder);
  const authority = readFileSync(first.caFile, 'utf8');
  writeFileSync(first.certFile, 'not a certificate');
  const second = await ensureCertificates(folder);
  expect(second.fingerprint).not.toBe(first.fingerprint);
  expect(readFileSync(second.caFile, 'utf8')).toBe(authority);
});

it('creates both again when the authority is lost or does not match its key', async () => {
  const first = await ensureCertificates(folder);
  rmSync(path.join(folder, 'ca.key'));
  const second = await ensureCertificates(folder);
  expect(second.fingerprint).not.toBe(first.fingerprint);
  expect(read(second.certFile).verify(read(second.caFile).publicKey)).toBe(true);
});

it('renews them when they are about to expire', async () => {
  const first = await ensureCertificates(folder);
  jest.useFakeTimers({
    now: Date.parse(read(first.certFile).validTo) - 10 * 86_400_000,
    doNotFake: ['nextTick', 'setImmediate'],
  });
  try {
    const second = await ensureCertificates(folder);
    expect(second.fingerprint).not.toBe(first.fingerprint);
  } finally {
    jest.useRealTimers();
  }
});
