/** The names of machines: one log writes the short name of a machine, another its full DNS name. */

export class MachineNames {
  /** As first written, by the name in lower case. */
  private readonly written = new Map<string, string>();
  /** The names in lower case, by the short name. */
  private readonly byShortName = new Map<string, string[]>();

  /** Remembers a name. Returns it in lower case. */
  note(name: string): string {
    const host = name.toLowerCase();
    if (this.written.has(host)) return host;
    this.written.set(host, name);
    const short = shortName(host);
    this.byShortName.set(short, [...(this.byShortName.get(short) ?? []), host]);
    return host;
  }

  /** The one name of a machine, in lower case: the full one where the short one can mean no other. */
  canonical(host: string): string {
    const full = (this.byShortName.get(host) ?? []).filter((name) => name !== host);
    return full.length === 1 && full[0] !== undefined ? full[0] : host;
  }

  /** The other names of the same machine, in lower case. */
  aliasesOf = (host: string): string[] => {
    const names = this.byShortName.get(shortName(host)) ?? [];
    return names.filter((name) => name !== host && this.canonical(name) === this.canonical(host));
  };

  /** As the log writes it. */
  spelling(host: string): string {
    return this.written.get(host) ?? host;
  }
}

/** The first label of a DNS name; of an address, all of it. */
function shortName(host: string): string {
  return /^[\d.]+$/.test(host) ? host : (host.split('.')[0] ?? host);
}
