#!/usr/bin/env bash
# A recorder of your own in ten requests, with curl: sign in, register, session, events, recording, end. An administrator
# gives you a secure client (POST /api/v1/secureClients): its answer as CLIENT, or the two parts of it.
#   SERVICE_URL=http://127.0.0.1:7071 CLIENT='{"clientId":"…","secret":"…"}' docs/own-recorder.sh
#   SERVICE_URL=http://127.0.0.1:7071 CLIENT_ID=… CLIENT_SECRET=… docs/own-recorder.sh
set -euo pipefail
: "${SERVICE_URL:=http://127.0.0.1:7071}"
API="$SERVICE_URL/api/cloud-client/v1"

# Ends the script with one line that says what to do.
fail() {
  echo "own-recorder.sh: $*" >&2
  exit 1
}
command -v node >/dev/null || fail 'node is needed to read JSON: install Node.js.'
command -v curl >/dev/null || fail 'curl is needed to send requests: install it.'

# Prints a field of the JSON on standard input, as in `field upload.url`.
field() {
  node -e '
    const text = require("fs").readFileSync(0, "utf8");
    const json = (() => { try { return JSON.parse(text); } catch { return undefined; } })();
    const found = process.argv[1].split(".").reduce((value, name) => value?.[name], json);
    if (found === undefined) process.exitCode = 1;
    else console.log(found);' "$1" || fail "${2:-The answer} has no $1. Is SERVICE_URL this service? It is $SERVICE_URL."
}
# What a refusal on standard input says, in one line.
reason() {
  node -e '
    const text = require("fs").readFileSync(0, "utf8");
    try {
      const { detail, error_description, title, errors } = JSON.parse(text);
      const fields = (errors ?? []).map((error) => `${error.pointer ?? error.parameter ?? ""} ${error.detail}`);
      console.log([error_description ?? detail ?? title ?? text, ...fields].join(" "));
    } catch {
      console.log(text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim().slice(0, 200) || "no reason was given");
    }'
}
now() { node -p 'new Date().toISOString()'; }
uuid() { node -p 'crypto.randomUUID()'; }

if [ -n "${CLIENT:-}" ]; then
  CLIENT_ID="$(field clientId 'CLIENT is not what POST /api/v1/secureClients answers: it' <<<"$CLIENT")"
  CLIENT_SECRET="$(field secret 'CLIENT is not what POST /api/v1/secureClients answers: it' <<<"$CLIENT")"
elif [ -z "${CLIENT_ID:-}" ] || [ -z "${CLIENT_SECRET:-}" ]; then
  fail 'set CLIENT to the answer of POST /api/v1/secureClients, or CLIENT_ID and CLIENT_SECRET.'
fi

# `send WHAT CURL-ARGUMENT…` sends a request and prints the answer.
send() {
  local what="$1" answer status
  shift
  answer="$(curl -sS --max-time 60 -w '\n%{http_code}' "$@" 2>"$FOLDER/error")" ||
    fail "$what: $(head -n 1 "$FOLDER/error"). Start the service with npm start, or set SERVICE_URL."
  status="${answer##*$'\n'}"
  answer="${answer%$'\n'*}"
  case "$status" in
    2*) echo "$answer" ;;
    *) fail "$what was refused with $status: $(reason <<<"$answer")" ;;
  esac
}

# The local service signs upload URLs of its local blob store, whose certificate only this authority vouches for. In
# Azure the upload goes to *.blob.core.windows.net, which every machine trusts.
FOLDER="$(mktemp -d)"
trap 'rm -rf "$FOLDER"' EXIT
TRUST=()
if curl -sf --max-time 60 "$SERVICE_URL/local/ca.pem" -o "$FOLDER/ca.pem"; then TRUST=(--cacert "$FOLDER/ca.pem"); fi

# 1. A token for 15 minutes: OAuth 2.0 client credentials.
SIGNED_IN="$(send 'POST /token' "$API/token" -d grant_type=client_credentials \
  --data-urlencode "client_id=$CLIENT_ID" --data-urlencode "client_secret=$CLIENT_SECRET")"
TOKEN="$(field access_token <<<"$SIGNED_IN")"

# POST a JSON body; prints the answer.
post() {
  send "POST $1" -X POST "$API$1" -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d "$2"
}

# 2. Register the machine. Its database decides which site it joins; repeating it answers the same server.
REGISTERED="$(post /servers '{"hostName":"OWN-REC-01","domain":"own.example","machineId":"own-recorder",
  "operatingSystem":"Linux","timeZone":"UTC","clientVersion":"7.42.15010.4","serverVersion":"24.2.0.0",
  "database":{"instance":"own-sql","name":"Recordings"},"clientTime":"'"$(now)"'"}')"
SERVER="$(field serverId <<<"$REGISTERED")"

# 3. A heartbeat a minute keeps it Available; the answer says whether commands wait.
post "/servers/$SERVER/heartbeat" '{"clientTime":"'"$(now)"'","cpuPercent":12,"memoryPercent":40,"networkSendKbps":10,
  "networkReceiveKbps":10,"liveSessions":1,"services":"running","storage":[]}' >/dev/null

# 4. A session begins: the answer is the decision, that is what to record and which events to send.
START="$(now)"
DECISION="$(post /sessions '{"serverId":"'"$SERVER"'","sessionKey":"OWN-'"$START"'","startedAt":"'"$START"'",
  "facts":{"user":{"name":"OWN\\sam","groups":[]},"tags":[]}}')"
SESSION="$(field sessionId <<<"$DECISION")"
echo "decision $DECISION"

# 5. What happened in it, up to 1,000 events at a time. Repeat a batch under its id until it is accepted: no event is lost, and
# none counts twice.
ACCEPTED="$(post /events '{"batchId":"'"$(uuid)"'","sessionId":"'"$SESSION"'","events":[
  {"id":"'"$(uuid)"'","type":"appStart","time":"'"$(now)"'",
   "data":{"appName":"powershell.exe","commandLine":"powershell.exe -NoProfile"}}]}')"
echo "events $ACCEPTED"

# 6. A recording: begin, upload blocks to the signed URL, complete with a manifest. This one holds events alone.
EVENTS="$FOLDER/events.ndjson"
printf '{"type":"appStart","time":"%s"}\n' "$(now)" >"$EVENTS"
BEGUN="$(post /recordings '{"sessionId":"'"$SESSION"'","part":1,"container":"events","startedAt":"'"$START"'"}')"
RECORDING="$(field recordingId <<<"$BEGUN")"
BLOCK="$(printf 'block-000001' | base64)"
UPLOAD="$(field upload.url <<<"$BEGUN")&comp=block&blockid=$(node -p 'encodeURIComponent(process.argv[1])' "$BLOCK")"
send 'The upload' ${TRUST[@]+"${TRUST[@]}"} -X PUT --data-binary "@$EVENTS" "$UPLOAD" >/dev/null
DIGEST="$(node -p 'crypto.createHash("sha256").update(require("fs").readFileSync(process.argv[1])).digest("hex")' "$EVENTS")"
post "/recordings/$RECORDING/complete" '{"endedAt":"'"$(now)"'","blocks":[{"blockId":"'"$BLOCK"'",
  "sizeBytes":'"$(wc -c <"$EVENTS")"',"sha256":"'"$DIGEST"'"}]}' >/dev/null

# 7. The session ends. Its recordings are verified and listed within seconds.
post "/sessions/$SESSION/end" '{"endedAt":"'"$(now)"'"}' >/dev/null
echo "recording $RECORDING"
