# SPDX-License-Identifier: MIT-0
#
# An OAuth 2.0 client that keeps one token: gets it, renews it when it is due, and sends requests
# with it. Copy this file and build on it. Needs R 4.1, curl 5.0.0, jsonlite and openssl.
#
# In short, with settings from OAUTH_ISSUER, OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, API_URL ...:
# > source("token_client.R")
# > client <- token_client()
# > api_request(client, "GET", "v1/ticketing/catalogs/")$body

# Seconds for a whole exchange, a trickling body included.
time_limit <- 30

# Bytes of a decoded body.
size_limit <- 1024^2

# Seconds before its end at which a token is renewed; a tenth of its lifetime where that is less.
renewal_margin <- 30

#' The pool in which all exchanges of all clients run side by side. The plain functions service it
#' while they wait; for the `start_` functions the caller does: `curl::multi_run(pool = exchanges)`.
exchanges <- curl::new_pool(total_con = 200L, host_con = 100L)

# Public: settings ---------------------------------------------------------------------------------

#' A client for one token. Sends nothing yet.
#'
#' @param issuer,token_url Issuer URL for discovery, or the token endpoint, which wins.
#' @param refresh_url Where refresh requests go; default: the token endpoint.
#' @param client_id,client_secret The client's credentials.
#' @param client_auth "basic", "post" or "none" (RFC 6749, 2.3.1); default: what discovery says,
#'   else "basic".
#' @param scope Space-separated; not sent when empty.
#' @param api_url Base of the protected API. The token goes to its origin only.
#' @param grant "client_credentials" (RFC 6749, 4.4).
#' @param debug `TRUE`: one line an exchange on standard error, with secrets masked.
#' @return An object that all functions below take. Printing it shows no secret.
#' @section Errors: `oauth_config_error`, which names everything that is missing or wrong.
token_client <- function(
  issuer = Sys.getenv("OAUTH_ISSUER"),
  token_url = Sys.getenv("OAUTH_TOKEN_URL"),
  refresh_url = Sys.getenv("OAUTH_REFRESH_URL"),
  client_id = Sys.getenv("OAUTH_CLIENT_ID"),
  client_secret = Sys.getenv("OAUTH_CLIENT_SECRET"),
  client_auth = Sys.getenv("OAUTH_CLIENT_AUTH"),
  scope = Sys.getenv("OAUTH_SCOPE"),
  api_url = Sys.getenv("API_URL"),
  grant = "client_credentials",
  debug = Sys.getenv("OAUTH_DEBUG") == "1"
) {
  urls <- list(issuer = issuer, token_url = token_url, refresh_url = refresh_url, api_url = api_url)
  urls <- lapply(urls, non_empty)
  client_id <- non_empty(client_id)
  client_secret <- non_empty(client_secret)
  client_auth <- non_empty(client_auth)
  insecure <- names(Filter(function(url) !is.null(url) && is.null(secure_url(url)), urls))
  wrong <- c(
    if (is.null(urls$issuer) && is.null(urls$token_url)) "issuer or token_url is missing",
    if (is.null(client_id)) "client_id is missing",
    if (is.null(client_secret) && !identical(client_auth, "none")) "client_secret is missing",
    if (!is.null(client_auth) && !client_auth %in% c("basic", "post", "none")) {
      "client_auth must be basic, post or none"
    },
    if (!identical(grant, "client_credentials")) "grant must be client_credentials",
    sprintf("%s must be an https URL, or http on loopback", insecure)
  )
  if (length(wrong)) {
    stop(new_oauth_error("config_error", paste("settings:", paste(wrong, collapse = ", "))))
  }
  client <- list2env(urls, parent = emptyenv())
  client$client_id <- client_id
  client$client_secret <- if (!is.null(client_secret)) new_secret(client_secret, "***")
  client$client_auth <- client_auth
  client$scope <- scope_words(non_empty(scope))
  client$debug <- isTRUE(debug)
  client$token <- NULL
  client$refresh_token <- NULL
  client$refresh_token_ends <- Inf
  client$waiting <- list()
  structure(client, class = c("token_client", "oauth_masked"))
}

