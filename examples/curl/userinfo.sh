# SPDX-License-Identifier: MIT-0
#
# Logs a person in with OpenID Connect, verifies the ID token and asks UserInfo who it is (OpenID
# Connect Core 1.0, 3.1 and 5.3).
# Run: sh userinfo.sh
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

# The bytes of a base64url text, which leaves out the padding that openssl wants.
bytes() {
  padded=$1
  while [ $((${#padded} % 4)) -gt 0 ]; do padded="$padded="; done
  printf '%s' "$padded" | tr '_-' '/+' | openssl base64 -d -A
}

# Settings come from the environment. An empty one counts as missing.
missing=
[ -n "$OAUTH_ISSUER" ] || missing="$missing, OAUTH_ISSUER"
[ -n "$OAUTH_CLIENT_ID" ] || missing="$missing, OAUTH_CLIENT_ID"
[ -z "$missing" ] || fail "Missing settings: ${missing#, }" 2

# Without this scope there is no ID token (OpenID Connect Core 1.0, 3.1.2.1).
scope=${OAUTH_SCOPE:-openid profile email}
case " $scope " in
  *' openid '*) ;;
  *) fail 'OAUTH_SCOPE must hold openid' 2 ;;
esac

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

# request_token URL FORM sets $access_token, or ends with what is wrong.
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

# The server's metadata must name the very issuer that was asked (OpenID Connect Discovery, 4.3).
http GET "${OAUTH_ISSUER%/}/.well-known/openid-configuration"
metadata=$(printf '%s' "$body" | jq -sRc 'fromjson? | objects | select(.issuer == env.OAUTH_ISSUER)')
{ [ "$http_status" = 200 ] && [ -n "$metadata" ]; } ||
  fail "GET $url: HTTP $http_status, no metadata of issuer $OAUTH_ISSUER"
authorize_url=${OAUTH_AUTHORIZE_URL:-$(of_metadata authorization_endpoint)}
token_url=${OAUTH_TOKEN_URL:-$(of_metadata token_endpoint)}
userinfo_url=$(of_metadata userinfo_endpoint)
jwks_url=$(of_metadata jwks_uri)
{ [ -n "$authorize_url" ] && [ -n "$token_url" ] && [ -n "$userinfo_url" ] && [ -n "$jwks_url" ]; } ||
  fail "Not all endpoints of $OAUTH_ISSUER are known"

# The state ties the browser's answer to this login (RFC 6749, 10.12), the verifier the code
# (RFC 7636, 4.1), the nonce the ID token (OpenID Connect Core 1.0, 3.1.2.1).
state=$(openssl rand 32 | base64url)
verifier=$(openssl rand 32 | base64url)
nonce=$(openssl rand 32 | base64url)
challenge=$(printf '%s' "$verifier" | openssl dgst -sha256 -binary | base64url)

# Nobody listens there, so the browser shows an error, and above it the address that we need. The
# ports from 61000 on are those that Linux gives to no program by itself.
port=${OAUTH_REDIRECT_PORT:-$((61000 + 0x$(openssl rand -hex 2) % 4536))}
redirect_uri=$(encode "http://127.0.0.1:$port/callback")

# The authorization request (RFC 6749, 4.1.1), with the hash of the verifier (RFC 7636, 4.3).
request="response_type=code&client_id=$id&redirect_uri=$redirect_uri"
request="$request&state=$state&code_challenge=$challenge&code_challenge_method=S256"
request="$request&nonce=$nonce&scope=$(encode "$scope")"
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
request_token "$token_url" "$form&code_verifier=$verifier"
id_token=$(printf '%s' "$body" | jq -r '.id_token | strings')
[ -n "$id_token" ] || fail 'No ID token came, although openid was asked for'

# What the ID token says, checked as OpenID Connect Core 1.0, 3.1.3.7 has it, with 30 seconds between
# the clocks.
header=$(bytes "${id_token%%.*}")
payload=${id_token#*.}
claims=$(bytes "${payload%%.*}")
problem=$(printf '%s' "$claims" | jq -sRr --arg nonce "$nonce" '
  (fromjson? | objects) // {} |
  if .iss != env.OAUTH_ISSUER then "iss is not \(env.OAUTH_ISSUER)"
  elif ([.aud] | flatten) != [env.OAUTH_CLIENT_ID] then "aud is not \(env.OAUTH_CLIENT_ID) alone"
  elif (.azp // env.OAUTH_CLIENT_ID) != env.OAUTH_CLIENT_ID then "azp is not \(env.OAUTH_CLIENT_ID)"
  elif .sub | type != "string" or . == "" then "no sub"
  elif .exp | type != "number" or . < now - 30 then "expired"
  elif .iat | type != "number" or . < now - 3600 or . > now + 30 then "not issued now"
  elif .nonce != $nonce then "nonce is not the one of this login"
  else empty end')
[ -z "$problem" ] || fail "ID token: $problem"

# Who signed it: the issuer's key of that name, by RS256 whatever the token wants (RFC 8725, 3.1).
http GET "$jwks_url"
key=$(printf '%s' "$body" | jq -c --arg header "$header" '($header | fromjson) as $header |
  select($header.alg == "RS256" and ($header | has("crit") | not)) |
  .keys[] | select(.kty == "RSA" and .kid == $header.kid)' 2>/dev/null | head -n 1)
number() {
  bytes "$(printf '%s' "$key" | jq -r ".$1")" | od -An -v -tx1 | tr -d ' \n'
}
# openssl wants the key's two numbers as ASN.1 (RFC 8017, A.1.1), and the signature in a file.
folder=$(mktemp -d) || fail 'No temporary folder'
trap 'rm -rf "$folder"' EXIT
printf 'asn1 = SEQUENCE:key\n[key]\nn = INTEGER:0x%s\ne = INTEGER:0x%s\n' \
  "$(number n)" "$(number e)" >"$folder/key.cnf"
openssl asn1parse -noout -genconf "$folder/key.cnf" -out "$folder/key.der" 2>/dev/null
openssl rsa -RSAPublicKey_in -inform DER -in "$folder/key.der" -out "$folder/key.pem" 2>/dev/null
bytes "${payload#*.}" >"$folder/signature"
printf '%s' "${id_token%.*}" |
  openssl dgst -sha256 -verify "$folder/key.pem" -signature "$folder/signature" >/dev/null 2>&1 ||
  fail "ID token: no RS256 signature of $OAUTH_ISSUER"

# Who is it? The answer must be about the person of the ID token (OpenID Connect Core 1.0, 5.3).
http GET "$userinfo_url" "header = $(printf 'Authorization: Bearer %s' "$access_token" | jq -sR .)"
case $http_status in
  2??) ;;
  *) fail "GET $url: HTTP $http_status" ;;
esac
lines=$(printf '%s\n%s' "$claims" "$body" | jq -rs '
  select(.[0].sub == .[1].sub) | .[1] as $claims | "sub", "name", "preferred_username", "email" |
  "\(.): \($claims[.] | strings // "none")"' 2>/dev/null)
[ -n "$lines" ] || fail "GET $url: no claims about the person of the ID token"
printf '%s\n' "$lines"
