# SPDX-License-Identifier: MIT-0
#
# Logs a person in by the authorization code grant with PKCE (RFC 6749, 4.1; RFC 7636; RFC 8252), as a
# public client, shows the token and keeps it in OAUTH_TOKEN_FILE, if that is set.
# Run: sh authorization_code.sh
# shellcheck shell=sh

fail() {
  printf '%s\n' "$1" >&2
  exit "${2:-1}"
}

encode() {
  printf '%s' "$1" | jq -sRr @uri
}

base64url() {
  openssl base64 -A | tr '+/' '-_' | tr -d '='
}

# Settings come from the environment. An empty one counts as missing.
missing=
[ -n "$OAUTH_ISSUER$OAUTH_AUTHORIZE_URL" ] ||
  missing="$missing, OAUTH_ISSUER or OAUTH_AUTHORIZE_URL"
[ -n "$OAUTH_ISSUER$OAUTH_TOKEN_URL" ] || missing="$missing, OAUTH_ISSUER or OAUTH_TOKEN_URL"
[ -n "$OAUTH_CLIENT_ID" ] || missing="$missing, OAUTH_CLIENT_ID"
[ -z "$missing" ] || fail "Missing settings: ${missing#, }" 2

# A public client has no secret: it only says who it is (RFC 6749, 3.2.1).
id=$(encode "$OAUTH_CLIENT_ID")
client_auth="data = \"client_id=$id\""

# http METHOD URL [CURL OPTION ...] sets $http_status and $body. No .curlrc, no redirects, 30 seconds,
# 1 MiB. Anybody on the machine can see the arguments of a process, so options go in by stdin (-K -).
http() {
  method=$1 url=$2
  shift 2
  answer=$({
    printf '%s\n' "$@" |
      curl -q -sS -g --proto '=http,https' --max-time 30 -H 'Accept: application/json' \
        -w '%{http_code}' -K - -X "$method" --url "$url" || printf 000
  } | head -c 1048576)
  http_status=$(printf '%s' "$answer" | tail -c 3)
  body=${answer%???}
  case $http_status in 000 | *[!0-9]*) fail "$method $url: no whole answer" ;; esac
}

