# SPDX-License-Identifier: MIT-0
#
# Logs a person in (as authorization_code.R), verifies the ID token, and asks UserInfo who it is
# (OpenID Connect Core 1.0). Needs R 4.1, httr2 (0.2.2 or newer), httpuv, jsonlite and openssl.
# Run: Rscript userinfo.R

library(httr2)

fail <- function(problem, status = 1) {
  message(problem)
  quit(status = status)
}

# Settings come from the environment. An empty one counts as missing.
setting <- function(name, default = "") {
  value <- Sys.getenv(name, default)
  Encoding(value) <- "UTF-8"
  if (value == "") default else value
}
issuer <- setting("OAUTH_ISSUER")
authorize_url <- setting("OAUTH_AUTHORIZE_URL")
token_url <- setting("OAUTH_TOKEN_URL")
client_id <- setting("OAUTH_CLIENT_ID")
scope <- setting("OAUTH_SCOPE", "openid profile email")
redirect_port <- setting("OAUTH_REDIRECT_PORT")
missing <- c(
  if (issuer == "") "OAUTH_ISSUER",
  if (client_id == "") "OAUTH_CLIENT_ID"
)
if (length(missing)) {
  fail(paste("Missing settings:", toString(missing)), 2)
}
if (!"openid" %in% strsplit(scope, " ", fixed = TRUE)[[1]]) {
  fail("OAUTH_SCOPE must hold openid", 2)
}

# One try of 30 seconds, no redirects. What the status means is for the caller to say.
send <- function(request) {
  request |>
    req_options(followlocation = 0L) |>
    req_timeout(30) |>
    req_retry(max_tries = 1, backoff = \(i) 0) |>
    req_error(is_error = \(response) FALSE) |>
    req_perform() |>
    tryCatch(error = \(e) fail(paste0(request$method, " ", request$url, ": no whole answer")))
}

# An empty list for what is no JSON object. The parser's own message would quote the answer.
json_object <- function(response) {
  json <- tryCatch(jsonlite::parse_json(resp_body_string(response)), error = \(e) NULL)
  if (is.null(names(json))) list() else json
}

is_text <- function(x) is.character(x) && nzchar(x)

# Asks for a token, or ends with what is wrong.
request_token <- function(url, ...) {
  request <- request(url) |>
    req_method("POST") |>
    req_headers(Accept = "application/json") |>
    # A public client only says who it is (RFC 6749, 3.2.1).
    req_body_form(..., client_id = client_id)
  response <- send(request)
  status <- resp_status(response)
  token <- json_object(response)
  # The server said no (RFC 6749, 5.2).
  if (is_text(token[["error"]])) {
    description <- token[["error_description"]]
    said <- paste(c(token[["error"]], if (is_text(description)) description), collapse = ": ")
    fail(sprintf("%s (HTTP %d)", said, status))
  }
  # A token is printable text (RFC 6749, A.12), its type Bearer in any case (5.1 and 7.1).
  access_token <- token[["access_token"]]
  usable <- is_text(access_token) &&
    !grepl("[^ -~]", access_token, perl = TRUE) &&
    is_text(token[["token_type"]]) &&
    tolower(token[["token_type"]]) == "bearer" &&
    !"error" %in% names(token)
  if (!usable || status < 200 || status > 299) {
    fail(sprintf("POST %s: HTTP %d, no usable token in the answer", url, status))
  }
  token
}

# The endpoints: set, or out of the server's metadata, which must name the very issuer that was
# asked (OpenID Connect Discovery, 4.3).
metadata <- list()
if (issuer != "") {
  url <- paste0(sub("/$", "", issuer), "/.well-known/openid-configuration")
  response <- request(url) |> req_method("GET") |> send()
  metadata <- json_object(response)
  status <- resp_status(response)
  if (status != 200 || !identical(metadata[["issuer"]], issuer)) {
    fail(sprintf("GET %s: HTTP %d, no metadata of issuer %s", url, status, issuer))
  }
}
endpoint <- function(set, name) {
  found <- if (set != "") set else metadata[[name]]
  if (is_text(found)) found else fail(sprintf("The metadata of %s have no %s", issuer, name))
}
authorize_url <- endpoint(authorize_url, "authorization_endpoint")
token_url <- endpoint(token_url, "token_endpoint")
jwks_url <- endpoint("", "jwks_uri")
userinfo_url <- endpoint("", "userinfo_endpoint")

