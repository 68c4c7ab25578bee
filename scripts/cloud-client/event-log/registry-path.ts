/** Splits a Sysmon registry target into key and value name. */

/**
 * Where the value name begins when it contains backslashes itself: after a doubled one (no key has an empty name, the
 * value is `\Device\…` or `\\server\…`), before a drive, before an environment variable or a resource (`@%…`), and below
 * the `Count` keys of UserAssist, whose value names are whole paths.
 */
const VALUE_WITH_BACKSLASH = /\\(?=\\|@?[a-z]:\\|@?%)|(?<=\\userassist\\[^\\]+\\count)\\/i;

/** `HKLM\…\Key\value` as `{ keyName, valueName }`. Key names have no backslash; value names may. */
export function splitRegistryPath(target: string | undefined): { keyName?: string; valueName?: string } {
  if (target === undefined) return {};
  const special = VALUE_WITH_BACKSLASH.exec(target);
  const at = special ? special.index : target.lastIndexOf('\\');
  return at < 0 ? { keyName: target } : { keyName: target.slice(0, at), valueName: target.slice(at + 1) };
}
