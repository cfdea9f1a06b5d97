# SPDX-License-Identifier: MIT-0
#
# Gets a token by the client credentials grant (RFC 6749, 4.4), then the next one by its refresh
# token (RFC 6749, 6), and shows both. With OAUTH_TOKEN_FILE the first one is what authorization_code.sh
# has stored there.
# Run: sh refresh.sh
# shellcheck shell=sh

fail() {
  printf '%s\n' "$1" >&2
  exit "${2:-1}"
}

encode() {
  printf '%s' "$1" | jq -sRr @uri
}

# Settings come from the environment. An empty one counts as missing. A client that logs people in and
# has no secret is a public one.
if [ -n "$OAUTH_TOKEN_FILE" ] && [ -z "$OAUTH_CLIENT_SECRET" ]; then
  OAUTH_CLIENT_AUTH=${OAUTH_CLIENT_AUTH:-none}
fi
missing=
[ -n "$OAUTH_ISSUER$OAUTH_TOKEN_URL" ] || missing="$missing, OAUTH_ISSUER or OAUTH_TOKEN_URL"
[ -n "$OAUTH_CLIENT_ID" ] || missing="$missing, OAUTH_CLIENT_ID"
[ -n "$OAUTH_CLIENT_SECRET" ] || [ "$OAUTH_CLIENT_AUTH" = none ] ||
  missing="$missing, OAUTH_CLIENT_SECRET"
[ -z "$missing" ] || fail "Missing settings: ${missing#, }" 2

# The client authentication as curl options. Basic wants both parts form-encoded (RFC 6749, 2.3.1).
id=$(encode "$OAUTH_CLIENT_ID")
secret=$(encode "$OAUTH_CLIENT_SECRET")
case ${OAUTH_CLIENT_AUTH:-basic} in
  basic) client_auth="user = \"$id:$secret\"" ;;
  post) client_auth="data = \"client_id=$id&client_secret=$secret\"" ;;
  none) client_auth="data = \"client_id=$id\"" ;;
  *) fail 'OAUTH_CLIENT_AUTH must be basic, post or none' 2 ;;
esac

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

# store_token SENT_AT puts into the file what the answer says, and leaves
# there what it does not say. Times are seconds since 1970.
store_token() {
  read_token_file
  token_file=$(printf '%s\n%s' "$token_file" "$body" |
    jq -s --argjson sent_at "$1" --arg key "$(token_key)" '
      def until: (tonumber? // 0) | if . > 0 then . + $sent_at else null end;
      .[1] as $answer | .[0] | .tokens[$key] as $old | .tokens[$key] = ($old + {
        access_token: $answer.access_token,
        scope: ($answer.scope // $old.scope),
        issued_at: $sent_at,
        expires_at: ($answer.expires_in | until)
      } + if ($answer.refresh_token // "") == "" then {} else {
        refresh_token: $answer.refresh_token,
        refresh_expires_at: ($answer.refresh_expires_in | until)
      } end | del(.refresh_sent_at, (.[] | nulls)))')
  [ -n "$token_file" ] || fail "The token does not fit into $OAUTH_TOKEN_FILE"

  # For its owner alone and whole at every moment: a new file that takes the old one's place.
  (umask 077 && mkdir -p "$(dirname "$OAUTH_TOKEN_FILE")")
  temporary=$(mktemp "$OAUTH_TOKEN_FILE.tmp.$$-XXXXXXXXXX") || fail "Cannot write $OAUTH_TOKEN_FILE"
  if ! printf '%s\n' "$token_file" >"$temporary" || ! mv "$temporary" "$OAUTH_TOKEN_FILE"; then
    rm -f "$temporary"
    fail "Cannot write $OAUTH_TOKEN_FILE"
  fi
}

# The token endpoint: set, or out of the server's metadata, which must name the very issuer that was
# asked (OpenID Connect Discovery, 4.3).
token_url=$OAUTH_TOKEN_URL
if [ -z "$token_url" ]; then
  http GET "${OAUTH_ISSUER%/}/.well-known/openid-configuration"
  [ "$http_status" = 200 ] && token_url=$(printf '%s' "$body" | jq -sRr '
    fromjson? | objects | select(.issuer == env.OAUTH_ISSUER) | .token_endpoint | strings')
  [ -n "$token_url" ] || fail "GET $url: HTTP $http_status, no token endpoint of issuer $OAUTH_ISSUER"
fi

if [ -n "$OAUTH_TOKEN_FILE" ]; then
  # What the login has stored, as the server had said it.
  read_token_file
  body=$(printf '%s' "$token_file" | jq -c --arg key "$(token_key)" '
    .tokens[$key] | objects | select(.access_token | strings) |
    .expires_in = if .expires_at then .expires_at - .issued_at else null end')
  [ -n "$body" ] || fail "No tokens in $OAUTH_TOKEN_FILE: run authorization_code first"
  access_token=$(printf '%s' "$body" | jq -r .access_token)
  refresh_token=$(printf '%s' "$body" | jq -r '.refresh_token | strings')
  echo Stored
else
  # The token request (RFC 6749, 4.4.2).
  grant="grant_type=client_credentials${OAUTH_SCOPE:+&scope=$(encode "$OAUTH_SCOPE")}"
  refresh_token=
  request_token "$token_url" "$grant"
  echo Issued
fi
show_token

# For client credentials a server should not issue one (RFC 6749, 4.4.3), so it must be told to.
[ -n "$refresh_token" ] ||
  fail 'No refresh token was issued. Keycloak has a switch for it, on the Advanced tab of the client:
"Use refresh tokens for client credentials grant".'

# The refresh request, with the same client authentication (RFC 6749, 6).
refresh_url=${OAUTH_REFRESH_URL:-$token_url}
sent_at=$(date +%s)
request_token "$refresh_url" "grant_type=refresh_token&refresh_token=$(encode "$refresh_token")"
[ -z "$OAUTH_TOKEN_FILE" ] || store_token "$sent_at"
echo Refreshed
show_token