# For this login alone: a state that its callback must carry (RFC 6749, 10.12), and a verifier, of
# which the server is shown the hash first (RFC 7636, 4.1 and 4.2). The nonce
# ties the ID token to it (OpenID Connect Core 1.0, 3.1.2.1).
base64url <- \(bytes) sub("=+$", "", chartr("+/", "-_", openssl::base64_encode(bytes)))
state <- base64url(openssl::rand_bytes(32))
verifier <- base64url(openssl::rand_bytes(32))
challenge <- base64url(openssl::sha256(charToRaw(verifier)))
nonce <- base64url(openssl::rand_bytes(32))

# The browser comes back to a port of this machine that nobody else can reach (RFC 8252, 7.3). What
# is not the callback of this login is turned away. Some lower ports no browser visits, 6679 say.
port <- if (redirect_port != "") redirect_port else httpuv::randomPort(49152L, 60999L)
host <- paste0("127.0.0.1:", port)
redirect_uri <- paste0("http://", host, "/callback")
callback <- NULL
parse_query <- function(query) {
  pairs <- strsplit(sub("^[?]", "", query), "&", fixed = TRUE)[[1]]
  values <- curl::curl_unescape(gsub("+", " ", sub("^[^=]*=?", "", pairs), fixed = TRUE))
  split(values, sub("=.*", "", pairs))
}
answer <- function(request) {
  query <- parse_query(request$QUERY_STRING)
  is_ours <- request$REQUEST_METHOD == "GET" &&
    identical(request$HTTP_HOST, host) &&
    request$PATH_INFO == "/callback" &&
    identical(query[["state"]], state)
  if (is_ours) {
    callback <<- query
  }
  list(
    status = if (is_ours) 200L else 404L,
    # The page's address holds the code: it goes into no cache (RFC 9700, 4.2.4).
    headers = list("Content-Type" = "text/plain; charset=utf-8", "Cache-Control" = "no-store"),
    body = if (is_ours) "Done. You can close this window." else "This is not your login."
  )
}
server <- tryCatch(
  httpuv::startServer("127.0.0.1", as.integer(port), list(call = answer), quiet = TRUE),
  error = \(e) fail(paste("OAUTH_REDIRECT_PORT: cannot listen on", host), 2)
)

# The authorization request (RFC 6749, 4.1.1; RFC 7636, 4.3).
parameters <- c(
  response_type = "code",
  client_id = client_id,
  redirect_uri = redirect_uri,
  scope = if (scope != "") scope,
  state = state,
  nonce = nonce,
  code_challenge = challenge,
  code_challenge_method = "S256"
)
query <- paste0(names(parameters), "=", curl::curl_escape(parameters), collapse = "&")
url <- paste0(authorize_url, if (grepl("?", authorize_url, fixed = TRUE)) "&" else "?", query)
message("Log in at: ", url)

# BROWSER, or what R is set to, and quoted, since browseURL() alone would let a shell read the URL.
# It does not matter if there is none: the person has the URL.
program <- setting("BROWSER", getOption("browser"))
open <- \(url) system2(program, shQuote(url), stdout = FALSE, stderr = FALSE, wait = FALSE)
try(utils::browseURL(url, if (is.character(program)) open else program), silent = TRUE)

deadline <- Sys.time() + 300
while (is.null(callback) && Sys.time() < deadline) {
  httpuv::service(100)
}
invisible(httpuv::service(100)) # the page is on its way
server$stop()
if (is.null(callback)) {
  fail("Nobody came back from the browser within 300 seconds")
}
if (any(lengths(callback[c("iss", "error", "error_description", "code")]) > 1)) {
  fail("The callback holds a parameter twice")
}

# Whose answer it is (RFC 9207, 2.4), and whether it is a no (RFC 6749, 4.1.2.1).
names_issuer <- isTRUE(metadata[["authorization_response_iss_parameter_supported"]])
if (names_issuer || !is.null(callback[["iss"]]) && issuer != "") {
  if (!identical(callback[["iss"]], issuer)) {
    fail(sprintf("The callback is another server's: %s was asked", issuer))
  }
}
if (is_text(callback[["error"]])) {
  description <- callback[["error_description"]]
  description <- if (is_text(description)) description else "the login was refused"
  fail(paste0(callback[["error"]], ": ", description))
}
if (!is_text(callback[["code"]])) {
  fail("The callback holds neither a code nor an error")
}