# request_token URL FORM sets $access_token and $refresh_token, or ends with what is wrong.
request_token() {
  http POST "$1" "$client_auth" "data = \"$2\""
  problem=$(printf '%s' "$body" | jq -sRr --arg status "$http_status" --arg url "$1" '
    (fromjson? | objects) // {} |
    # The server said no (RFC 6749, 5.2).
    if (.error | type == "string" and . != "") then
      ([.error, (.error_description | strings | select(. != ""))] | join(": ")) + " (HTTP \($status))"
    # A token is printable text (RFC 6749, A.12), its type Bearer in any case (5.1 and 7.1).
    elif ($status | startswith("2")) and (has("error") | not)
      and (.access_token | type == "string" and . != "" and (test("[^ -~]") | not))
      and (.token_type | type == "string" and ascii_downcase == "bearer") then empty
    else "POST \($url): HTTP \($status), no usable token in the answer" end')
  [ -z "$problem" ] || fail "$problem"
  access_token=$(printf '%s' "$body" | jq -r .access_token)
  # Without a new refresh token the old one stays valid (RFC 6749, 6).
  new_refresh_token=$(printf '%s' "$body" | jq -r '.refresh_token | strings')
  refresh_token=${new_refresh_token:-$refresh_token}
}

# Length and hash tell one token from another and give neither away.
fingerprint() {
  if [ -n "$1" ]; then
    hash=$(printf '%s' "$1" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -c 1-8)
    echo "${#1} characters, sha256 $hash"
  else
    echo none
  fi
}

show_token() {
  printf '%s' "$body" | jq -r '
    "token_type: \(.token_type)",
    "expires_in: \(.expires_in // "none")",
    "scope: \(.scope // "none")"'
  echo "access_token: $(fingerprint "$access_token")"
  echo "refresh_token: $(fingerprint "$refresh_token")"
}

# The token file that programs of all languages share (docs/token-file.md).
read_token_file() {
  [ -e "$OAUTH_TOKEN_FILE" ] && existing=$OAUTH_TOKEN_FILE || existing=/dev/null
  token_file=$(jq -cs '.[0] // {format: "polyglot-tokens", version: 1, tokens: {}} |
    select(.format == "polyglot-tokens" and .version == 1) | select(.tokens | objects)
  ' "$existing" 2>/dev/null)
  [ -n "$token_file" ] ||
    fail "$OAUTH_TOKEN_FILE is not a token file of polyglot-tokens, version 1" 2
}

# Server, client, grant, user (none here) and sorted scopes, percent-encoded (RFC 3986, 2.3).
token_key() {
  scopes=$(printf '%s' "$OAUTH_SCOPE" | jq -sRr 'split(" ") - [""] | unique | map(@uri) | join("+")')
  printf '%s' "$(encode "${OAUTH_ISSUER:-$OAUTH_TOKEN_URL}") $id authorization_code  $scopes" |
    # jq 1.6 leaves these as they are.
    sed "s/!/%21/g; s/'/%27/g; s/(/%28/g; s/)/%29/g; s/[*]/%2A/g"
}

# store_token SENT_AT puts into the file what the answer says. Times are seconds since 1970.
store_token() {
  read_token_file
  token_file=$(printf '%s\n%s' "$token_file" "$body" |
    jq -s --argjson sent_at "$1" --arg key "$(token_key)" '
      def until: (tonumber? // 0) | if . > 0 then . + $sent_at else null end;
      .[1] as $answer | .[0] | .tokens[$key] = ({
        access_token: $answer.access_token,
        token_type: "Bearer",
        scope: ($answer.scope // env.OAUTH_SCOPE),
        issued_at: $sent_at,
        expires_at: ($answer.expires_in | until),
        refresh_token: $answer.refresh_token,
        refresh_expires_at: ($answer.refresh_expires_in | until)
      } | del(.[] | select(. == null or . == "")))')
  [ -n "$token_file" ] || fail "The token does not fit into $OAUTH_TOKEN_FILE"

  # For its owner alone and whole at every moment: a new file that takes the old one's place.
  (umask 077 && mkdir -p "$(dirname "$OAUTH_TOKEN_FILE")")
  temporary=$(mktemp "$OAUTH_TOKEN_FILE.tmp.$$-XXXXXXXXXX") || fail "Cannot write $OAUTH_TOKEN_FILE"
  if ! printf '%s\n' "$token_file" >"$temporary" || ! mv "$temporary" "$OAUTH_TOKEN_FILE"; then
    rm -f "$temporary"
    fail "Cannot write $OAUTH_TOKEN_FILE"
  fi
}

of_metadata() {
  printf '%s' "$metadata" | jq -r --arg name "$1" '.[$name] // empty'
}

# parameter NAME prints a parameter of the address. Only ASCII may be in it (RFC 6749, A).
parameter() {
  printf '%s' "$callback" | jq -Rr --arg name "$1=" '
    def decode: gsub("\\+"; " ") | gsub("%(?<hex>[2-7][0-9A-Fa-f])";
      [.hex | explode[] | if . > 64 then . % 32 + 9 else . - 48 end] |
      [.[0] * 16 + .[1]] | implode);
    sub("^[^?]*\\?"; "") | sub("#.*"; "") | split("&") |
    map(select(startswith($name)) | ltrimstr($name) | decode) | .[0] // empty'
}

# A file that is none of ours shows before anybody logs in for nothing.
[ -z "$OAUTH_TOKEN_FILE" ] || read_token_file

# The server's metadata must name the very issuer that was asked (OpenID Connect Discovery, 4.3).
metadata={}
if [ -n "$OAUTH_ISSUER" ]; then
  http GET "${OAUTH_ISSUER%/}/.well-known/openid-configuration"
  metadata=$(printf '%s' "$body" | jq -sRc 'fromjson? | objects | select(.issuer == env.OAUTH_ISSUER)')
  { [ "$http_status" = 200 ] && [ -n "$metadata" ]; } ||
    fail "GET $url: HTTP $http_status, no metadata of issuer $OAUTH_ISSUER"
fi
authorize_url=${OAUTH_AUTHORIZE_URL:-$(of_metadata authorization_endpoint)}
token_url=${OAUTH_TOKEN_URL:-$(of_metadata token_endpoint)}
{ [ -n "$authorize_url" ] && [ -n "$token_url" ]; } ||
  fail "No authorization endpoint or no token endpoint of ${OAUTH_ISSUER:-$OAUTH_TOKEN_URL}"

# The state ties the browser's answer to this login (RFC 6749, 10.12), the verifier the code
# (RFC 7636, 4.1).
state=$(openssl rand 32 | base64url)
verifier=$(openssl rand 32 | base64url)
challenge=$(printf '%s' "$verifier" | openssl dgst -sha256 -binary | base64url)

# Nobody listens there, so the browser shows an error, and above it the address that we need. The
# ports from 61000 on are those that Linux gives to no program by itself.
port=${OAUTH_REDIRECT_PORT:-$((61000 + 0x$(openssl rand -hex 2) % 4536))}
redirect_uri=$(encode "http://127.0.0.1:$port/callback")

# The authorization request (RFC 6749, 4.1.1), with the hash of the verifier (RFC 7636, 4.3).
request="response_type=code&client_id=$id&redirect_uri=$redirect_uri"
request="$request&state=$state&code_challenge=$challenge&code_challenge_method=S256"
request="$request${OAUTH_SCOPE:+&scope=$(encode "$OAUTH_SCOPE")}"
case $authorize_url in
  *\?*) login_url="$authorize_url&$request" ;;
  *) login_url="$authorize_url?$request" ;;
esac
echo "Log in at: $login_url" >&2
# A browser that cannot be opened is no failure.
"${BROWSER:-xdg-open}" "$login_url" >/dev/null 2>&1 &
echo 'Paste the address that the browser shows: ' >&2
read -r callback || [ -n "$callback" ] || fail 'No address was pasted'

# An answer to another login must not end here (RFC 6749, 10.12), nor one of another server, of which
# some promise to say whose it is (RFC 9207, 2.4).
[ "$(parameter state)" = "$state" ] || fail 'The address is not the answer to this login (state)'
iss=$(parameter iss)
is_promised=$(of_metadata authorization_response_iss_parameter_supported)
[ -z "$iss$is_promised" ] || [ "$iss" = "${OAUTH_ISSUER:-$iss}" ] ||
  fail "The answer is from the issuer ${iss:-none}, not from $OAUTH_ISSUER"
# The person or the server said no (RFC 6749, 4.1.2.1).
error=$(parameter error)
description=$(parameter error_description)
[ -z "$error" ] || fail "$error: ${description:-the login was refused}"
code=$(parameter code)
[ -n "$code" ] || fail 'The address holds neither a code nor an error'

# The exchange (RFC 6749, 4.1.3), with the verifier (RFC 7636, 4.5).
form="grant_type=authorization_code&code=$(encode "$code")&redirect_uri=$redirect_uri"
sent_at=$(date +%s)
refresh_token=
request_token "$token_url" "$form&code_verifier=$verifier"
[ -z "$OAUTH_TOKEN_FILE" ] || store_token "$sent_at"
show_token
