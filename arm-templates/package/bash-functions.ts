/** What the bash scripts of a package share: questions, and a sign-in that leaves nothing behind. */

export const BASH_FUNCTIONS = `fail() {
  printf '%s\\n' "$1" >&2
  exit 1
}

# ask NAME PROMPT: sets NAME, from the environment or by asking.
ask() {
  [[ -n "\${!1:-}" ]] || IFS= read -rp "$2: " "$1" || true
  [[ -n "\${!1:-}" ]] || fail "$1 is needed."
}

ask_secret() {
  if [[ -z "\${!1:-}" ]]; then
    IFS= read -rsp "$2: " "$1" || true
    printf '\\n' >&2
  fi
  [[ -n "\${!1:-}" ]] || fail "$1 is needed."
  [[ "\${!1}" != *[[:cntrl:]]* ]] || fail "$1 holds a control character, which cannot be used."
}

# lower TEXT: in lower-case letters. macOS has bash 3.2, which cannot do it by itself.
lower() {
  tr '[:upper:]' '[:lower:]' <<<"$1"
}

# json_string TEXT: the text, which has no control characters, as JSON.
json_string() {
  local text=\${1//\\\\/\\\\\\\\}
  printf '"%s"' "\${text//\\"/\\\\\\"}"
}
`;

/** The Azure CLI stores the client secret of a sign-in in its profile: the script has a profile of its own, which it deletes. */
export const BASH_PROFILE = `work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The settings of the user, such as cloud and proxy, without the user's sign-ins; this sign-in ends with the script.
mkdir "$work/azure"
for file in config clouds.config; do
  cp "\${AZURE_CONFIG_DIR:-\${HOME:-}/.azure}/$file" "$work/azure/" 2>/dev/null || true
done
export AZURE_CONFIG_DIR="$work/azure"
printf '%s' "$AZURE_CLIENT_SECRET" >"$work/client-secret"`;

/** Signs in with the inputs. */
export function signIn(): string {
  return `az login --service-principal --tenant "$TENANT_ID" --username "$AZURE_CLIENT_ID" --password="@$work/client-secret" --output none
az account set --subscription "$SUBSCRIPTION_ID"`;
}
