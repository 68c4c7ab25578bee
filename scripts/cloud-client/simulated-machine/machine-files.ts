/** The folder that plays a machine: its registry, services and versions as JSON files, its disk as a folder. */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export class MachineFiles {
  constructor(readonly root: string) {
    mkdirSync(this.disk, { recursive: true });
  }

  /** Stands for the drives of the machine. */
  get disk(): string {
    return path.join(this.root, 'disk');
  }

  /** A JSON file of the machine. */
  read<T>(name: string, otherwise: T): T {
    const file = path.join(this.root, `${name}.json`);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : otherwise;
  }

  write(name: string, value: unknown): void {
    const file = path.join(this.root, `${name}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(value, undefined, 2), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  /** When a JSON file of the machine was last changed. */
  changedAt(name: string): Date {
    return statSync(path.join(this.root, `${name}.json`)).mtime;
  }

  /** Where a path of the machine lies: `C:\Recordings\a` below the disk. @throws Error for one that leaves it */
  locate(machinePath: string): string {
    const parts = machinePath
      .replace(/^([A-Za-z]):/, '$1')
      .split(/[\\/]+/)
      .filter((part) => part !== '');
    if (parts.length === 0 || parts.some((part) => part === '..' || part === '.' || part.includes('\0')))
      throw new Error(`${machinePath} is no path of a file on this machine`);
    return path.join(this.disk, ...parts);
  }
}
