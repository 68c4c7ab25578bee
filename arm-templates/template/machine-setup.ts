/** The script that each machine runs: it installs the certificate and the cloud client. */

/**
 * PowerShell 5.1, as Windows Server has it. Secrets are read from the vault by the machine's own identity
 * (https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token) and are
 * neither logged nor left on disk. It can be run again: a machine whose client is installed keeps it; one that stopped
 * between enrolment and installation enrols again with the key that it kept.
 */
export const MACHINE_SETUP = `param(
    [string] $VaultName,
    [string] $VaultSuffix,
    [string] $IdentityClientId,
    [string] $ServiceUrl,
    [string] $PackageUrl,
    [string] $PackageSha256,
    [string] $CustomerId,
    [string] $ClientSecretName,
    [string] $ClientId
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12

function Get-VaultToken {
    $resource = [Uri]::EscapeDataString('https://' + $VaultSuffix.TrimStart('.'))
    $url = 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=' + $resource + '&client_id=' + $IdentityClientId
    return (Invoke-RestMethod -Uri $url -Headers @{ Metadata = 'true' }).access_token
}

# A role takes minutes until the vault knows it.
function Get-VaultSecret([string] $Name) {
    $url = 'https://' + $VaultName + $VaultSuffix + '/secrets/' + $Name + '?api-version=7.4'
    for ($attempt = 1; $attempt -le 20; $attempt++) {
        try {
            return (Invoke-RestMethod -Uri $url -Headers @{ Authorization = 'Bearer ' + (Get-VaultToken) }).value
        } catch {
            if ($attempt -eq 20) { throw }
            Start-Sleep -Seconds 30
        }
    }
}

# The one way to write a value that the Windows Installer reads back unchanged.
function ConvertTo-InstallerProperty([string] $Name, [string] $Value) {
    return $Name + '="' + $Value.Replace('"', '""') + '"'
}

# ProgramData can be read by every user: this folder only by administrators and the system.
function New-PrivateFolder([string] $Name) {
    $path = Join-Path $env:ProgramData $Name
    New-Item -ItemType Directory -Force -Path $path | Out-Null
    & icacls.exe $path /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
    if ($LASTEXITCODE -ne 0) { throw ('The access to ' + $path + ' could not be restricted.') }
    return $path
}

# The installer runs as the system: nothing but the expected file may be run.
function Assert-Package([string] $Path) {
    if ($PackageSha256) {
        $found = (Get-FileHash -Algorithm SHA256 -LiteralPath $Path).Hash
        if ($found -ne $PackageSha256) { throw ('The downloaded installer is not the expected one: its SHA-256 is ' + $found + '.') }
        return
    }
    $signature = Get-AuthenticodeSignature -LiteralPath $Path
    if ($signature.Status -ne 'Valid') { throw ('The signature of the downloaded installer is not valid: ' + $signature.StatusMessage) }
}

# Known to this machine alone: with it, an enrolment that was begun can be repeated.
function Get-EnrolmentKey {
    $file = Join-Path (New-PrivateFolder $enrolmentFolder) 'enrolment-key'
    if (-not (Test-Path -LiteralPath $file)) {
        $bytes = New-Object -TypeName byte[] -ArgumentList 32
        $random = [Security.Cryptography.RandomNumberGenerator]::Create()
        $random.GetBytes($bytes)
        $random.Dispose()
        [IO.File]::WriteAllText($file, [Convert]::ToBase64String($bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_'))
    }
    return [IO.File]::ReadAllText($file)
}

$state = 'HKLM:\\SOFTWARE\\SessionRecordingSetup'
$enrolmentFolder = 'SessionRecordingEnrolment'
$folder = New-PrivateFolder 'SessionRecordingSetup'
$pfx = Join-Path $folder 'certificate.pfx'
$package = Join-Path $folder 'SRCloudClientService.msi'
try {
    [IO.File]::WriteAllBytes($pfx, [Convert]::FromBase64String((Get-VaultSecret 'certificate')))
    $password = ConvertTo-SecureString -String (Get-VaultSecret 'certificate-password') -AsPlainText -Force
    Import-PfxCertificate -FilePath $pfx -CertStoreLocation 'Cert:\\LocalMachine\\My' -Password $password | Out-Null

    $installed = Get-ItemProperty -LiteralPath $state -Name 'ServiceUrl' -ErrorAction SilentlyContinue
    if ($ClientSecretName -eq 'enrolment-token' -and $installed -and $installed.ServiceUrl -eq $ServiceUrl) {
        Write-Output 'The cloud client is installed already.'
        return
    }

    Invoke-WebRequest -UseBasicParsing -Uri $PackageUrl -OutFile $package
    Assert-Package $package

    $secret = Get-VaultSecret $ClientSecretName
    if ($ClientSecretName -eq 'enrolment-token') {
        $body = ConvertTo-Json @{ token = $secret; machineName = $env:COMPUTERNAME; machineKey = (Get-EnrolmentKey) }
        $client = Invoke-RestMethod -Method Post -Uri ($ServiceUrl + '/api/cloud-client/v1/enrolments') -ContentType 'application/json' -Body $body
        $ClientId = $client.clientId
        $secret = $client.secret
    }

    $installerArguments = @(
        '/i', ('"' + $package + '"'),
        (ConvertTo-InstallerProperty 'CUSTOMERID' $CustomerId),
        (ConvertTo-InstallerProperty 'CLIENTID' $ClientId),
        (ConvertTo-InstallerProperty 'CLIENTSECRET' $secret),
        'PROXYMODE="0"', '/qn'
    ) -join ' '
    $installer = Start-Process -FilePath 'msiexec.exe' -ArgumentList $installerArguments -Wait -PassThru
    # 3010: installed, and a restart is due.
    if ($installer.ExitCode -notin 0, 3010) { throw ('The installer ended with ' + $installer.ExitCode) }
    New-Item -Force -Path $state | Out-Null
    Set-ItemProperty -LiteralPath $state -Name 'ServiceUrl' -Value $ServiceUrl
    Remove-Item -Recurse -Force -LiteralPath (Join-Path $env:ProgramData $enrolmentFolder) -ErrorAction SilentlyContinue
} finally {
    Remove-Item -Recurse -Force -LiteralPath $folder
}
`;