# Public: plain functions, which wait --------------------------------------------------------------

#' A token that is fit for use: the one at hand or a renewed one.
#'
#' @param client From `token_client()`.
#' @param min_validity Seconds that it must still live; a new token is given in any case.
#' @param force_refresh `TRUE`: renew it although it is fit.
#' @return A token: `token_type`, `scope` (a character vector), `has_refresh_token`, `has_id_token`;
#'   `seconds_left(token)`; its text by `reveal(token$access_token)`. Printing it shows a hash.
#' @section Errors: Conditions of class `oauth_error` and of one that says more: `oauth_` and
#'   `config_error`, `invalid_client`, `invalid_grant`, `invalid_scope`, `access_denied`,
#'   `metadata_error`, `invalid_response`, `rate_limited`, `unavailable`, `timeout`, `network` or
#'   `tls`. They hold `error_class` (that word), `http_status`, and the server's `oauth_error` and
#'   `oauth_description` (RFC 6749, 5.2), each `NULL` if there is none.
get_token <- function(client, min_validity = 0, force_refresh = FALSE) {
  wait_for(client, function(then) start_token(client, then, min_validity, force_refresh))
}

#' Sends a request with the token in its Authorization header (RFC 6750, 2.1). After a 401 the token
#' is renewed once and the request repeated once (RFC 6750, 3.1). Redirects are returned.
#'
#' @param client From `token_client()`.
#' @param method "GET", "POST" ...
#' @param url Relative to `api_url`, or of the same origin.
#' @param headers Named list or vector.
#' @param body Text, sent as UTF-8.
#' @param max_bytes How much of the answer's body is read at most.
#' @return A list: `status`, `headers` (a list with lower-case names), `body` (text), `bytes` (raw).
#' @section Errors: As `get_token()`; also `oauth_unauthorized` after the second 401,
#'   `oauth_forbidden` after a 403, `oauth_config_error` for a URL elsewhere.
api_request <- function(
  client,
  method,
  url,
  headers = list(),
  body = NULL,
  max_bytes = size_limit
) {
  wait_for(client, function(then) {
    start_request(client, method, url, then, headers, body, max_bytes)
  })
}

#' Seconds that are left of a token's life, `Inf` if the server did not say.
seconds_left <- function(token) {
  max(0, token$lifetime - max(0, clock() - token$sent_at))
}

#' The text of a secret.
reveal <- function(secret) {
  unclass(secret)()
}

# Public: the same without waiting -----------------------------------------------------------------

#' Starts what `get_token()` does and returns at once, or after calling `then`.
#'
#' @param then Gets the token, or the condition that `get_token()` would signal. Must not fail.
start_token <- function(client, then, min_validity = 0, force_refresh = FALSE) {
  if (!force_refresh && is_fit(client$token, min_validity)) {
    return(then(client$token))
  }
  # One renewal at a time. Who comes while it is under way gets its result, or its error.
  client$waiting <- c(client$waiting, then)
  if (length(client$waiting) == 1) {
    renew(client, function(result) {
      waiting <- client$waiting
      client$waiting <- list()
      for (then in waiting) {
        then(result)
      }
    })
  }
}

#' Starts what `api_request()` does and returns at once, or after calling `then`.
#'
#' @param then Gets the answer, or the condition that `api_request()` would signal. Must not fail.
start_request <- function(
  client,
  method,
  url,
  then,
  headers = list(),
  body = NULL,
  max_bytes = size_limit
) {
  request <- attempt(prepared_request(client, method, url, headers))
  send <- function(token, then) {
    headers <- c(request$headers, Authorization = paste("Bearer", reveal(token$access_token)))
    start_exchange(client, method, request$url, headers, then, body, max_bytes = max_bytes)
  }
  judge <- if_ok(then, function(answer) then(attempt(judge_api_answer(answer))))
  first_try <- function(token) {
    send(
      token,
      if_ok(then, function(answer) {
        if (answer$status != 401) {
          return(judge(answer))
        }
        # Somebody else may have renewed it meanwhile: only the token that was refused is replaced.
        second_try <- if_ok(then, function(token) send(token, judge))
        start_token(client, second_try, force_refresh = identical(token, client$token))
      })
    )
  }
  if_ok(then, function(request) start_token(client, if_ok(then, first_try)))(request)
}

