# SPDX-License-Identifier: MIT-0
#
# Calls a protected API with a token; when the API refuses it, once more with a renewed one.
# Needs R 4.1 and the packages httr2 (0.2.2 or newer) and jsonlite.
# Run: Rscript call_api.R

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
client_auth <- setting("OAUTH_CLIENT_AUTH", "basic")
scope <- setting("OAUTH_SCOPE")
api_url <- setting("API_URL")
missing <- c(
  if (issuer == "" && token_url == "") "OAUTH_ISSUER or OAUTH_TOKEN_URL",
  if (client_id == "") "OAUTH_CLIENT_ID",
  if (client_secret == "" && client_auth != "none") "OAUTH_CLIENT_SECRET",
  if (api_url == "") "API_URL"
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

# The token request (RFC 6749, 4.4.2).
asked <- if (scope != "") scope
request_grant <- \() request_token(token_url, grant_type = "client_credentials", scope = asked)
token <- request_grant()

# The API call, with the token in the Authorization header (RFC 6750, 2.1).
catalogs_url <- paste0(sub("/$", "", api_url), "/v1/ticketing/catalogs/")
call_api <- function(token) {
  request(catalogs_url) |>
    req_method("GET") |>
    req_headers(Authorization = paste("Bearer", token[["access_token"]])) |>
    send()
}

response <- call_api(token)
if (resp_status(response) == 401) {
  # One renewal, by refresh if there is a refresh token (RFC 6749, 6), and one repeat.
  token <- if (is_text(token[["refresh_token"]])) {
    request_token(
      if (refresh_url != "") refresh_url else token_url,
      grant_type = "refresh_token",
      refresh_token = token[["refresh_token"]]
    )
  } else {
    request_grant()
  }
  response <- call_api(token)
}

status <- resp_status(response)
if (status < 200 || status > 299) {
  # In this header an API says why it refuses a token (RFC 6750, 3).
  challenge <- resp_header(response, "WWW-Authenticate")
  fail(paste(c(sprintf("GET %s: HTTP %d", catalogs_url, status), challenge), collapse = " "))
}
# Bytes, because in the C locale R would write <U+00E9> for text that is not ASCII.
body <- tryCatch(resp_body_raw(response), error = \(e) raw()) # an empty body is an error
writeLines(rawToChar(body), sep = "", useBytes = TRUE)
