/** Generates the scripts that check whether a machine reaches hosts and ports: for PowerShell and for bash. */
import { powershellLiteral, shellLiteral } from '../../arm-templates/package/quoting';

/** A TCP port of a host: its name or address, IPv6 without brackets. */
export interface PortCheck {
  readonly host: string;
  readonly port: number;
}

/** Blocked connections are dropped, not refused: the wait for an answer has to end. */
const TIMEOUT_SECONDS = 10;

/** For Windows PowerShell 5.1 and later on Windows. Fails when a port is closed. */
export function powershellPortCheck(checks: readonly PortCheck[]): string {
  const targets = checks.map(
    ({ host, port }) => `    @{ HostName = ${powershellLiteral(host)}; Port = ${port} }`,
  );
  return `# Checks the outbound connections of the cloud client. Run it on the machine where the client is, or will be, installed.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$targets = @(
${targets.join(',\n')}
)
$closed = 0
foreach ($target in $targets) {
    $name = $target.HostName + ' : ' + $target.Port
    $isOpen = Test-NetConnection -ComputerName $target.HostName -Port $target.Port -InformationLevel Quiet -WarningAction SilentlyContinue
    if ($isOpen) {
        Write-Host ($name + ' is open') -ForegroundColor Green
    } else {
        $closed = $closed + 1
        Write-Host ($name + ' is unreachable') -ForegroundColor Red
    }
}
if ($closed -gt 0) { throw ([string]$closed + ' of ' + $targets.Count + ' ports are unreachable: allow outbound TCP connections to them.') }
Write-Host 'All ports are open.' -ForegroundColor Green
`;
}

/** For bash 4 and later with GNU coreutils. Exit code 1 when a port is closed. */
export function bashPortCheck(checks: readonly PortCheck[]): string {
  const targets = checks.map(({ host, port }) => `  ${shellLiteral(host)} ${port}`);
  return `#!/usr/bin/env bash
# Checks the outbound connections of the cloud client. Run it in the network of the machine where the client is installed.
set -u
targets=(
${targets.join('\n')}
)
closed=0
for ((at = 0; at < \${#targets[@]}; at += 2)); do
  host=\${targets[at]}
  port=\${targets[at + 1]}
  # shellcheck disable=SC2016
  if timeout ${TIMEOUT_SECONDS} bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>/dev/null; then
    echo "$host : $port is open"
  else
    closed=$((closed + 1))
    echo "$host : $port is unreachable"
  fi
done
if ((closed > 0)); then
  echo "$closed of $((\${#targets[@]} / 2)) ports are unreachable: allow outbound TCP connections to them." >&2
  exit 1
fi
echo 'All ports are open.'
`;
}
