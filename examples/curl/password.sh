# SPDX-License-Identifier: MIT-0
#
# Gets a token for a person's name and password (RFC 6749, 4.3) and shows it.
# Run: sh password.sh
# shellcheck shell=sh

fail() {
  printf '%s\n' "$1" >&2
  exit "${2:-1}"
}

encode() {
  printf '%s' "$1" | jq -sRr @uri
}

# Settings come from the environment. An empty one counts as missing. For Basic, id and secret are
# form-encoded (RFC 6749, 2.3.1).
token_url=$OAUTH_TOKEN_URL
id=$(encode "$OAUTH_CLIENT_ID")
secret=$(encode "$OAUTH_CLIENT_SECRET")

# Some servers' documents have https://id:secret@host/... Everybody sees a URL, in the list of
# processes too, so both are taken out of it. They are encoded there already, except for a plus.
host=${token_url#*//}
host=${host%%[/?#]*}
case $host in
  *:*@*)
    pair=$(printf '%s' "${host%@*}" | sed 's/+/%2B/g')
    id=${id:-${pair%%:*}}
    secret=${secret:-${pair#*:}}
    token_url=${token_url%%//*}//${token_url#*"${host%@*}@"}
    ;;
esac

missing=
[ -n "$OAUTH_ISSUER$token_url" ] || missing="$missing, OAUTH_ISSUER or OAUTH_TOKEN_URL"
[ -n "$id" ] || missing="$missing, OAUTH_CLIENT_ID"
[ -n "$secret" ] || [ "$OAUTH_CLIENT_AUTH" = none ] ||
  missing="$missing, OAUTH_CLIENT_SECRET"
[ -n "$OAUTH_USERNAME" ] || missing="$missing, OAUTH_USERNAME"
[ -n "$OAUTH_PASSWORD" ] || missing="$missing, OAUTH_PASSWORD"
[ -z "$missing" ] || fail "Missing settings: ${missing#, }" 2

# The client authentication as curl options.
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

# The token endpoint: set, or out of the server's metadata, which must name the very issuer that was
# asked (OpenID Connect Discovery, 4.3).
if [ -z "$token_url" ]; then
  http GET "${OAUTH_ISSUER%/}/.well-known/openid-configuration"
  [ "$http_status" = 200 ] && token_url=$(printf '%s' "$body" | jq -sRr '
    fromjson? | objects | select(.issuer == env.OAUTH_ISSUER) | .token_endpoint | strings')
  [ -n "$token_url" ] || fail "GET $url: HTTP $http_status, no token endpoint of issuer $OAUTH_ISSUER"
fi

# The person shows the password to this program, and there is no second factor.
echo 'The password grant is for legacy servers only (RFC 9700, 2.4).' >&2

# The token request (RFC 6749, 4.3.2).
grant="grant_type=password&username=$(encode "$OAUTH_USERNAME")&password=$(encode "$OAUTH_PASSWORD")"
refresh_token=
request_token "$token_url" "$grant${OAUTH_SCOPE:+&scope=$(encode "$OAUTH_SCOPE")}"
show_token