# Renewing -----------------------------------------------------------------------------------------

renew <- function(client, then) {
  grant <- function() {
    client$refresh_token <- NULL
    # RFC 6749, 4.4.2.
    form <- c(grant_type = "client_credentials", scope = joined(client$scope))
    request_token(client, client$token_url, form, client$scope, then)
  }
  refresh <- function() {
    # RFC 6749, 6. Without a scope the new token may do what the old one might.
    form <- c(grant_type = "refresh_token", refresh_token = reveal(client$refresh_token))
    url <- if (is.null(client$refresh_url)) client$token_url else client$refresh_url
    request_token(client, url, form, client$token$scope, function(result) {
      if (inherits(result, "oauth_invalid_grant")) grant() else then(result)
    })
  }
  with_token_url(
    client,
    if_ok(then, function(client) {
      usable <- !is.null(client$refresh_token) && clock() < client$refresh_token_ends
      if (usable) refresh() else grant()
    })
  )
}

# OpenID Connect Discovery 1.0, 4.
with_token_url <- function(client, then) {
  if (!is.null(client$token_url)) {
    return(then(client))
  }
  url <- paste0(sub("/$", "", client$issuer), "/.well-known/openid-configuration")
  start_exchange(client, "GET", url, c(Accept = "application/json"), function(answer) {
    if (inherits(answer, "oauth_invalid_response")) {
      answer <- new_oauth_error("metadata_error", answer$problem, answer$http_status)
    }
    then(if (is_error(answer)) answer else attempt(use_metadata(client, answer)))
  })
}

use_metadata <- function(client, answer) {
  unusable <- function(why) {
    stop(answer_error("metadata_error", answer, why))
  }
  metadata <- if (answer$status == 200) json_object(answer$bytes)
  if (is.null(metadata)) {
    unusable("no JSON object with metadata")
  }
  # The texts must be identical (4.3): another issuer's metadata must not be used.
  if (!identical(non_empty(metadata[["issuer"]]), client$issuer)) {
    unusable(sprintf("its issuer is not %s", client$issuer))
  }
  token_url <- secure_url(non_empty(metadata[["token_endpoint"]]))
  if (is.null(token_url)) {
    unusable("its token_endpoint is missing or no https URL")
  }
  # Basic is what a server takes that does not say (RFC 8414, 2).
  methods <- unlist(metadata[["token_endpoint_auth_methods_supported"]])
  if (is.null(client$client_auth) && length(methods) && !"client_secret_basic" %in% methods) {
    client$client_auth <- "post"
  }
  client$token_url <- token_url
  client
}

request_token <- function(client, url, form, scope, then) {
  headers <- c(Accept = "application/json", `Content-Type` = "application/x-www-form-urlencoded")
  method <- if (is.null(client$client_auth)) "basic" else client$client_auth
  if (method == "basic") {
    headers <- c(headers, Authorization = paste("Basic", basic_credentials(client)))
  } else {
    secret <- if (method == "post") reveal(client$client_secret)
    form <- c(form, client_id = client$client_id, client_secret = secret)
  }
  start_exchange(
    client,
    "POST",
    url,
    headers,
    form = form,
    then = if_ok(then, function(answer) {
      then(attempt(use_token_answer(client, answer, scope)))
    })
  )
}

