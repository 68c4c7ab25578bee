/** The script that each machine runs once: it installs the certificate and the cloud client. */

/**
 * PowerShell 5.1, as Windows Server has it. Secrets are read from the vault by the machine's own identity
 * (https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token) and are
 * neither logged nor left on disk. It can be run again: the installer repairs an existing installation.
 */
export const MACHINE_SETUP = `param(
    [string] $VaultName,
    [string] $VaultSuffix,
    [string] $IdentityClientId,
    [string] $ServiceUrl,
    [string] $PackageUrl,
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

$folder = Join-Path $env:ProgramData 'SessionRecordingSetup'
New-Item -ItemType Directory -Force -Path $folder | Out-Null
$pfx = Join-Path $folder 'certificate.pfx'
$package = Join-Path $folder 'SRCloudClientService.msi'
try {
    [IO.File]::WriteAllBytes($pfx, [Convert]::FromBase64String((Get-VaultSecret 'certificate')))
    $password = ConvertTo-SecureString -String (Get-VaultSecret 'certificate-password') -AsPlainText -Force
    Import-PfxCertificate -FilePath $pfx -CertStoreLocation 'Cert:\\LocalMachine\\My' -Password $password | Out-Null

    $secret = Get-VaultSecret $ClientSecretName
    if ($ClientSecretName -eq 'enrolment-token') {
        $body = ConvertTo-Json @{ token = $secret; machineName = $env:COMPUTERNAME }
        $client = Invoke-RestMethod -Method Post -Uri ($ServiceUrl + '/api/cloud-client/v1/enrolments') -ContentType 'application/json' -Body $body
        $ClientId = $client.clientId
        $secret = $client.secret
    }

    Invoke-WebRequest -UseBasicParsing -Uri $PackageUrl -OutFile $package
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
} finally {
    Remove-Item -Recurse -Force -Path $folder
}
`;