# The code for a token (RFC 6749, 4.1.3; RFC 7636, 4.5).
token <- request_token(
  token_url,
  grant_type = "authorization_code",
  code = callback[["code"]],
  redirect_uri = redirect_uri,
  code_verifier = verifier
)

# The ID token: three parts in base64url (RFC 7519, 3).
refuse <- \(why) fail(paste("The ID token is not valid:", why))
if (!is_text(token[["id_token"]])) {
  refuse("there is none")
}
parts <- strsplit(token[["id_token"]], ".", fixed = TRUE)[[1]]
bytes_of <- \(x) openssl::base64_decode(paste0(chartr("-_", "+/", x), strrep("=", -nchar(x) %% 4)))
part <- function(number) {
  json <- tryCatch(jsonlite::parse_json(rawToChar(bytes_of(parts[number]))), error = \(e) NULL)
  if (is.null(names(json))) refuse("it is no JSON Web Token") else json
}
header <- part(1)
claims <- part(2)
# Never what the header likes: "none" would be no signature at all (RFC 8725, 2.1 and 3.1).
if (!identical(header[["alg"]], "RS256") || "crit" %in% names(header)) {
  refuse("it is not signed with RS256")
}

# The server's public key of that name (RFC 7517, 4.5), in the DER form that openssl reads.
response <- request(jwks_url) |> req_method("GET") |> send()
is_meant <- \(key) identical(key[["kid"]], header[["kid"]]) && identical(key[["kty"]], "RSA")
key <- Filter(is_meant, Filter(is.list, json_object(response)[["keys"]]))
if (length(key) != 1) {
  refuse("the issuer has no such key")
}
der <- function(tag, ...) {
  content <- c(...)
  size <- length(content)
  c(as.raw(c(tag, if (size < 128) size else c(0x82, size %/% 256, size %% 256))), content)
}
number <- \(name) der(0x02, as.raw(0), bytes_of(key[[1]][[name]]))
rsa <- der(0x30, as.raw(c(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0)))
spki <- der(0x30, rsa, der(0x03, as.raw(0), der(0x30, number("n"), number("e"))))
is_signed <- tryCatch(
  openssl::signature_verify(
    charToRaw(paste0(parts[1], ".", parts[2])),
    bytes_of(parts[3]),
    hash = openssl::sha256,
    pubkey = openssl::read_pubkey(spki, der = TRUE)
  ),
  error = \(e) FALSE
)

# What it says (OpenID Connect Core 1.0, 3.1.3.7), with 30 seconds for clocks that differ.
now <- as.numeric(Sys.time())
if (!is_signed) {
  refuse("the signature is not the issuer's")
}
if (!identical(claims[["iss"]], issuer)) {
  refuse(paste("its issuer is not", issuer))
}
if (!identical(unlist(claims[["aud"]]), client_id)) {
  refuse("it is not for this client alone")
}
if (!is.null(claims[["azp"]]) && !identical(claims[["azp"]], client_id)) {
  refuse("it was issued to another client")
}
if (!is.numeric(claims[["exp"]]) || claims[["exp"]] + 30 <= now) {
  refuse("it has expired")
}
if (!is.numeric(claims[["iat"]]) || claims[["iat"]] > now + 30 || claims[["iat"]] < now - 3630) {
  refuse("it was not issued just now")
}
if (!identical(claims[["nonce"]], nonce)) {
  refuse("it is another login's")
}

# UserInfo, with the token in the header (5.3.1), must be about the person of the ID token (5.3.2).
response <- request(userinfo_url) |>
  req_method("GET") |>
  req_headers(
    Accept = "application/json",
    Authorization = paste("Bearer", token[["access_token"]])
  ) |>
  send()
person <- json_object(response)
if (resp_status(response) != 200) {
  fail(sprintf("GET %s: HTTP %d", userinfo_url, resp_status(response)))
}
if (!is_text(person[["sub"]]) || !identical(person[["sub"]], claims[["sub"]])) {
  fail(sprintf("GET %s: it is not about the person who logged in", userinfo_url))
}
for (name in c("sub", "name", "preferred_username", "email")) {
  value <- if (is_text(person[[name]])) person[[name]] else "none"
  # Bytes, because in the C locale R would write <U+00E9>.
  writeLines(enc2utf8(paste0(name, ": ", value)), useBytes = TRUE)
}
