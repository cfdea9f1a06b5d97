# SPDX-License-Identifier: MIT-0
#
# Gets a token by the client credentials grant, then renews it with the refresh token (RFC 6749, 6).
# With OAUTH_TOKEN_FILE the first one is what authorization_code.R has stored there.
# Needs R 4.1 and the packages httr2 (0.2.2 or newer) and jsonlite.
# Run: Rscript refresh.R

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
token_url <- setting("OAUTH_TOKEN_URL")
refresh_url <- setting("OAUTH_REFRESH_URL")
client_id <- setting("OAUTH_CLIENT_ID")
client_secret <- setting("OAUTH_CLIENT_SECRET")
scope <- setting("OAUTH_SCOPE")
token_file <- setting("OAUTH_TOKEN_FILE")
# A client that logs people in and has no secret is a public one.
is_public <- token_file != "" && client_secret == ""
client_auth <- setting("OAUTH_CLIENT_AUTH", if (is_public) "none" else "basic")
missing <- c(
  if (issuer == "" && token_url == "") "OAUTH_ISSUER or OAUTH_TOKEN_URL",
  if (client_id == "") "OAUTH_CLIENT_ID",
  if (client_secret == "" && client_auth != "none") "OAUTH_CLIENT_SECRET"
)
if (length(missing)) {
  fail(paste("Missing settings:", toString(missing)), 2)
}
if (!client_auth %in% c("basic", "post", "none")) {
  fail("OAUTH_CLIENT_AUTH must be basic, post or none", 2)
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
    # What is NULL is not sent.
    req_body_form(
      ...,
      client_id = if (client_auth != "basic") client_id,
      client_secret = if (client_auth == "post") client_secret
    )
  if (client_auth == "basic") {
    # Id and secret are form-encoded before Base64 (RFC 6749, 2.3.1).
    encode <- \(x) gsub("%20", "+", curl::curl_escape(x), fixed = TRUE)
    request <- request |> req_auth_basic(encode(client_id), encode(client_secret))
  }
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

stored_entry <- \() read_token_file()[["tokens"]][[token_key()]]

# Puts into the file what the answer says, and leaves there what it does not say. Times are seconds
# since 1970.
store_token <- function(token, sent_at) {
  # Keycloak says 0 when it knows no end.
  end <- \(seconds) sent_at + Filter(\(x) x > 0, as.numeric(seconds))
  entry <- stored_entry()
  entry$access_token <- token[["access_token"]]
  entry$issued_at <- sent_at
  entry$expires_at <- end(token[["expires_in"]])
  entry$refresh_sent_at <- NULL # what clients note of a refresh without an answer
  if (is_text(token[["scope"]])) {
    entry$scope <- token[["scope"]]
  }
  if (is_text(token[["refresh_token"]])) {
    entry$refresh_token <- token[["refresh_token"]]
    entry$refresh_expires_at <- end(token[["refresh_expires_in"]])
  }

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

# The token endpoint: set, or out of the server's metadata, which must name the very issuer that was
# asked (OpenID Connect Discovery, 4.3).
if (token_url == "") {
  url <- paste0(sub("/$", "", issuer), "/.well-known/openid-configuration")
  response <- request(url) |> req_method("GET") |> send()
  metadata <- json_object(response)
  status <- resp_status(response)
  token_url <- metadata[["token_endpoint"]]
  if (status != 200 || !identical(metadata[["issuer"]], issuer) || !is_text(token_url)) {
    fail(sprintf("GET %s: HTTP %d, no token endpoint of issuer %s", url, status, issuer))
  }
}

if (token_file != "") {
  # What the login has stored, as the server had said it.
  token <- stored_entry()
  if (!is_text(token[["access_token"]])) {
    fail(sprintf("No tokens in %s: run authorization_code first", token_file))
  }
  token$expires_in <- token[["expires_at"]] - token[["issued_at"]]
  cat("Stored\n")
} else {
  # The token request (RFC 6749, 4.4.2).
  asked <- if (scope != "") scope
  token <- request_token(token_url, grant_type = "client_credentials", scope = asked)
  cat("Issued\n")
}
show_token(token)

# For client credentials a server should not issue one (RFC 6749, 4.4.3), so it must be told to.
if (!is_text(token[["refresh_token"]])) {
  fail(paste(
    "No refresh token was issued. Keycloak has a switch for it, on the Advanced tab of the client:",
    "\"Use refresh tokens for client credentials grant\"."
  ))
}

# The refresh request, with the same client authentication (RFC 6749, 6).
sent_at <- as.numeric(Sys.time())
refreshed <- request_token(
  if (refresh_url != "") refresh_url else token_url,
  grant_type = "refresh_token",
  refresh_token = token[["refresh_token"]]
)
if (token_file != "") {
  store_token(refreshed, sent_at)
}
# Without a new refresh token the old one stays valid (RFC 6749, 6).
if (!is_text(refreshed[["refresh_token"]])) {
  refreshed$refresh_token <- token[["refresh_token"]]
}
cat("Refreshed\n")
show_token(refreshed)