use_token_answer <- function(client, answer, asked_scope) {
  json <- json_object(answer$bytes)
  if (answer$status < 200 || answer$status > 299) {
    stop(refusal(client, answer, json))
  }
  unusable <- function(why) {
    stop(answer_error("invalid_response", answer, why))
  }
  if (is.null(json)) {
    unusable("no JSON object")
  }
  if ("error" %in% names(json)) {
    unusable("an error member in a success")
  }
  # Only these characters make up a token (RFC 6749, A.12), and only they fit into a header.
  access_token <- non_empty(json[["access_token"]])
  if (is.null(access_token) || !grepl("^[ -~]+\\z", access_token, perl = TRUE)) {
    unusable("no access_token")
  }
  # A token of unknown type must not be used (RFC 6749, 7.1); case does not matter (5.1).
  if (!identical(tolower(non_empty(json[["token_type"]])), "bearer")) {
    unusable("token_type is not Bearer")
  }
  refresh_token <- non_empty(json[["refresh_token"]])
  if (!is.null(refresh_token)) {
    client$refresh_token <- new_secret(refresh_token, mask(refresh_token))
    # Keycloak says 0 when it knows no end.
    lifetime <- seconds_in(json[["refresh_expires_in"]])
    client$refresh_token_ends <- answer$sent_at + if (lifetime > 0) lifetime else Inf
  }
  granted <- non_empty(json[["scope"]])
  client$token <- structure(
    list(
      access_token = new_secret(access_token, mask(access_token)),
      token_type = "Bearer",
      scope = if (is.null(granted)) asked_scope else scope_words(granted),
      has_refresh_token = !is.null(client$refresh_token),
      has_id_token = !is.null(non_empty(json[["id_token"]])),
      sent_at = answer$sent_at,
      lifetime = seconds_in(json[["expires_in"]])
    ),
    class = c("oauth_token", "oauth_masked")
  )
  client$token
}

is_fit <- function(token, min_validity) {
  !is.null(token) &&
    seconds_left(token) > max(min_validity, min(renewal_margin, token$lifetime / 10))
}

# Seconds on a clock that nobody sets: R has none of its own. Without /proc (macOS, Windows) it is
# the wall clock, and a token may be renewed too late after somebody has put that back.
clock <- if (file.exists("/proc/uptime")) {
  function() scan("/proc/uptime", n = 1L, quiet = TRUE)
} else {
  function() as.numeric(Sys.time())
}

# Requests -----------------------------------------------------------------------------------------

# Calls `then` with the answer or an error, while somebody services the pool.
start_exchange <- function(
  client,
  method,
  url,
  headers,
  then,
  body = NULL,
  form = NULL,
  max_bytes = size_limit
) {
  what <- paste(method, bare(url))
  sent_at <- clock()
  chunks <- list()
  size <- 0
  handle <- curl::new_handle(
    url = url,
    customrequest = method,
    nobody = method == "HEAD",
    timeout_ms = time_limit * 1000,
    connecttimeout_ms = time_limit * 1000,
    # A redirect would carry the secret elsewhere.
    followlocation = 0L,
    protocols = 3L, # http and https
    netrc = 0L
  )
  if (!is.null(form)) {
    body <- paste0(names(form), "=", form_encode(form), collapse = "&")
    # libcurl repeats a request by itself when a kept connection breaks. A refresh token that
    # rotates must not be sent twice.
    curl::handle_setopt(handle, fresh_connect = 1L, forbid_reuse = 1L)
  }
  if (!is.null(body)) {
    curl::handle_setopt(handle, postfields = charToRaw(utf8(body)))
  }
  curl::handle_setheaders(handle, .list = as.list(headers))
  finish <- function(result) {
    if (client$debug) {
      log_exchange(what, form, result, clock() - sent_at)
    }
    then(result)
  }
  curl::multi_add(
    handle,
    pool = exchanges,
    # Decoded bytes. It is called once more at the end, with none.
    data = function(bytes, ...) {
      size <<- size + length(bytes)
      if (length(bytes) && size > max_bytes) {
        invokeRestart("abort") # ends the transfer as stop() would, but prints nothing
      }
      chunks[[length(chunks) + 1]] <<- bytes
    },
    done = function(response) {
      finish(list(
        what = what,
        sent_at = sent_at,
        status = response$status_code,
        headers = curl::parse_headers_list(response$headers),
        bytes = as.raw(unlist(chunks))
      ))
    },
    fail = function(reason) {
      if (size > max_bytes) {
        too_long <- sprintf("%s: the answer is over %.0f bytes", what, max_bytes)
        status <- curl::handle_data(handle)$status_code
        return(finish(new_oauth_error("invalid_response", too_long, status)))
      }
      finish(transport_error(what, url, reason))
    }
  )
  invisible()
}

