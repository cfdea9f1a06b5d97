# SPDX-License-Identifier: MIT-0
#
# Logs a person in at a public client, with a browser and PKCE (RFC 6749, 4.1; RFC 7636;
# RFC 8252). Needs R 4.1 and the packages httr2 (0.2.2 or newer), httpuv, jsonlite and openssl.
# Run: Rscript authorization_code.R

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
scope <- setting("OAUTH_SCOPE")
redirect_port <- setting("OAUTH_REDIRECT_PORT")
token_file <- setting("OAUTH_TOKEN_FILE")
missing <- c(
  if (issuer == "" && authorize_url == "") "OAUTH_ISSUER or OAUTH_AUTHORIZE_URL",
  if (issuer == "" && token_url == "") "OAUTH_ISSUER or OAUTH_TOKEN_URL",
  if (client_id == "") "OAUTH_CLIENT_ID"
)
if (length(missing)) {
  fail(paste("Missing settings:", toString(missing)), 2)
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

# Length and hash tell one token from another and give neither away.
fingerprint <- function(token) {
  if (is_text(token)) {
    sprintf("%d characters, sha256 %s", nchar(token), substr(openssl::sha256(token), 1, 8))
  }
}

show_token <- function(token) {
  token$access_token <- fingerprint(token[["access_token"]])
  token$refresh_token <- fingerprint(token[["refresh_token"]])
  for (name in c("token_type", "expires_in", "scope", "access_token", "refresh_token")) {
    value <- token[[name]]
    shown <- if (is.null(value)) "none" else format(value, scientific = FALSE)
    cat(name, ": ", shown, "\n", sep = "")
  }
}

# The token file that programs of all languages share (docs/token-file.md).
read_token_file <- function() {
  stored <- list(format = "polyglot-tokens", version = 1, tokens = list())
  if (file.exists(token_file) && file.size(token_file) > 0) {
    stored <- tryCatch(jsonlite::read_json(token_file), error = \(e) list())
  }
  if (!identical(stored[["format"]], "polyglot-tokens") || !1 %in% stored[["version"]]) {
    fail(paste(token_file, "is not a token file of polyglot-tokens, version 1"), 2)
  }
  stored
}

# Server, client, grant, user (none here) and sorted scopes, percent-encoded (RFC 3986, 2.3).
token_key <- function() {
  server <- if (issuer != "") issuer else token_url
  parts <- curl::curl_escape(c(server, client_id, "authorization_code", ""))
  scopes <- sort(unique(strsplit(scope, " +")[[1]]), method = "radix")
  paste(c(parts, paste(curl::curl_escape(scopes[scopes != ""]), collapse = "+")), collapse = " ")
}

# What the file says of a token. Times are seconds since 1970.
store_token <- function(token, sent_at) {
  # Keycloak says 0 when it knows no end.
  end <- \(seconds) sent_at + Filter(\(x) x > 0, as.numeric(seconds))
  entry <- list(
    access_token = token[["access_token"]],
    token_type = "Bearer",
    scope = if (is_text(token[["scope"]])) {
      token[["scope"]]
    } else if (scope != "") {
      scope
    },
    issued_at = sent_at,
    expires_at = end(token[["expires_in"]]),
    refresh_token = token[["refresh_token"]],
    refresh_expires_at = end(token[["refresh_expires_in"]])
  )

  # For its owner alone and whole at every moment: a new file that takes the old one's place.
  Sys.umask("077")
  dir.create(dirname(token_file), showWarnings = FALSE, recursive = TRUE)
  stored <- read_token_file()
  stored$tokens[[token_key()]] <- Filter(length, entry)
  random <- paste(openssl::rand_bytes(8), collapse = "")
  temporary <- sprintf("%s.tmp.%d-%s", token_file, Sys.getpid(), random)
  jsonlite::write_json(stored, temporary, auto_unbox = TRUE, null = "null", digits = NA)
  if (!file.rename(temporary, token_file)) {
    fail(paste("Cannot write", token_file))
  }
}

# A file that is none of ours shows before anybody logs in for nothing.
if (token_file != "") {
  invisible(read_token_file())
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

# For this login alone: a state that its callback must carry (RFC 6749, 10.12), and a verifier, of
# which the server is shown the hash first (RFC 7636, 4.1 and 4.2).
base64url <- \(bytes) sub("=+$", "", chartr("+/", "-_", openssl::base64_encode(bytes)))
state <- base64url(openssl::rand_bytes(32))
verifier <- base64url(openssl::rand_bytes(32))
challenge <- base64url(openssl::sha256(charToRaw(verifier)))

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
sent_at <- as.numeric(Sys.time())
token <- request_token(
  token_url,
  grant_type = "authorization_code",
  code = callback[["code"]],
  redirect_uri = redirect_uri,
  code_verifier = verifier
)
if (token_file != "") {
  store_token(token, sent_at)
}
show_token(token)
