#!/usr/bin/env bash
# A recorder of your own in ten requests, with curl: sign in, register, session, events, recording, end. An administrator
# gives you the client id and secret (POST /api/v1/secureClients).
#   SERVICE_URL=http://127.0.0.1:7071 CLIENT_ID=… CLIENT_SECRET=… docs/own-recorder.sh
set -euo pipefail
: "${SERVICE_URL:=http://127.0.0.1:7071}" "${CLIENT_ID:?}" "${CLIENT_SECRET:?}"
API="$SERVICE_URL/api/cloud-client/v1"

# Prints a field of the JSON on standard input, as in `field upload.url`.
field() { node -p "JSON.parse(require('fs').readFileSync(0))$(printf '.%s' "$1")"; }
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }

# The local service signs upload URLs of its local blob store, whose certificate only this authority vouches for. In
# Azure the upload goes to *.blob.core.windows.net, which every machine trusts.
FOLDER="$(mktemp -d)"
trap 'rm -rf "$FOLDER"' EXIT
TRUST=()
curl -sf "$SERVICE_URL/local/ca.pem" -o "$FOLDER/ca.pem" && TRUST=(--cacert "$FOLDER/ca.pem")

# 1. A token for 15 minutes: OAuth 2.0 client credentials.
TOKEN="$(curl -sSf "$API/token" -d grant_type=client_credentials \
  --data-urlencode "client_id=$CLIENT_ID" --data-urlencode "client_secret=$CLIENT_SECRET" | field access_token)"

# POST a JSON body; prints the answer. What a refusal says goes to standard error, and ends the script.
post() {
  local answer
  if answer="$(curl -sS --fail-with-body -X POST "$API$1" -H "authorization: Bearer $TOKEN" \
    -H 'content-type: application/json' -d "$2")"; then
    echo "$answer"
  else
    echo "POST $1: $answer" >&2
    return 1
  fi
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
ACCEPTED="$(post /events '{"batchId":"'"$(cat /proc/sys/kernel/random/uuid)"'","sessionId":"'"$SESSION"'","events":[
  {"id":"'"$(cat /proc/sys/kernel/random/uuid)"'","type":"appStart","time":"'"$(now)"'",
   "data":{"appName":"powershell.exe","commandLine":"powershell.exe -NoProfile"}}]}')"
echo "events $ACCEPTED"

# 6. A recording: begin, upload blocks to the signed URL, complete with a manifest. This one holds events alone.
EVENTS="$FOLDER/events.ndjson"
printf '{"type":"appStart","time":"%s"}\n' "$(now)" >"$EVENTS"
BEGUN="$(post /recordings '{"sessionId":"'"$SESSION"'","part":1,"container":"events","startedAt":"'"$START"'"}')"
RECORDING="$(field recordingId <<<"$BEGUN")"
BLOCK="$(printf 'block-000001' | base64)"
curl -sSf "${TRUST[@]}" -X PUT --data-binary "@$EVENTS" \
  "$(field upload.url <<<"$BEGUN")&comp=block&blockid=$(node -p 'encodeURIComponent(process.argv[1])' "$BLOCK")"
post "/recordings/$RECORDING/complete" '{"endedAt":"'"$(now)"'","blocks":[{"blockId":"'"$BLOCK"'",
  "sizeBytes":'"$(wc -c <"$EVENTS")"',"sha256":"'"$(sha256sum "$EVENTS" | cut -d' ' -f1)"'"}]}' >/dev/null

# 7. The session ends. Its recordings are verified and listed within seconds.
post "/sessions/$SESSION/end" '{"endedAt":"'"$(now)"'"}' >/dev/null
echo "recording $RECORDING"
