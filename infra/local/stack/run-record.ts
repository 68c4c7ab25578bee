/** `run/<name>.json`: the processes running for a data folder, so that the next start finds them. */
import { readFileSync, rmSync } from 'node:fs';
import { writePrivateFile } from '../stand-in-support/private-file';
import { commandLine } from './command-line';

export interface RunRecord {
  pid: number;
  port: number;
  startedAt: string;
  /** Of the build, the flags and the certificate that it was started with. */
  fingerprint: string;
  commandLine: string;
}

/** The record, when there is one and its process still runs. */
export function readLiveRecord(file: string): RunRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as RunRecord;
    return isAlive(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

export function writeRecord(file: string, record: RunRecord): void {
  writePrivateFile(file, `${JSON.stringify(record, null, 2)}\n`);
}

export function removeRecord(file: string): void {
  rmSync(file, { force: true });
}

export function isAlive(record: Pick<RunRecord, 'pid' | 'commandLine'>): boolean {
  return commandLine(record.pid) === record.commandLine;
}