# libcurl tells the kinds of failure apart by its text only, which may also name the host.
transport_error <- function(what, url, reason) {
  reason <- gsub(parse_url(url)$host, "", tolower(reason), fixed = TRUE)
  if (grepl("timeout|timed out", reason)) {
    new_oauth_error("timeout", sprintf("%s: no whole answer within %.0f s", what, time_limit))
  } else if (grepl("ssl|tls|certificate", reason) && !grepl("ssl_(read|write)", reason)) {
    new_oauth_error("tls", sprintf("%s: certificate or handshake refused", what))
  } else {
    new_oauth_error("network", sprintf("%s: no connection, or a broken one", what))
  }
}

# Where a request may take the token: the configured API and nowhere else (RFC 9700, 4.9).
prepared_request <- function(client, method, url, headers) {
  if (is.null(client$api_url)) {
    stop(new_oauth_error("config_error", "settings: api_url is missing"))
  }
  # A base without a final slash would lose its last path segment.
  base <- sub("/?$", "/", bare(client$api_url))
  allowed <- parse_url(base)$origin
  url <- percent_encode(url)
  if (startsWith(url, "//")) {
    url <- paste0(parse_url(base)$scheme, ":", url)
  } else if (startsWith(url, "/")) {
    url <- paste0(allowed, url)
  } else if (!grepl("^[A-Za-z][A-Za-z0-9+.-]*:", url)) {
    url <- paste0(base, url)
  }
  if (!identical(parse_url(url)$origin, allowed)) {
    stop(new_oauth_error(
      "config_error",
      sprintf("the token goes to %s only, not elsewhere", allowed)
    ))
  }
  headers <- headers[tolower(names(headers)) != "authorization"]
  # An empty Content-Type keeps libcurl from making one up.
  if (!"content-type" %in% tolower(names(headers))) {
    headers <- c(headers, `Content-Type` = "")
  }
  names_fit <- grepl("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", c(method, names(headers)))
  values_fit <- !grepl("[\\x00-\\x08\\x0a-\\x1f\\x7f]", utf8(unlist(headers)), perl = TRUE)
  if (!all(names_fit, values_fit)) {
    stop(new_oauth_error("config_error", "a method or header that cannot be sent"))
  }
  list(url = url, headers = headers)
}

judge_api_answer <- function(answer) {
  if (answer$status == 401) {
    stop(answer_error("unauthorized", answer, "also with a renewed token"))
  }
  if (answer$status == 403) {
    stop(answer_error("forbidden", answer, "the token does not allow this"))
  }
  c(answer[c("status", "headers", "bytes")], body = utf8_body(answer$bytes))
}

# The exchange of `stop()` for a value: a result that is a condition travels on to the last `then`.
attempt <- function(expr) {
  tryCatch(expr, error = identity)
}

is_error <- function(result) {
  inherits(result, "error")
}

if_ok <- function(then, continue) {
  function(result) if (is_error(result)) then(result) else continue(result)
}

wait_for <- function(client, start) {
  result <- NULL
  # Nobody must wait for a renewal that an interrupt (Ctrl-C) has left undone.
  on.exit(if (is.null(result)) client$waiting <- list())
  start(function(value) result <<- value)
  while (is.null(result)) {
    curl::multi_run(poll = TRUE, pool = exchanges)
  }
  if (is_error(result)) stop(result) else result
}

# Errors -------------------------------------------------------------------------------------------

advice <- c(
  config_error = "check the settings",
  invalid_client = "check client_id, client_secret and client_auth",
  invalid_grant = "ask for a new token",
  invalid_scope = "check scope",
  access_denied = "ask the operator of the server",
  metadata_error = "check issuer",
  invalid_response = "check the URL",
  rate_limited = "wait before the next try",
  unavailable = "try again later",
  unauthorized = "check whether the API takes tokens of this server",
  forbidden = "check scope and the rights of the client",
  timeout = "check the URL or try again later",
  network = "check the URL or try again later",
  tls = "check the server's certificate"
)

