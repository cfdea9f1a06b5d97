# SPDX-License-Identifier: MIT-0
#
# Gets a token for a person's name and password (RFC 6749, 4.3), where nothing better is known.
# Needs R 4.1 and the packages httr2 (0.2.2 or newer) and jsonlite.
# Run: Rscript password.R

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
client_id <- setting("OAUTH_CLIENT_ID")
client_secret <- setting("OAUTH_CLIENT_SECRET")
client_auth <- setting("OAUTH_CLIENT_AUTH", "basic")
scope <- setting("OAUTH_SCOPE")
username <- setting("OAUTH_USERNAME")
password <- setting("OAUTH_PASSWORD")

# Some documents have https://id:secret@host/... A URL is shown in messages and logs, so both are
# taken out of it. They are percent-encoded there (RFC 3986, 3.2.1).
pattern <- "^(https?://)([^/?#:]*):([^/?#]*)@(.+)$"
in_url <- regmatches(token_url, regexec(pattern, token_url))[[1]]
if (length(in_url)) {
  if (client_id == "") {
    client_id <- curl::curl_unescape(in_url[3])
  }
  if (client_secret == "") {
    client_secret <- curl::curl_unescape(in_url[4])
  }
  token_url <- paste0(in_url[2], in_url[5])
}

missing <- c(
  if (issuer == "" && token_url == "") "OAUTH_ISSUER or OAUTH_TOKEN_URL",
  if (client_id == "") "OAUTH_CLIENT_ID",
  if (client_secret == "" && client_auth != "none") "OAUTH_CLIENT_SECRET",
  if (username == "") "OAUTH_USERNAME",
  if (password == "") "OAUTH_PASSWORD"
)
if (length(missing)) {
  fail(paste("Missing settings:", toString(missing)), 2)
}
if (!client_auth %in% c("basic", "post", "none")) {
  fail("OAUTH_CLIENT_AUTH must be basic, post or none", 2)
}

# It shows the person's password to this program, and leaves no room for a second factor.
message("The password grant is for legacy servers only (RFC 9700, 2.4).")

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

# The token request (RFC 6749, 4.3.2). It is sent once: three wrong passwords lock an account.
token <- request_token(
  token_url,
  grant_type = "password",
  username = username,
  password = password,
  scope = if (scope != "") scope
)
show_token(token)