class_of_oauth_error <- c(
  invalid_client = "invalid_client",
  unauthorized_client = "invalid_client", # Keycloak's word for a wrong secret
  invalid_grant = "invalid_grant",
  invalid_scope = "invalid_scope",
  access_denied = "access_denied",
  invalid_request = "config_error",
  unsupported_grant_type = "config_error",
  invalid_target = "config_error",
  temporarily_unavailable = "unavailable",
  server_error = "unavailable"
)

new_oauth_error <- function(
  error_class,
  problem,
  http_status = NULL,
  oauth_error = NULL,
  oauth_description = NULL
) {
  structure(
    class = c(paste0("oauth_", error_class), "oauth_error", "error", "condition"),
    list(
      message = sprintf("%s: %s; %s", error_class, problem, advice[[error_class]]),
      call = NULL, # a call may hold a secret
      error_class = error_class,
      problem = problem,
      http_status = http_status,
      oauth_error = oauth_error,
      oauth_description = oauth_description
    )
  )
}

answer_error <- function(error_class, answer, why, ...) {
  problem <- sprintf("%s: HTTP %d, %s", answer$what, answer$status, why)
  new_oauth_error(error_class, problem, answer$status, ...)
}

# What the server reports (RFC 6749, 5.2).
refusal <- function(client, answer, json) {
  error <- non_empty(json[["error"]])
  description <- if (!is.null(error)) printable(client, non_empty(json[["error_description"]]))
  error_class <- if (answer$status == 429) {
    "rate_limited"
  } else if (answer$status >= 500) {
    "unavailable"
  } else if (!is.null(error) && error %in% names(class_of_oauth_error)) {
    class_of_oauth_error[[error]]
  } else {
    "invalid_response"
  }
  error <- printable(client, error)
  said <- if (is.null(error)) "no OAuth error" else paste(c(error, description), collapse = ": ")
  answer_error(error_class, answer, said, error, description)
}

# A server's text, without the secrets that it may have echoed.
printable <- function(client, said) {
  if (is.null(said)) {
    return(NULL)
  }
  known <- list(client$client_secret, client$refresh_token, client$token$access_token)
  known <- vapply(Filter(Negate(is.null), known), reveal, "")
  if (!is.null(client$client_secret)) {
    known <- c(known, basic_credentials(client))
  }
  for (secret in known) {
    said <- gsub(secret, "***", said, fixed = TRUE)
    said <- gsub(form_encode(secret), "***", said, fixed = TRUE)
  }
  substr(gsub("\\p{Cc}", " ", said, perl = TRUE), 1, 200)
}

# Texts --------------------------------------------------------------------------------------------

# A text that is there, else `NULL`. In the C locale R does not know that its bytes are UTF-8.
non_empty <- function(x) {
  if (is.character(x) && length(x) == 1 && !is.na(x) && nzchar(x)) utf8(x)
}

utf8 <- function(x) {
  unmarked <- Encoding(x) == "unknown" & validUTF8(x)
  Encoding(x)[unmarked] <- "UTF-8"
  enc2utf8(x)
}

utf8_body <- function(bytes) {
  bytes[bytes == 0] <- charToRaw("?") # no text in R can hold a NUL
  iconv(rawToChar(bytes), "UTF-8", "UTF-8", sub = "?")
}

# The parser's own message would quote the text. `fromJSON()` would open a file of that name.
json_object <- function(bytes) {
  value <- attempt({
    text <- rawToChar(bytes)
    Encoding(text) <- "UTF-8"
    jsonlite::parse_json(text)
  })
  if (is.list(value) && !is_error(value) && !is.null(names(value))) value
}

# A number of seconds, which some servers send as text; `Inf` for what is none.
seconds_in <- function(x) {
  if (is.character(x)) {
    x <- suppressWarnings(as.numeric(x))
  }
  if (is.numeric(x) && is.finite(x) && x >= 0) as.numeric(x) else Inf
}

scope_words <- function(scope) {
  scope <- as.character(unlist(strsplit(as.character(scope), " ", fixed = TRUE)))
  scope[nzchar(scope)]
}

joined <- function(scope) {
  if (length(scope)) paste(scope, collapse = " ")
}

# application/x-www-form-urlencoded (RFC 6749, B).
form_encode <- function(x) {
  gsub("%20", "+", curl::curl_escape(utf8(x)), fixed = TRUE)
}

# Id and secret are form-encoded before Base64 (RFC 6749, 2.3.1).
basic_credentials <- function(client) {
  pair <- form_encode(c(client$client_id, reveal(client$client_secret)))
  openssl::base64_encode(charToRaw(paste(pair, collapse = ":")))
}

# What cannot stand in a URL: spaces, control characters, all that is not ASCII.
percent_encode <- function(url) {
  bytes <- charToRaw(utf8(url))
  odd <- bytes <= as.raw(0x20) | bytes >= as.raw(0x7f)
  paste0(ifelse(odd, paste0("%", toupper(bytes)), rawToChar(bytes, multiple = TRUE)), collapse = "")
}

# `NULL` for anything but an http or https URL without user information.
parse_url <- function(url) {
  pattern <- "^(https?)://(\\[[0-9a-f:.]+\\]|[a-z0-9._-]+)(:[0-9]+)?([/?#][!-~]*)?\\z"
  parts <- regmatches(url, regexec(pattern, url, ignore.case = TRUE, perl = TRUE))[[1]]
  if (length(parts) == 0) {
    return(NULL)
  }
  scheme <- tolower(parts[2])
  host <- tolower(parts[3])
  port <- sub(if (scheme == "https") "^:443$" else "^:80$", "", parts[4])
  list(scheme = scheme, host = host, origin = paste0(scheme, "://", host, port))
}

# Credentials go over https only (RFC 6749, 3.2); on loopback nobody listens in. Else `NULL`.
secure_url <- function(url) {
  parts <- if (!is.null(url)) parse_url(url)
  loopback <- "^(localhost|127([.][0-9]{1,3}){3}|\\[::1\\])$"
  if (!is.null(parts) && (parts$scheme == "https" || grepl(loopback, parts$host))) url
}

# A URL for messages: a query may hold what should not be shown.
bare <- function(url) {
  sub("[?#].*", "", url)
}

# Printing -----------------------------------------------------------------------------------------

log_exchange <- function(what, form, result, duration) {
  shown <- vapply(names(form), FUN.VALUE = "", function(name) {
    switch(
      name,
      grant_type = ,
      scope = ,
      client_id = form[[name]],
      client_secret = "***",
      mask(form[[name]])
    )
  })
  fields <- if (length(form)) paste0(names(form), "=", shown)
  outcome <- if (is_error(result)) result$error_class else result$status
  token <- if (length(form) && !is_error(result)) {
    non_empty(json_object(result$bytes)[["access_token"]])
  }
  if (!is.null(token)) {
    outcome <- paste0(outcome, " access_token=", mask(token))
  }
  line <- paste(c(what, fields), collapse = " ")
  message(sprintf("%s -> %s in %.0f ms", line, outcome, duration * 1000))
}

# A hash that tells one token from another and gives neither away.
mask <- function(token) {
  paste0("***sha256:", substr(openssl::sha256(token), 1, 8))
}

# A function, because R prints of it no more than its source.
new_secret <- function(value, mask) {
  force(value)
  structure(function() value, mask = mask, class = c("oauth_secret", "oauth_masked"))
}

format.oauth_secret <- function(x, ...) {
  attr(x, "mask")
}

format.oauth_token <- function(x, ...) {
  left <- sprintf("expires_in=%.0f", seconds_left(x))
  scope <- paste(x$scope, collapse = " ")
  sprintf("<oauth_token> %s, %s, scope=%s", format(x$access_token), left, scope)
}

format.token_client <- function(x, ...) {
  token <- if (is.null(x$token)) "none" else format(x$token)
  secret <- if (is.null(x$client_secret)) "none" else format(x$client_secret)
  sprintf("<token_client> client_id=%s, client_secret=%s, token=%s", x$client_id, secret, token)
}

print.oauth_masked <- function(x, ...) {
  writeLines(format(x))
  invisible(x)
}

str.oauth_masked <- function(object, ...) {
  cat("", format(object), "\n")
}

toString.oauth_masked <- as.character.oauth_masked <- function(x, ...) {
  format(x)
}
