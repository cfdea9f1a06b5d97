# SPDX-License-Identifier: MIT-0
#
# An OAuth 2.0 client that keeps one token: gets it, renews it when it is due, and sends requests
# with it. Copy this file and build on it. Needs R 4.1, curl 5.0.0, jsonlite and openssl; for a
# person's login also httpuv.
#
# In short, with settings from OAUTH_ISSUER, OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, API_URL ...:
# > source("token_client.R")
# > client <- token_client()
# > api_request(client, "GET", "v1/ticketing/catalogs/")$body

# Seconds for a whole exchange, a trickling body included.
time_limit <- 30

# Seconds from the start of a login in which the person has to come back.
login_limit <- 300

# Seconds to wait for the lock of the token file: longer than another one's renewal may take.
lock_limit <- 60

# Bytes of a decoded body, and of a token file.
size_limit <- 1024^2

# Seconds before its end at which a token is renewed; a tenth of its lifetime where that is less.
renewal_margin <- 30

# Seconds that the server's clock may differ from this one, when an ID token is judged.
clock_tolerance <- 30

# The pool in which all exchanges of all clients run side by side.
exchanges <- curl::new_pool(total_con = 200L, host_con = 100L)

# What is asked about again and again until it is done: locks, and the listeners of logins.
under_way <- new.env(parent = emptyenv())
under_way$waits <- list()

# Public: settings ---------------------------------------------------------------------------------

#' A client for one token. Sends nothing yet.
#'
#' @param issuer,token_url Issuer URL for discovery, or the token endpoint, which wins. The latter
#'   may hold the credentials: "https://id:secret@host/token".
#' @param refresh_url Where refresh requests go; default: the token endpoint.
#' @param client_id,client_secret The client's credentials. A login needs no secret (RFC 8252, 8.4).
#' @param client_auth "basic", "post" or "none" (RFC 6749, 2.3.1); default: what discovery says,
#'   else "basic"; "none" without a secret.
#' @param scope Space-separated; not sent when empty.
#' @param api_url Base of the protected API. The token goes to its origin only.
#' @param grant "client_credentials" (RFC 6749, 4.4), "authorization_code" for a person's login
#'   (4.1), or "password" (4.3), which is for legacy servers only.
#' @param authorize_url,userinfo_url,jwks_url Further endpoints; default: what discovery says.
#' @param username,password For the grant "password".
#' @param redirect_port Port of a login's listener on 127.0.0.1; default: any free one.
#' @param token_file Where tokens are kept, in the format of docs/token-file.md; default: nowhere.
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
  authorize_url = Sys.getenv("OAUTH_AUTHORIZE_URL"),
  userinfo_url = Sys.getenv("OAUTH_USERINFO_URL"),
  jwks_url = Sys.getenv("OAUTH_JWKS_URL"),
  username = Sys.getenv("OAUTH_USERNAME"),
  password = Sys.getenv("OAUTH_PASSWORD"),
  redirect_port = Sys.getenv("OAUTH_REDIRECT_PORT"),
  token_file = Sys.getenv("OAUTH_TOKEN_FILE"),
  debug = Sys.getenv("OAUTH_DEBUG") == "1"
) {
  urls <- list(
    issuer = issuer,
    token_url = token_url,
    refresh_url = refresh_url,
    authorize_url = authorize_url,
    userinfo_url = userinfo_url,
    jwks_url = jwks_url,
    api_url = api_url
  )
  urls <- lapply(urls, non_empty)
  in_url <- credentials_in(urls$token_url)
  urls["token_url"] <- list(in_url$url)
  client_auth <- non_empty(c(non_empty(client_auth), if (!is.null(in_url$secret)) "basic")[1])
  client_id <- non_empty(c(non_empty(client_id), in_url$id)[1])
  # A secret belongs to the id that it stands beside.
  if (!identical(client_id, in_url$id)) {
    in_url$secret <- NULL
  }
  client_secret <- non_empty(c(non_empty(client_secret), in_url$secret)[1])
  username <- non_empty(username)
  password <- non_empty(password)
  is_login <- identical(grant, "authorization_code")
  is_public <- identical(client_auth, "none") || (is_login && is.null(client_auth))
  insecure <- names(Filter(function(url) !is.null(url) && is.null(secure_url(url)), urls))
  port <- if (identical(redirect_port, "")) 0 else suppressWarnings(as.numeric(redirect_port))
  wrong <- c(
    if (is.null(urls$issuer) && is.null(urls$token_url)) "issuer or token_url is missing",
    if (is_login && is.null(urls$issuer) && is.null(urls$authorize_url)) {
      "issuer or authorize_url is missing"
    },
    if (is.null(client_id)) "client_id is missing",
    if (is.null(client_secret) && !is_public) "client_secret is missing",
    if (!is.null(client_secret) && identical(client_auth, "none")) {
      "client_secret is set, but client_auth is none"
    },
    if (!is.null(client_auth) && !client_auth %in% c("basic", "post", "none")) {
      "client_auth must be basic, post or none"
    },
    if (!isTRUE(grant %in% c("client_credentials", "authorization_code", "password"))) {
      "grant must be client_credentials, authorization_code or password"
    },
    if (identical(grant, "password") && is.null(username)) "username is missing",
    if (identical(grant, "password") && is.null(password)) "password is missing",
    if (!isTRUE(port %in% 0:65535)) "redirect_port must be a port number",
    sprintf("%s must be an https URL, or http on loopback", insecure)
  )
  if (length(wrong)) {
    stop(new_oauth_error("config_error", paste("settings:", paste(wrong, collapse = ", "))))
  }
  client <- list2env(urls, parent = emptyenv())
  client$grant <- grant
  client$client_id <- client_id
  client$client_secret <- if (!is.null(client_secret)) new_secret(client_secret, "***")
  client$client_auth <- if (is.null(client_secret)) "none" else client_auth
  client$scope <- scope_words(non_empty(scope))
  client$username <- username
  client$password <- if (!is.null(password)) new_secret(password, "***")
  client$redirect_port <- port
  client$token_file <- if (!is.null(non_empty(token_file))) absolute_path(token_file)
  client$key <- store_key(client)
  client$debug <- isTRUE(debug)
  # What is learnt and got later.
  client$metadata <- NULL
  client$keys <- NULL
  client$keys_pause_ends <- 0
  client$token <- NULL
  client$login <- NULL
  client$waiting <- list()
  client$handles <- list()
  client$lock <- NULL
  client$unsaved <- NULL
  client$warned <- character()
  client$has_looked <- FALSE
  client$has_tidied <- FALSE
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
#'   `login_required`, `metadata_error`, `invalid_id_token`, `invalid_response`, `rate_limited`,
#'   `unavailable`, `timeout`, `network` or `tls`. They hold `error_class` (that word),
#'   `http_status`, and the server's `oauth_error` and `oauth_description` (RFC 6749, 5.2), each
#'   `NULL` if there is none.
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

#' Begins to log a person in (RFC 6749, 4.1, with PKCE), and ends a login that is under way. Listens
#' on 127.0.0.1 from now on, and opens no browser: `utils::browseURL()` does.
#'
#' @param client From `token_client(grant = "authorization_code")`.
#' @return The URL to send the person to. It belongs on their screen and not into a log.
#' @section Errors: `oauth_config_error`, also for a busy port; those of discovery.
begin_login <- function(client) {
  wait_for(client, function(then) start_login(client, then))
}

#' Waits for the person, redeems the code and verifies the ID token. Possible once for each login.
#'
#' @param client From `token_client()`, after `begin_login()`.
#' @param callback_url Where the browser was sent back to, if the person brings it; else the
#'   listener is waited for, until 300 seconds after the login began.
#' @return A token, as `get_token()`.
#' @section Errors: As `get_token()`; also `oauth_state_mismatch`, `oauth_issuer_mismatch`;
#'   `oauth_timeout` when nobody came back; `oauth_login_required` without a login to finish.
finish_login <- function(client, callback_url = NULL) {
  wait_for(client, function(then) start_finish(client, then, callback_url))
}

#' Gives up a login that is under way, and closes its port.
cancel_login <- function(client) {
  end_login(client, "the login was cancelled")
}

#' What UserInfo says about the person who logged in (OpenID Connect Core 1.0, 5.3).
#'
#' @param client From `token_client()`, with "openid" in its scope.
#' @return A named list of claims, as they came.
#' @section Errors: As `get_token()`; also `oauth_config_error` without an ID token,
#'   `oauth_invalid_userinfo` for an answer about somebody else, `oauth_unauthorized` and
#'   `oauth_forbidden` for 401 and 403.
user_info <- function(client) {
  wait_for(client, function(then) start_user_info(client, then))
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

#' Waits until something is done, and goes on with it. The plain functions call this themselves; who
#' uses the `start_` functions calls it again and again.
#'
#' @param seconds To wait at most; 0 for not at all.
service <- function(seconds = 1) {
  polled <- character()
  for (wait in under_way$waits) {
    # A thousand callers who wait for one file are one poller: the others are not asked.
    is_first <- !wait$file %in% polled
    polled <- c(polled, wait$file)
    if (wait$is_over(is_first)) {
      under_way$waits <- Filter(function(other) !identical(other, wait), under_way$waits)
    }
  }
  if (length(under_way$waits)) {
    # Not in step with others who wait. runif() would use up numbers of the caller's random seed.
    seconds <- min(seconds, 0.005 + 0.015 * openssl::rand_num(1))
  }
  if (length(curl::multi_list(exchanges))) {
    curl::multi_run(timeout = seconds, poll = TRUE, pool = exchanges)
  } else if (length(under_way$waits)) {
    Sys.sleep(seconds)
  }
  invisible()
}

#' Starts what `get_token()` does and returns at once, or after calling `then`.
#'
#' @param then Gets the token, or the condition that `get_token()` would signal. Must not fail.
start_token <- function(client, then, min_validity = 0, force_refresh = FALSE) {
  if (!force_refresh && is_fit(client$token, min_validity)) {
    return(then(client$token))
  }
  # One renewal at a time. Who comes while it is under way gets its result, or its error.
  share(client, "renewal", then, function(then) renew(client, force_refresh, min_validity, then))
}

#' Starts what `begin_login()` does and returns at once, or after calling `then`.
#'
#' @param then Gets the URL, or the condition that `begin_login()` would signal. Must not fail.
start_login <- function(client, then) {
  end_login(client, "another login was begun")
  if (client$grant != "authorization_code") {
    return(then(new_oauth_error("config_error", "settings: grant is not authorization_code")))
  }
  with_metadata(
    client,
    if_ok(then, function(metadata) {
      with_endpoint(client, "authorize_url", then, function(endpoint) {
        then(attempt(listen(client, endpoint, isTRUE(metadata$names_issuer))))
      })
    })
  )
}

#' Starts what `finish_login()` does and returns at once, or after calling `then`.
#'
#' @param then Gets the token, or the condition that `finish_login()` would signal. Must not fail.
start_finish <- function(client, then, callback_url = NULL) {
  login <- client$login
  if (is.null(login) || login$is_finished) {
    none <- "there is no login to finish: none was begun, or it has ended"
    return(then(new_oauth_error("login_required", none)))
  }
  login$is_finished <- TRUE
  login$then <- if_ok(then, function(code) redeem(client, login, code, then))
  if (!is.null(callback_url)) {
    login$outcome <- attempt(read_callback(login, pasted_query(callback_url)))
    close_listener(login)
  }
  if (is.null(login$server)) {
    hand_over(login)
  }
}

#' Starts what `user_info()` does and returns at once, or after calling `then`.
#'
#' @param then Gets the claims, or the condition that `user_info()` would signal. Must not fail.
start_user_info <- function(client, then) {
  ask <- function(token) {
    if (is.null(token$id_token) || is.null(client$issuer)) {
      why <- "UserInfo is compared with an ID token: issuer, and openid in scope, are needed"
      return(then(new_oauth_error("config_error", why)))
    }
    subject <- claims_of(reveal(token$id_token))[["sub"]]
    with_endpoint(client, "userinfo_url", then, function(url) {
      # The token goes into the header only (RFC 6750, 2.1).
      bearer <- paste("Bearer", reveal(token$access_token))
      headers <- c(Accept = "application/json", Authorization = bearer)
      judge <- if_ok(then, function(answer) then(attempt(judge_user_info(client, answer, subject))))
      start_exchange(client, "GET", url, headers, judge)
    })
  }
  start_token(client, if_ok(then, ask))
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
        start_token(client, second_try, force_refresh = is_same(token, client$token))
      })
    )
  }
  if_ok(then, function(request) start_token(client, if_ok(then, first_try)))(request)
}

# Renewing -----------------------------------------------------------------------------------------

# All of it happens under the lock of the token file, where there is one: what stands there may be
# newer, and a refresh token must not be sent by two processes.
renew <- function(client, force_refresh, min_validity, then) {
  under_lock(client, then, function(then) {
    known <- client$token
    held <- stored(client)
    token <- client$token <- held$token
    is_newer <- !is.null(token) && !is_same(token, known)
    is_wanted <- is_newer && (!is.null(known) || !force_refresh)
    if (is_wanted && is_fit(token, min_validity)) {
      then(token)
    } else if (can_refresh(token)) {
      refresh(client, held, then)
    } else {
      start_over(client, held, then)
    }
  })
}

start_over <- function(client, held, then) {
  form <- switch(
    client$grant,
    # RFC 6749, 4.4.2.
    client_credentials = c(grant_type = "client_credentials"),
    # RFC 6749, 4.3.2.
    password = c(
      grant_type = "password",
      username = client$username,
      password = reveal(client$password)
    )
  )
  # Only the person can start over, and nothing opens a browser unasked.
  if (is.null(form)) {
    return(then(new_oauth_error("login_required", "nobody is logged in")))
  }
  form <- c(form, scope = joined(client$scope))
  keep <- if_ok(then, function(token) then(keep_token(client, token, held)))
  request_token(client, form, keep, scope = client$scope)
}

refresh <- function(client, held, then) {
  token <- held$token
  if (client$debug && !is.null(held$entry[["refresh_sent_at"]])) {
    message("a refresh was sent before whose answer nobody has seen: it may have been accepted")
  }
  held <- mark_refresh(client, held)
  # RFC 6749, 6. Without a scope the new token may do what the old one might.
  form <- c(grant_type = "refresh_token", refresh_token = reveal(token$refresh_token))
  judge <- function(result) {
    if (inherits(result, "oauth_invalid_grant")) {
      keep_token(client, NULL, held)
      # The file may have been written, so what stands there is read again.
      start_over(client, stored(client), function(again) then(explain(again, result)))
    } else if (is_error(result)) {
      # Without an answer nobody knows whether the refresh token is spent: then the mark stays.
      if (!result$unanswered) {
        keep_token(client, token, held)
      }
      then(result)
    } else {
      then(keep_token(client, go_on_from(token, result), held))
    }
  }
  request_token(client, form, judge, scope = token$scope, previous = token)
}

# Why a login is over: what the server said to the refresh.
explain <- function(result, refusal) {
  if (!inherits(result, "oauth_login_required")) {
    return(result)
  }
  why <- paste0(result$problem, "; ", refusal$problem)
  said <- refusal[c("http_status", "oauth_error", "oauth_description")]
  do.call(new_oauth_error, c("login_required", why, said))
}

request_token <- function(client, form, then, scope, previous = NULL, nonce = NULL) {
  verify <- if_ok(then, function(token) verify_id_token(client, token, nonce, previous, then))
  with_endpoint(client, "token_url", then, function(url) {
    is_refresh <- form[["grant_type"]] == "refresh_token"
    if (is_refresh && !is.null(client$refresh_url)) {
      url <- client$refresh_url
    }
    headers <- c(Accept = "application/json", `Content-Type` = "application/x-www-form-urlencoded")
    method <- authentication_method(client)
    if (method == "basic") {
      headers <- c(headers, Authorization = paste("Basic", basic_credentials(client)))
    } else {
      secret <- if (method == "post") reveal(client$client_secret)
      form <- c(form, client_id = client$client_id, client_secret = secret)
    }
    read <- function(answer) verify(attempt(read_token(client, answer, scope)))
    start_exchange(client, "POST", url, headers, if_ok(then, read), form = form)
  })
}

authentication_method <- function(client) {
  methods <- client$metadata$auth_methods
  if (!is.null(client$client_auth)) {
    client$client_auth
  } else if (length(methods) && !"client_secret_basic" %in% methods) {
    "post"
  } else {
    "basic" # what a server takes that does not say (RFC 8414, 2)
  }
}

read_token <- function(client, answer, asked_scope) {
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
  # Keycloak says 0 when it knows no end.
  refresh_lifetime <- seconds_in(json[["refresh_expires_in"]])
  granted <- non_empty(json[["scope"]])
  new_token(
    access_token = access_token,
    scope = if (is.null(granted)) asked_scope else scope_words(granted),
    issued_at = answer$issued_at,
    lifetime = seconds_in(json[["expires_in"]]),
    refresh_token = non_empty(json[["refresh_token"]]),
    refresh_lifetime = if (refresh_lifetime > 0) refresh_lifetime else Inf,
    id_token = non_empty(json[["id_token"]]),
    sent_at = answer$sent_at
  )
}

# `issued_at` is on the wall clock, for the token file; `sent_at` is the same moment on `clock()`.
new_token <- function(
  access_token,
  scope,
  issued_at,
  lifetime,
  refresh_token,
  refresh_lifetime,
  id_token,
  sent_at
) {
  hidden <- function(value) if (!is.null(value)) new_secret(value, mask(value))
  structure(
    list(
      access_token = hidden(access_token),
      token_type = "Bearer",
      scope = scope,
      has_refresh_token = !is.null(refresh_token),
      has_id_token = !is.null(id_token),
      refresh_token = hidden(refresh_token),
      refresh_ends_at = issued_at + refresh_lifetime,
      refresh_ends = sent_at + refresh_lifetime,
      id_token = hidden(id_token),
      issued_at = issued_at,
      sent_at = sent_at,
      lifetime = lifetime
    ),
    class = c("oauth_token", "oauth_masked")
  )
}

# What a refreshed token takes over: the old refresh token stays in use if there is no new one
# (RFC 6749, 6), and so does the ID token (OpenID Connect Core 1.0, 12.2).
go_on_from <- function(before, token) {
  kept <- c(
    if (!token$has_refresh_token) {
      c("has_refresh_token", "refresh_token", "refresh_ends_at", "refresh_ends")
    },
    if (!token$has_id_token) c("has_id_token", "id_token")
  )
  token[kept] <- unclass(before)[kept]
  token
}

is_same <- function(token, other) {
  !is.null(token) &&
    !is.null(other) &&
    identical(reveal(token$access_token), reveal(other$access_token))
}

can_refresh <- function(token) {
  !is.null(token$refresh_token) && clock() < token$refresh_ends
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

# Seconds since 1970.
wall_clock <- function() {
  as.numeric(Sys.time())
}

# Discovery ----------------------------------------------------------------------------------------

# An endpoint, as it is set or as the issuer's metadata has it.
with_endpoint <- function(client, name, then, continue) {
  if (!is.null(client[[name]])) {
    return(continue(client[[name]]))
  }
  found <- function(metadata) {
    url <- metadata[[name]]
    if (!is.null(url)) {
      return(continue(url))
    }
    error_class <- if (name == "token_url") "metadata_error" else "config_error"
    where <- if (is.null(client$issuer)) "settings" else paste("metadata of", client$issuer)
    then(new_oauth_error(error_class, sprintf("%s: %s is missing", where, name)))
  }
  with_metadata(client, if_ok(then, found))
}

# OpenID Connect Discovery 1.0, 4. Asked for once; an empty list without an issuer.
with_metadata <- function(client, then) {
  if (is.null(client$issuer)) {
    return(then(list()))
  }
  if (!is.null(client$metadata)) {
    return(then(client$metadata))
  }
  url <- paste0(sub("/$", "", client$issuer), "/.well-known/openid-configuration")
  share(client, "discovery", then, function(then) {
    start_exchange(client, "GET", url, c(Accept = "application/json"), function(answer) {
      if (inherits(answer, "oauth_invalid_response")) {
        answer <- new_oauth_error("metadata_error", answer$problem, answer$http_status)
      }
      then(if (is_error(answer)) answer else attempt(read_metadata(client, answer)))
    })
  })
}

read_metadata <- function(client, answer) {
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
  endpoint <- function(name) {
    value <- metadata[[name]]
    url <- secure_url(non_empty(value))
    is_weaker <- !is.null(url) &&
      parse_url(client$issuer)$scheme == "https" &&
      parse_url(url)$scheme != "https"
    if (!is.null(value) && (is.null(url) || is_weaker)) {
      unusable(sprintf("its %s is no https URL", name))
    }
    url
  }
  texts <- function(name) {
    as.character(Filter(is.character, metadata[[name]]))
  }
  client$metadata <- list(
    token_url = endpoint("token_endpoint"),
    authorize_url = endpoint("authorization_endpoint"),
    userinfo_url = endpoint("userinfo_endpoint"),
    jwks_url = endpoint("jwks_uri"),
    auth_methods = texts("token_endpoint_auth_methods_supported"),
    id_token_algorithms = texts("id_token_signing_alg_values_supported"),
    # RFC 9207, 3.
    names_issuer = isTRUE(metadata[["authorization_response_iss_parameter_supported"]])
  )
}

# Logging a person in ------------------------------------------------------------------------------

# Opens the port of a new login and makes its URL (RFC 6749, 4.1.1).
listen <- function(client, endpoint, names_issuer) {
  if (!requireNamespace("httpuv", quietly = TRUE)) {
    stop(new_oauth_error("config_error", "a login needs the package httpuv"))
  }
  login <- new.env(parent = emptyenv())
  login$state <- unguessable()
  login$nonce <- if ("openid" %in% client$scope) unguessable()
  login$issuer <- client$issuer
  login$names_issuer <- names_issuer
  login$verifier <- new_secret(unguessable(), "***")
  login$is_finished <- FALSE
  app <- list(call = function(request) answer_browser(login, request))
  # Loopback only (RFC 8252, 8.3). httpuv does not tell which port the system chose, and its own
  # randomPort() would use up numbers of the caller's random seed.
  ports <- client$redirect_port
  if (ports == 0) {
    ports <- 49152 + floor(11848 * openssl::rand_num(20))
  }
  for (port in ports) {
    login$server <- tryCatch(
      httpuv::startServer("127.0.0.1", port, app, quiet = TRUE),
      error = function(e) NULL
    )
    if (!is.null(login$server)) break
  }
  if (is.null(login$server)) {
    busy <- sprintf("redirect_port: port %d on 127.0.0.1 is in use or cannot be opened", port)
    stop(new_oauth_error("config_error", busy))
  }
  login$host <- sprintf("127.0.0.1:%d", port)
  login$redirect_uri <- sprintf("http://%s/callback", login$host)
  ends <- clock() + login_limit
  until(client, function(is_first) {
    httpuv::service(NA)
    if (is.null(login$outcome) && clock() > ends) {
      nobody <- sprintf("login: nobody came back from the browser within %.0f s", login_limit)
      login$outcome <- new_oauth_error("timeout", nobody)
      login$closes <- clock()
    }
    # httpuv sends the page from a thread of its own, after the fact.
    is_answered <- !is.null(login$server) && !is.null(login$outcome)
    if (is_answered && clock() >= login$closes) {
      close_listener(login)
      hand_over(login)
    }
    is.null(login$server)
  })
  client$login <- login
  authorization_url(client, endpoint, login)
}

# Gives the outcome of an ended login to who finishes it, if somebody does by now.
hand_over <- function(login) {
  then <- login$then
  login$then <- NULL
  if (!is.null(then)) {
    then(login$outcome)
  }
}

close_listener <- function(login) {
  if (!is.null(login$server)) {
    login$server$stop()
    login$server <- NULL
  }
}

end_login <- function(client, why) {
  login <- client$login
  client$login <- NULL
  if (is.null(login)) {
    return(invisible())
  }
  close_listener(login)
  if (is.null(login$outcome)) {
    login$outcome <- new_oauth_error("login_required", why)
  }
  hand_over(login)
  invisible()
}

authorization_url <- function(client, endpoint, login) {
  parameters <- c(
    response_type = "code",
    client_id = client$client_id,
    redirect_uri = login$redirect_uri,
    scope = joined(client$scope),
    state = login$state,
    nonce = login$nonce,
    # RFC 7636, 4.2 and 4.3.
    code_challenge = base64url(openssl::sha256(charToRaw(reveal(login$verifier)))),
    code_challenge_method = "S256"
  )
  # The endpoint's own query stays (RFC 6749, 3.1), but no parameter occurs twice.
  parts <- strsplit(sub("#.*", "", endpoint), "?", fixed = TRUE)[[1]]
  query <- strsplit(paste(parts[-1], collapse = "?"), "&", fixed = TRUE)[[1]]
  own <- query[nzchar(query) & !form_decode(sub("=.*", "", query)) %in% names(parameters)]
  ours <- paste0(names(parameters), "=", curl::curl_escape(utf8(parameters)))
  paste0(parts[1], "?", paste(c(own, ours), collapse = "&"))
}

# 32 random bytes (RFC 7636, 4.1; RFC 6749, 10.10), in characters that a URL takes as they are.
unguessable <- function() {
  base64url(openssl::rand_bytes(32))
}

# One request to the login's port: one of them is its callback, all others are none of its business.
answer_browser <- function(login, request) {
  stray <- function(status, text, headers = NULL) page(status, "Not a login", text, headers)
  # A page whose name was pointed at 127.0.0.1 (DNS rebinding) says so in Host.
  if (!identical(request$HTTP_HOST, login$host)) {
    return(stray(400L, "This address belongs to a login."))
  }
  if (request$PATH_INFO != "/callback") {
    return(stray(404L, "Nothing is here."))
  }
  if (request$REQUEST_METHOD != "GET") {
    return(stray(405L, "Only GET is answered here.", c(Allow = "GET")))
  }
  query <- query_values(request$QUERY_STRING)
  if (!has_state(login, query)) {
    return(stray(400L, "This does not belong to the login that is under way. It goes on."))
  }
  # The state is spent, and with it the code (RFC 6749, 4.1.2).
  if (!is.null(login$outcome)) {
    return(stray(410L, "This login was answered before. Close this window."))
  }
  login$outcome <- attempt(read_callback(login, query))
  login$closes <- clock() + 0.1
  if (is_error(login$outcome)) {
    page(400L, "The login failed", conditionMessage(login$outcome))
  } else {
    page(200L, "You have logged in", "Close this window and go back to the program.")
  }
}

# The page's address holds the code: it must not reach a cache, a Referer or anything that the page
# would load (RFC 9700, 4.2.4).
page <- function(status, title, text, headers = NULL) {
  text <- utf8(text)
  for (character in c("&", "<", ">", "\"", "'")) {
    text <- gsub(character, sprintf("&#%d;", utf8ToInt(character)), text, fixed = TRUE)
  }
  html <- "<!doctype html><html lang=\"en\"><title>%s</title><h1>%s</h1><p>%s</p></html>"
  list(
    status = status,
    headers = as.list(c(
      `Content-Type` = "text/html; charset=utf-8",
      `Content-Security-Policy` = "default-src 'none'",
      `Cache-Control` = "no-store",
      `Referrer-Policy` = "no-referrer",
      `X-Content-Type-Options` = "nosniff",
      Connection = "close",
      headers
    )),
    body = charToRaw(sprintf(html, title, title, text))
  )
}

pasted_query <- function(callback_url) {
  callback_url <- trimws(utf8(callback_url))
  if (!grepl("^https?://", callback_url)) {
    # It is not quoted: a code may be in it.
    stop(new_oauth_error("invalid_response", "callback: it is no URL"))
  }
  query_values(sub("#.*", "", sub("^[^?]*", "", callback_url)))
}

# The parameters of a callback, with names. Those that occur twice are there twice.
query_values <- function(query) {
  pieces <- strsplit(sub("^[?]", "", query), "&", fixed = TRUE)[[1]]
  pieces <- pieces[nzchar(pieces)]
  values <- form_decode(ifelse(grepl("=", pieces), sub("^[^=]*=", "", pieces), ""))
  structure(values, names = form_decode(sub("=.*", "", pieces)))
}

# Whether a callback belongs to this login (RFC 6749, 10.12). Digests are compared: how long that
# takes tells nothing about the state.
has_state <- function(login, query) {
  states <- query[names(query) == "state"]
  any(openssl::sha256(as.character(states)) == openssl::sha256(login$state))
}

# The code of a callback (RFC 6749, 4.1.2). Nothing in it is believed, an error neither, before it
# has shown whose answer to which login it is: any page can send a browser here.
read_callback <- function(login, query) {
  refuse <- function(error_class, why, ...) {
    stop(new_oauth_error(error_class, paste("callback:", why), ...))
  }
  if (!has_state(login, query)) {
    refuse("state_mismatch", "its state is missing or another login's")
  }
  known <- c("state", "iss", "error", "error_description", "code")
  query <- query[names(query) %in% known]
  twice <- unique(names(query)[duplicated(names(query))])
  if (length(twice)) {
    refuse("invalid_response", paste(toString(twice), "more than once"))
  }
  value <- function(name) non_empty(unname(query[name]))
  # RFC 9207, 2.4: as text, and in an error too.
  issuer <- value("iss")
  if (is.null(issuer) && login$names_issuer) {
    refuse("issuer_mismatch", sprintf("it names no issuer, but %s promises to", login$issuer))
  }
  if (!is.null(issuer) && !is.null(login$issuer) && issuer != login$issuer) {
    refuse("issuer_mismatch", sprintf("it is %s's, but %s was asked", cut(issuer), login$issuer))
  }
  error <- cut(value("error"))
  if (!is.null(error)) {
    description <- cut(value("error_description"))
    said <- paste(c(error, description), collapse = ": ")
    known <- error %in% names(class_of_callback_error)
    error_class <- if (known) class_of_callback_error[[error]] else "invalid_response"
    refuse(error_class, said, oauth_error = error, oauth_description = description)
  }
  code <- value("code")
  if (is.null(code)) {
    refuse("invalid_response", "neither a code nor an error")
  }
  code
}

# The one token request of a login (RFC 6749, 4.1.3; RFC 7636, 4.5). It is never repeated.
redeem <- function(client, login, code, then) {
  form <- c(
    grant_type = "authorization_code",
    code = code,
    redirect_uri = login$redirect_uri,
    code_verifier = reveal(login$verifier)
  )
  keep <- function(token) {
    under_lock(client, then, function(then) then(keep_token(client, token, stored(client))))
  }
  request_token(client, form, if_ok(then, keep), scope = client$scope, nonce = login$nonce)
}

# The ID token -------------------------------------------------------------------------------------

# Hands a token on if its ID token is good (OpenID Connect Core 1.0, 3.1.3.7 and 12.2): section
# numbers below are of that specification. `nonce` is the login's, `previous` what is refreshed.
verify_id_token <- function(client, token, nonce, previous, then) {
  refuse <- function(why) new_oauth_error("invalid_id_token", paste("ID token refused:", why))
  if (!token$has_id_token && !is.null(nonce)) {
    return(then(refuse("openid was asked for, and none came")))
  }
  # A service has no user, and nothing reads its ID token.
  if (!token$has_id_token || client$grant == "client_credentials") {
    return(then(token))
  }
  if (is.null(client$issuer)) {
    missing <- "settings: issuer is missing, and without it no ID token can be verified"
    return(then(if (is.null(nonce)) token else new_oauth_error("config_error", missing)))
  }
  jwt <- reveal(token$id_token)
  header <- jwt_part(jwt, 1)
  check <- function(keys) {
    wrong <- if (!any(vapply(keys, is_signed_by, NA, jwt = jwt))) {
      "no key of the issuer fits its signature"
    } else {
      wrong_in_claims(client, token, nonce, previous)
    }
    then(if (is.null(wrong)) token else refuse(wrong))
  }
  with_metadata(
    client,
    if_ok(then, function(metadata) {
      wrong <- wrong_in_header(header, metadata$id_token_algorithms)
      if (!is.null(wrong)) {
        return(then(refuse(wrong)))
      }
      with_keys(client, header[["kid"]], if_ok(then, check))
    })
  )
}

# 3.1.3.7, 7. RS256 is the one that every issuer has. With "none" there is no signature, and with
# HMAC whoever knows the public key could sign (RFC 8725, 2.1).
wrong_in_header <- function(header, allowed) {
  if (is.null(header)) {
    return("it is no signed JWT")
  }
  if (!length(allowed)) {
    allowed <- "RS256"
  }
  if (!identical(header[["alg"]], "RS256") || !"RS256" %in% allowed) {
    return(sprintf(
      "alg: expected RS256, and that the issuer lists it, seen %s",
      shown(header, "alg")
    ))
  }
  # RFC 7515, 4.1.11: no extension is understood here.
  if ("crit" %in% names(header)) "its header has critical extensions"
}

# The issuer's keys that may be meant (10.1): from its `jwks_uri` alone, for ten minutes, and asked
# for again when there is none of that name, once in 30 seconds: junk must not cost a request each.
with_keys <- function(client, kid, then) {
  fitting <- function() {
    Filter(function(key) is.null(kid) || identical(key$kid, kid), client$keys$keys)
  }
  if (!is.null(client$keys) && clock() < client$keys$until) {
    if (length(fitting()) || clock() < client$keys_pause_ends) {
      return(then(fitting()))
    }
    client$keys_pause_ends <- clock() + 30
  }
  with_endpoint(client, "jwks_url", then, function(url) {
    use <- function(answer) {
      keys <- if (answer$status == 200) json_object(answer$bytes)[["keys"]]
      if (!is.list(keys)) {
        return(then(answer_error("metadata_error", answer, "no JSON Web Key Set")))
      }
      # What is no key that is understood is left out (RFC 7517, 5).
      keys <- Filter(Negate(is.null), lapply(Filter(is_object, keys), rsa_key))
      client$keys <- list(keys = keys, until = clock() + 600)
      then(fitting())
    }
    start_exchange(client, "GET", url, c(Accept = "application/json"), if_ok(then, use))
  })
}

# A public key of a JSON Web Key (RFC 7518, 6.3.1), in the DER form that openssl reads (RFC 8017,
# A.1.1), or `NULL`.
rsa_key <- function(jwk) {
  modulus <- base64url_bytes(jwk[["n"]])
  exponent <- base64url_bytes(jwk[["e"]])
  is_for_signing <- identical(jwk[["kty"]], "RSA") &&
    (is.null(jwk[["use"]]) || identical(jwk[["use"]], "sig")) &&
    (is.null(jwk[["alg"]]) || identical(jwk[["alg"]], "RS256"))
  # 2048 bits at least (RFC 7518, 3.3).
  if (!is_for_signing || length(modulus) < 256 || length(exponent) == 0) {
    return(NULL)
  }
  der <- function(tag, ...) {
    content <- c(...)
    size <- length(content)
    length_bytes <- if (size < 128) size else c(0x82, size %/% 256, size %% 256)
    c(as.raw(c(tag, length_bytes)), content)
  }
  # A leading zero keeps a number from being read as negative.
  number <- function(bytes) der(0x02, as.raw(0), bytes)
  rsa_encryption <- as.raw(c(
    c(0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86),
    c(0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00)
  ))
  numbers <- der(0x30, number(modulus), number(exponent))
  info <- der(0x30, rsa_encryption, der(0x03, as.raw(0), numbers))
  key <- attempt(openssl::read_pubkey(info, der = TRUE))
  if (!is_error(key)) list(kid = jwk[["kid"]], key = key)
}

is_signed_by <- function(key, jwt) {
  parts <- strsplit(jwt, ".", fixed = TRUE)[[1]]
  signed <- charToRaw(paste(parts[1:2], collapse = "."))
  # A signature that does not fit is an error there.
  isTRUE(attempt(openssl::signature_verify(
    signed,
    base64url_bytes(parts[3]),
    hash = openssl::sha256,
    pubkey = key$key
  )))
}

# What is wrong with the claims; `NULL` if nothing is.
wrong_in_claims <- function(client, token, nonce, previous) {
  claims <- claims_of(reveal(token$id_token))
  if (is.null(claims)) {
    return("its payload is no JSON object")
  }
  now <- wall_clock()
  is_time <- function(name) is.numeric(claims[[name]]) && is.finite(claims[[name]])
  audience <- as.list(claims[["aud"]])
  needs_azp <- length(audience) > 1 || "azp" %in% names(claims)
  subject <- non_empty(claims[["sub"]])
  # 3.1.3.8.
  digest <- unclass(openssl::sha256(charToRaw(reveal(token$access_token))))
  at_hash <- base64url(digest[1:16])
  seen <- function(name) shown(claims, name)
  if (!identical(claims[["iss"]], client$issuer)) {
    sprintf("iss: expected %s, seen %s", client$issuer, seen("iss"))
  } else if (is.null(subject)) {
    "sub: expected a text, seen none"
  } else if (!length(audience) || !all(vapply(audience, identical, NA, client$client_id))) {
    sprintf("aud: expected %s and nobody else, seen %s", client$client_id, seen("aud"))
  } else if (needs_azp && !identical(claims[["azp"]], client$client_id)) {
    sprintf("azp: expected %s, seen %s", client$client_id, seen("azp"))
  } else if (!is_time("exp") || claims[["exp"]] + clock_tolerance <= now) {
    sprintf("exp: expected a time to come, seen %s at %.0f", seen("exp"), now)
  } else if (!is_time("iat") || claims[["iat"]] > now + clock_tolerance) {
    sprintf("iat: expected a time that is over, seen %s at %.0f", seen("iat"), now)
  } else if (claims[["iat"]] < now - 3600 - clock_tolerance) {
    sprintf("iat: expected a time of the last hour, seen %s at %.0f", seen("iat"), now)
  } else if (
    "nbf" %in% names(claims) && (!is_time("nbf") || claims[["nbf"]] > now + clock_tolerance)
  ) {
    sprintf("nbf: expected a time that is over, seen %s at %.0f", seen("nbf"), now)
  } else if (!is.null(nonce) && !identical(claims[["nonce"]], nonce)) {
    "nonce: expected the one that was sent"
  } else if ("at_hash" %in% names(claims) && !identical(claims[["at_hash"]], at_hash)) {
    "at_hash: it belongs to another access token"
  } else if (!is.null(previous$id_token)) {
    wrong_in_refresh(claims, claims_of(reveal(previous$id_token)))
  }
}

# 12.2: a refresh goes on with the same login. Who somebody is, is not shown.
wrong_in_refresh <- function(claims, before) {
  if (!identical(claims[["iss"]], before[["iss"]])) {
    "iss: another one than at the login"
  } else if (!identical(claims[["sub"]], before[["sub"]])) {
    "sub: somebody else than at the login"
  } else if (!setequal(as.list(claims[["aud"]]), as.list(before[["aud"]]))) {
    "aud: another one than at the login"
  } else if ("nonce" %in% names(claims) && !identical(claims[["nonce"]], before[["nonce"]])) {
    # It needs none. One where the login had none cannot be the login's.
    "nonce: another one than at the login"
  }
}

judge_user_info <- function(client, answer, subject) {
  status <- answer$status
  if (status != 200) {
    error_class <- if (status == 401) {
      "unauthorized"
    } else if (status == 403) {
      "forbidden"
    } else if (status == 429) {
      "rate_limited"
    } else if (status >= 500) {
      "unavailable"
    } else {
      "invalid_response"
    }
    # RFC 6750, 3.
    challenge <- bearer_challenge(answer)
    error <- printable(client, non_empty(challenge[["error"]]), NULL)
    description <- printable(client, non_empty(challenge[["error_description"]]), NULL)
    said <- paste(c(error, description), collapse = ": ")
    said <- if (nzchar(said)) said else "no claims"
    stop(answer_error(error_class, answer, said, error, description))
  }
  claims <- json_object(answer$bytes)
  if (is.null(claims)) {
    stop(answer_error("invalid_response", answer, "no JSON object"))
  }
  # 5.3.2: an answer about anybody else must not be used.
  if (!identical(non_empty(claims[["sub"]]), subject)) {
    stop(answer_error("invalid_userinfo", answer, "its sub is not that of the ID token"))
  }
  claims
}

claims_of <- function(jwt) {
  jwt_part(jwt, 2)
}

jwt_part <- function(jwt, part) {
  parts <- strsplit(jwt, ".", fixed = TRUE)[[1]]
  if (length(parts) == 3) json_object(base64url_bytes(parts[part]))
}

# A claim for a message.
shown <- function(claims, name) {
  value <- claims[[name]]
  if (is.null(value)) "none" else cut(jsonlite::toJSON(value, auto_unbox = TRUE, digits = NA))
}

# The token file -----------------------------------------------------------------------------------

# docs/token-file.md is its contract. One thing of it R cannot keep: there is no fsync() in base R,
# so after a power failure the file may be the old one, or a damaged one.

# Runs `work` with the lock of the token file, and lets go of it before `then` gets the result.
under_lock <- function(client, then, work) {
  if (is.null(client$token_file)) {
    return(work(then))
  }
  finish <- function(result) {
    # R would evaluate it, and with it the writing, only when it is used.
    force(result)
    release_lock(client)
    then(result)
  }
  take_lock(
    client,
    if_ok(then, function(lock) {
      client$lock <- lock
      tryCatch(work(finish), error = finish)
    })
  )
}

# The token that is kept, and the entry of the file that it is from.
stored <- function(client) {
  if (is.null(client$token_file)) {
    return(list(token = client$token))
  }
  entry <- read_token_file(client)$file[["tokens"]][[client$key]]
  # What could not be stored is newer than what stands there still.
  if (!is.null(client$unsaved) && identical(client$unsaved$entry, entry)) {
    return(list(token = client$token, entry = entry))
  }
  good <- good_entry(entry)
  if (!is.null(entry) && is.null(good)) {
    warn_of_damage(client, "has a damaged entry")
  }
  list(token = if (!is.null(good)) token_of(good, client$token), entry = entry)
}

# Stores a token before it is used; none removes the entry. A file that cannot be written costs
# nobody the token: the client goes on from memory.
keep_token <- function(client, token, held) {
  client$unsaved <- NULL
  if (!is.null(client$token_file)) {
    problem <- attempt(replace_entry(client, held$entry, if (!is.null(token)) entry_of(token)))
    if (is_error(problem)) {
      client$unsaved <- list(entry = held$entry)
      warn(client, paste("the token is not stored:", conditionMessage(problem)))
    }
  }
  client$token <- token
}

# The write-ahead mark: whoever finds it knows that the refresh token may be spent. Where it cannot
# be written, nothing is sent.
mark_refresh <- function(client, held) {
  if (!is.null(client$token_file)) {
    entry <- c(entry_of(held$token), list(refresh_sent_at = wall_clock()))
    held$entry <- replace_entry(client, held$entry, entry)
    client$unsaved <- NULL
  }
  held
}

entry_of <- function(token) {
  time <- function(seconds) if (is.finite(seconds)) seconds
  text <- function(secret) if (!is.null(secret)) reveal(secret)
  entry <- list(
    access_token = reveal(token$access_token),
    token_type = "Bearer",
    scope = joined(token$scope),
    issued_at = token$issued_at,
    expires_at = time(token$issued_at + token$lifetime),
    refresh_token = text(token$refresh_token),
    refresh_expires_at = if (token$has_refresh_token) time(token$refresh_ends_at),
    id_token = text(token$id_token)
  )
  Filter(Negate(is.null), entry)
}

# Times of the file are on the wall clock; a token of this process knows its own age better.
token_of <- function(entry, known) {
  issued_at <- as.numeric(entry$issued_at)
  lifetime <- function(end) if (is.null(end)) Inf else max(0, end - issued_at)
  token <- new_token(
    access_token = entry$access_token,
    scope = scope_words(entry$scope),
    issued_at = issued_at,
    lifetime = lifetime(entry$expires_at),
    refresh_token = entry$refresh_token,
    refresh_lifetime = lifetime(entry$refresh_expires_at),
    id_token = entry$id_token,
    sent_at = clock() - max(0, wall_clock() - issued_at)
  )
  if (is_same(token, known)) {
    token$sent_at <- known$sent_at
  }
  token
}

# The key of an entry: five percent-encoded parts. Scopes are sorted by code point.
store_key <- function(client) {
  server <- if (is.null(client$issuer)) client$token_url else client$issuer
  user <- if (client$grant == "password") client$username else ""
  scopes <- sort(unique(client$scope), method = "radix")
  parts <- curl::curl_escape(utf8(c(server, client$client_id, client$grant, user)))
  paste(c(parts, paste(curl::curl_escape(scopes), collapse = "+")), collapse = " ")
}

# Reading it needs no lock: it is always whole.
read_token_file <- function(client) {
  path <- client$token_file
  if (!client$has_looked) {
    client$has_looked <- TRUE
    tighten_folder(client)
  }
  bytes <- read_private(client, path)
  content <- if (is.null(bytes)) list(kind = "whole", file = empty_file) else parse_file(bytes)
  if (content$kind == "foreign") {
    stop_config("%s is a file of %s, and stays as it is", path, content$found)
  }
  if (content$kind == "damaged") {
    warn_of_damage(client, "is damaged")
    content$file <- empty_file
  }
  content
}

empty_file <- list(
  format = "polyglot-tokens",
  version = 1,
  tokens = structure(list(), names = character())
)

# What the bytes of a token file are: "whole", "damaged", or "foreign" (another's or a later one's).
parse_file <- function(bytes) {
  damaged <- list(kind = "damaged")
  mark <- as.raw(c(0xef, 0xbb, 0xbf))
  if (length(bytes) >= 3 && identical(bytes[1:3], mark)) {
    bytes <- bytes[-(1:3)]
  }
  if (length(bytes) > size_limit || any(bytes == 0) || !validUTF8(rawToChar(bytes))) {
    return(damaged)
  }
  # What `touch` and `mktemp` leave.
  if (all(bytes %in% charToRaw(" \t\r\n"))) {
    return(list(kind = "whole", file = empty_file))
  }
  file <- json_object(bytes)
  version <- file[["version"]]
  if (is.null(file) || !is.character(file[["format"]])) {
    damaged
  } else if (file[["format"]] != "polyglot-tokens") {
    list(kind = "foreign", found = paste("format", cut(file[["format"]])))
  } else if (!is.numeric(version) && !is.character(version)) {
    damaged
  } else if (!is.numeric(version) || version != 1) {
    list(kind = "foreign", found = paste("version", cut(as.character(version))))
  } else if (!is_object(file[["tokens"]]) || is_deeper(file, 32)) {
    damaged
  } else {
    list(kind = "whole", file = file)
  }
}

is_object <- function(json) {
  is.list(json) && !is.null(names(json))
}

is_deeper <- function(json, levels) {
  is.list(json) && (levels == 0 || any(vapply(json, is_deeper, NA, levels - 1)))
}

# The known members of an entry; `NULL` for a damaged one, and for none.
good_entry <- function(entry) {
  if (!is_object(entry)) {
    return(NULL)
  }
  entry <- Filter(Negate(is.null), entry[names(entry) %in% entry_members])
  is_text <- function(value) is.character(value) && nzchar(value)
  is_time <- function(value) is.numeric(value) && is.finite(value)
  texts <- entry[names(entry) %in% c("access_token", "refresh_token", "id_token")]
  times <- entry[grepl("_at$", names(entry))]
  is_good <- all(c("access_token", "token_type", "issued_at") %in% names(entry)) &&
    all(vapply(texts, is_text, NA), vapply(times, is_time, NA)) &&
    identical(tolower(non_empty(entry[["token_type"]])), "bearer") &&
    (is.null(entry[["scope"]]) || is.character(entry[["scope"]]))
  if (is_good) {
    entry[["token_type"]] <- "Bearer"
    entry
  }
}

entry_members <- c(
  c("access_token", "token_type", "scope", "issued_at", "expires_at", "refresh_token"),
  c("refresh_expires_at", "id_token", "refresh_sent_at")
)

# Writes the file with another entry, or without it, if it still holds the one that was read.
replace_entry <- function(client, before, entry) {
  path <- client$token_file
  content <- read_token_file(client)
  now <- content$file[["tokens"]][[client$key]]
  if (!identical(now, before)) {
    theirs <- sprintf("%s: somebody else has stored another token meanwhile", path)
    stop(new_oauth_error("unavailable", theirs))
  }
  if (is.null(entry) && is.null(now)) {
    return(NULL)
  }
  file <- with_entry(content$file, client$key, entry)
  bytes <- charToRaw(paste0(to_json(file), "\n"))
  if (length(bytes) > size_limit) {
    stop_config("%s would become larger than 1 MiB", path)
  }
  if (!holds_lock(client$lock)) {
    stop(new_oauth_error("unavailable", sprintf("%s: its lock is gone", path)))
  }
  was_good <- content$kind == "whole" && (is.null(now) || !is.null(good_entry(now)))
  temporary <- sprintf("%s.tmp.%d-%s", path, Sys.getpid(), random_text())
  on.exit(remove_file(temporary))
  write_new(temporary, bytes)
  if (!was_good) {
    remove_file(paste0(path, ".damaged"))
    link_file(path, paste0(path, ".damaged"))
  }
  reason <- tryCatch(
    if (file.rename(temporary, path)) NULL else "no reason given",
    warning = conditionMessage
  )
  if (!is.null(reason)) {
    stop_config("cannot write %s: %s", path, reason)
  }
  # As it will be read again.
  json_object(bytes)[["tokens"]][[client$key]]
}

# The file with another entry. Members that are not known stay, in the file and in the entry.
with_entry <- function(file, key, entry) {
  tokens <- file[["tokens"]]
  before <- tokens[[key]]
  tokens <- tokens[names(tokens) != key]
  if (!is.null(entry)) {
    unknown <- if (is_object(before)) before[!names(before) %in% entry_members]
    tokens[[key]] <- c(entry, unknown)
  }
  file[["tokens"]] <- tokens
  file
}

# jsonlite writes 15 digits, and 17 is what a number may need to stay the same.
to_json <- function(value) {
  number <- function(x) {
    short <- sprintf("%.15g", x)
    structure(if (as.numeric(short) == x) short else sprintf("%.17g", x), class = "json")
  }
  value <- rapply(value, number, classes = c("numeric", "integer"), how = "replace")
  utf8(jsonlite::toJSON(value, auto_unbox = TRUE, null = "null", json_verbatim = TRUE, pretty = 2))
}

# The bytes of a file that only its owner may read; `NULL` if there is none.
read_private <- function(client, path) {
  # Following it would put tokens, and a lock that nobody else sees, where nobody wants them.
  if (is_link(path)) {
    stop_config("%s is a symbolic link; name the token file itself", path)
  }
  info <- file.info(path)
  if (is.na(info$mode)) {
    return(NULL)
  }
  # R cannot tell a pipe from a file, and opening it would wait for ever; its size is always 0.
  is_file <- !info$isdir && (info$size > 0 || system2("test", c("-f", shQuote(path))) == 0)
  if (!is_file) {
    stop_config("%s is not a file", path)
  }
  if (is_open_to_others(info)) {
    Sys.chmod(path, "0600", use_umask = FALSE)
    was <- sprintf("%s was open to others (mode %s); its mode is 0600 now", path, octal(info))
    warn(client, was)
  }
  bytes <- read_bytes(path, size_limit + 1)
  if (is.null(bytes) && file.exists(path)) {
    stop_config("cannot read %s", path)
  }
  bytes
}

read_bytes <- function(path, most = 4096) {
  tryCatch(readBin(path, "raw", most), error = function(e) NULL, warning = function(e) NULL)
}

# Makes a file that nobody else can read at any moment, and that was not there before.
write_new <- function(path, bytes) {
  umask <- Sys.umask("177")
  on.exit(Sys.umask(umask))
  reason <- tryCatch(
    {
      connection <- file(path, "wxb")
      writeBin(bytes, connection)
      close(connection)
      NULL
    },
    error = conditionMessage,
    warning = conditionMessage
  )
  # Of a full disk R says nothing.
  if (!is.null(reason) || !identical(file.info(path)$size, as.numeric(length(bytes)))) {
    remove_file(path)
    stop_config("cannot write %s: %s", path, c(reason, "the disk may be full")[1])
  }
}

# Whether there is a new hard link; not if something of that name was there.
link_file <- function(from, to) {
  # R gives a reason in the person's language only, and who was there may be gone a moment later.
  for (attempt in 1:10) {
    if (suppressWarnings(file.link(from, to))) {
      return(TRUE)
    }
    if (file.exists(to)) {
      return(FALSE)
    }
  }
  stop_config("cannot make %s: the folder may be read-only, or have no hard links", to)
}

remove_file <- function(path) {
  suppressWarnings(file.remove(path))
}

# A missing folder is made for the owner alone. One that evidently is for tokens is tightened; any
# other, such as a project's, stays as it is.
make_folder <- function(folder) {
  umask <- Sys.umask("077")
  on.exit(Sys.umask(umask))
  dir.create(folder, showWarnings = FALSE, recursive = TRUE, mode = "0700")
  if (!dir.exists(folder)) {
    stop_config("cannot make the folder %s", folder)
  }
}

tighten_folder <- function(client) {
  folder <- dirname(real_path(client$token_file))
  info <- file.info(folder)
  if (is.na(info$mode) || !is_open_to_others(info)) {
    return(invisible())
  }
  # Whatever this process makes belongs to its user; R does not tell the user's number.
  is_own <- identical(info$uid, file.info(tempdir())$uid)
  is_special <- bitwAnd(as.integer(info$mode), strtoi("7000", 8)) > 0
  if (is_own && !is_special && is_for_tokens(folder)) {
    Sys.chmod(folder, "0700", use_umask = FALSE)
    was <- sprintf("%s was open to others (mode %s); its mode is 0700 now", folder, octal(info))
    warn(client, was)
  } else {
    cure <- "keep the token file in a folder of its own, with mode 0700"
    warn(client, sprintf("%s is open to others (mode %s): %s", folder, octal(info), cure))
  }
}

# Nothing in it but whole token files, and names that belong to one.
is_for_tokens <- function(folder) {
  if (folder %in% c("/", normalizePath("~", mustWork = FALSE))) {
    return(FALSE)
  }
  names <- list.files(folder, all.files = TRUE, no.. = TRUE)
  names <- unique(sub("[.](damaged|lock([.].*)?|tmp[.].*)$", "", names))
  is_whole <- function(path) {
    info <- file.info(path)
    # Missing is fine: what belongs to it was there.
    !is_link(path) &&
      (is.na(info$mode) ||
        (!info$isdir &&
          info$size > 0 &&
          identical(parse_file(read_bytes(path, size_limit + 1))$kind, "whole")))
  }
  all(vapply(file.path(folder, names), is_whole, NA))
}

is_link <- function(path) {
  !Sys.readlink(path) %in% c("", NA)
}

is_open_to_others <- function(info) {
  bitwAnd(as.integer(info$mode), strtoi("077", 8)) > 0
}

octal <- function(info) {
  sprintf("%04o", as.integer(info$mode))
}

# One file has one lock, by whatever path its folder is reached.
real_path <- function(path) {
  file.path(normalizePath(dirname(path), mustWork = FALSE), basename(path))
}

# Bytes as they are: in the C locale R would write a name in UTF-8 with <U+00E9>.
absolute_path <- function(path) {
  path <- utf8(path)
  Encoding(path) <- "unknown"
  path <- path.expand(path)
  if (startsWith(path, "/")) path else file.path(getwd(), path)
}

warn_of_damage <- function(client, how) {
  path <- client$token_file
  kept <- sprintf("counts as empty, and is kept as %s.damaged when it is replaced", path)
  warn(client, sprintf("%s %s, %s", path, how, kept))
}

# Each warning once.
warn <- function(client, what) {
  if (!what %in% client$warned) {
    client$warned <- c(client$warned, what)
    warning(what, call. = FALSE, immediate. = TRUE)
  }
}

stop_config <- function(...) {
  stop(new_oauth_error("config_error", utf8(sprintf(...))))
}

# Its lock -----------------------------------------------------------------------------------------

# Takes the lock that all languages share, and waits for it while another process has it.
take_lock <- function(client, then) {
  since <- clock()
  random <- random_text()
  file <- NULL
  start <- function() {
    make_folder(dirname(client$token_file))
    file <<- real_path(client$token_file)
    lock <- list(path = paste0(file, ".lock"), text = own_text(random))
    # Under its name it appears only when it is complete.
    lock$mine <- sprintf("%s.%d-%s", lock$path, Sys.getpid(), random)
    write_new(lock$mine, lock$text)
    lock
  }
  lock <- attempt(start())
  if (is_error(lock)) {
    return(then(lock))
  }
  end <- function(result) {
    remove_file(lock$mine)
    then(result)
    TRUE
  }
  is_over <- function(is_first) {
    has_it <- if (is_first) attempt(try_lock(lock$path, lock$mine)) else FALSE
    if (is_error(has_it)) {
      end(has_it)
    } else if (has_it) {
      attempt(tidy(client, file))
      end(lock)
    } else if (clock() - since >= lock_limit) {
      end(lock_timeout(file))
    } else {
      FALSE
    }
  }
  others <- vapply(under_way$waits, function(wait) identical(wait$file, file), NA)
  if (!is_over(!any(others))) {
    until(client, is_over, file)
  }
}

try_lock <- function(path, mine) {
  repeat {
    if (link_file(mine, path)) {
      return(TRUE)
    }
    if (!remove_if_dead(path, mine)) {
      return(FALSE)
    }
  }
}

holds_lock <- function(lock) {
  !is.null(lock) && identical(read_bytes(lock$path), lock$text)
}

release_lock <- function(client) {
  lock <- client$lock
  client$lock <- NULL
  if (holds_lock(lock)) {
    remove_file(lock$path)
  }
}

lock_timeout <- function(file) {
  holder <- parse_holder(read_bytes(paste0(file, ".lock")))
  who <- if (is.null(holder)) "another process" else paste("process", holder$pid)
  held <- sprintf("the lock of %s is held by %s (for more than %.0f s)", file, who, lock_limit)
  new_oauth_error("timeout", held)
}

# Removes a lock, or a claim on one, whose process is dead, if nobody else does; then it is worth
# while to try again at once. Looking and removing are two steps, and a lock that somebody has taken
# in between must not go: so only who holds the claim on exactly this dead text removes it.
remove_if_dead <- function(path, mine) {
  text <- read_bytes(path)
  if (is.null(text)) {
    return(TRUE)
  }
  holder <- parse_holder(text)
  if (!is_dead(holder, sight(holder$pid))) {
    return(FALSE)
  }
  claim <- paste0(path, ".break-", if (is.null(holder)) "damaged" else holder$random)
  # A claim is a lock of its own: a dead one is removed in the same way.
  if (!link_file(mine, claim)) {
    return(remove_if_dead(claim, mine))
  }
  if (identical(read_bytes(path), text)) {
    remove_file(path)
  }
  remove_file(claim)
  TRUE
}

# Removes what killed processes have left. Only who holds the lock does.
tidy <- function(client, file) {
  if (client$has_tidied) {
    return(invisible())
  }
  client$has_tidied <- TRUE
  folder <- dirname(file)
  for (name in list.files(folder, all.files = TRUE)) {
    path <- file.path(folder, name)
    if (startsWith(path, paste0(file, ".tmp."))) {
      remove_file(path)
    } else if (startsWith(path, paste0(file, ".lock.break-"))) {
      remove_if_dead(path, paste0(file, ".lock"))
    } else if (startsWith(path, paste0(file, ".lock."))) {
      holder <- parse_holder(read_bytes(path))
      # It may be half written: then the process of its name has to do.
      if (is.null(holder)) {
        pid <- sub("^.*[.]([0-9]{1,9})-[^.]*$", "\\1", path)
        holder <- if (pid != path) list(pid = as.numeric(pid), start = "0")
      }
      if (!is.null(holder) && is_dead(holder, sight(holder$pid))) {
        remove_file(path)
      }
    }
  }
}

# Who wrote a lock's text, "<pid> <start time> <random>", with further words of later versions;
# `NULL` for a damaged one.
parse_holder <- function(bytes) {
  text <- attempt(rawToChar(bytes))
  pattern <- "^([1-9][0-9]{0,9}) ([0-9]{1,20}) ([0-9A-Za-z]{8,32})( [^\n]*)?\n?\\z"
  words <- if (is.character(text)) {
    regmatches(text, regexec(pattern, text, perl = TRUE, useBytes = TRUE))[[1]]
  }
  if (length(words) && as.numeric(words[2]) <= 2147483647) {
    list(pid = as.numeric(words[2]), start = words[3], random = words[4])
  }
}

# `seen` is what `sight()` says of the holder's process.
is_dead <- function(holder, seen) {
  if (is.null(holder) || identical(seen, "gone")) {
    return(TRUE)
  }
  # Killed, but nobody has waited for it, or another process with the same number.
  is.list(seen) &&
    (seen$state %in% c("Z", "X") || (holder$start != "0" && holder$start != seen$start))
}

# State and start of a process, "gone", or "unknown" if it lives and nothing else can be learnt.
sight <- function(pid) {
  if (is.null(pid)) {
    return("gone")
  }
  stat <- process_stat(pid)
  # Of another user's process a signal learns nothing here, but /proc shows it.
  if (is.null(stat)) {
    return(if (tools::pskill(as.integer(pid), 0L)) "unknown" else "gone")
  }
  stat
}

# Fields 3 and 22 of /proc/<pid>/stat, counted after the name in parentheses, which may hold spaces.
process_stat <- function(pid) {
  bytes <- read_bytes(sprintf("/proc/%.0f/stat", pid))
  if (length(bytes)) {
    after <- sub("^.*[)] ", "", rawToChar(bytes), useBytes = TRUE)
    fields <- strsplit(after, " ", fixed = TRUE, useBytes = TRUE)[[1]]
    list(state = fields[1], start = fields[20])
  }
}

own_text <- function(random) {
  own <- process_stat(Sys.getpid())
  start <- if (is.null(own)) "0" else own$start
  charToRaw(sprintf("%d %s %s", Sys.getpid(), start, random))
}

# 64 bits.
random_text <- function() {
  paste(openssl::rand_bytes(8), collapse = "")
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
  issued_at <- wall_clock()
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
    client$handles <- Filter(function(other) !identical(other, handle), client$handles)
    if (client$debug) {
      log_exchange(what, form, result, clock() - sent_at)
    }
    then(result)
  }
  client$handles <- c(client$handles, list(handle))
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
        issued_at = issued_at,
        form = form,
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
    late <- sprintf("%s: no whole answer within %.0f s", what, time_limit)
    new_oauth_error("timeout", late, unanswered = TRUE)
  } else if (grepl("ssl|tls|certificate", reason) && !grepl("ssl_(read|write)", reason)) {
    new_oauth_error("tls", sprintf("%s: certificate or handshake refused", what))
  } else {
    broken <- sprintf("%s: no connection, or a broken one", what)
    was_sent <- !grepl("failed to connect|(couldn't|could not) (connect|resolve)", reason)
    new_oauth_error("network", broken, unanswered = was_sent)
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

# The parameters of the Bearer challenge (RFC 9110, 11.6.1; RFC 6750, 3) by name, or `NULL`. Of
# several it is the first with an error. Reads 8 KiB at most.
bearer_challenge <- function(answer) {
  lines <- unlist(answer$headers[tolower(names(answer$headers)) == "www-authenticate"])
  header <- substr(utf8_body(charToRaw(paste(lines, collapse = ", "))), 1, 8192)
  quoted <- '"(?:[^"\\\\]|\\\\.)*+'
  word <- "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
  equals <- "[ \t]*=[ \t]*"
  # A word with its value if it has one, a quotation that belongs to no word, or a comma.
  piece <- sprintf('%s(?:%s(?:%s"|[^\\s,"]*))?|%s"?|,', word, equals, quoted, quoted)
  challenges <- list()
  starts_element <- TRUE
  for (piece in regmatches(header, gregexpr(piece, header, perl = TRUE))[[1]]) {
    if (piece == "," || startsWith(piece, '"')) {
      starts_element <- starts_element || piece == ","
      next
    }
    name <- tolower(regmatches(piece, regexpr(word, piece, perl = TRUE)))
    if (grepl(equals, substring(piece, nchar(name) + 1), perl = TRUE)) {
      last <- max(1, length(challenges))
      if (!length(challenges)) {
        challenges[[1]] <- list(scheme = "")
      }
      value <- sub(paste0("^", word, equals), "", piece, perl = TRUE)
      if (startsWith(value, '"')) {
        value <- gsub("\\\\(.)", "\\1", substr(value, 2, nchar(value) - 1), perl = TRUE)
      }
      if (!name %in% names(challenges[[last]]$parameters)) {
        challenges[[last]]$parameters[[name]] <- value
      }
    } else if (starts_element) {
      # Elsewhere a word is no scheme but a token68, or what should have been quoted.
      challenges[[length(challenges) + 1]] <- list(scheme = name)
    }
    starts_element <- FALSE
  }
  has_error <- vapply(challenges, function(one) !is.null(non_empty(one$parameters[["error"]])), NA)
  scheme <- vapply(challenges, `[[`, "", "scheme")
  # django-oidc-provider leaves the scheme out; it knows no other.
  best <- c(
    which(scheme == "bearer" & has_error),
    which(scheme == "bearer"),
    which(scheme == "" & has_error)
  )
  if (length(best)) challenges[[best[1]]]$parameters
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
  # Nobody must wait for what an interrupt (Ctrl-C) has left undone.
  on.exit(if (is.null(result)) abandon(client))
  start(function(value) result <<- value)
  while (is.null(result)) {
    service()
  }
  if (is_error(result)) stop(result) else result
}

# The first caller starts a piece of work; those who come while it is under way share its result.
share <- function(client, work, then, start) {
  client$waiting[[work]] <- c(client$waiting[[work]], then)
  if (length(client$waiting[[work]]) == 1) {
    start(function(result) {
      force(result)
      waiting <- client$waiting[[work]]
      client$waiting[[work]] <- NULL
      for (then in waiting) {
        then(result)
      }
    })
  }
}

# Has `service()` ask `is_over` until that is true. With a `file` it is also told whether it is the
# first of those who wait for that file.
until <- function(client, is_over, file = NULL) {
  wait <- list(client = client, is_over = is_over, file = file)
  under_way$waits <- c(under_way$waits, list(wait))
}

abandon <- function(client) {
  for (handle in client$handles) {
    curl::multi_cancel(handle)
  }
  client$handles <- list()
  client$waiting <- list()
  under_way$waits <- Filter(function(wait) !identical(wait$client, client), under_way$waits)
  end_login(client, "it was interrupted")
  release_lock(client)
}

# Errors -------------------------------------------------------------------------------------------

advice <- c(
  config_error = "check the settings",
  invalid_client = "check client_id, client_secret and client_auth",
  invalid_grant = "ask for a new token",
  invalid_scope = "check scope",
  access_denied = "ask the person, or the operator of the server",
  login_required = "log in with begin_login() and finish_login()",
  state_mismatch = "begin a new login",
  issuer_mismatch = "begin a new login, and check issuer",
  invalid_id_token = "check issuer, client_id and the clock, and begin a new login",
  invalid_userinfo = "use none of its claims, and begin a new login",
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

# Where a challenge says more than the class does (RFC 6750, 3.1).
advice_on_challenge <- c(
  invalid_token = "the token has expired, was revoked or comes from another issuer",
  insufficient_scope = "ask for a scope that allows this"
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

# RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6.
class_of_callback_error <- c(
  access_denied = "access_denied",
  invalid_scope = "invalid_scope",
  login_required = "login_required",
  interaction_required = "login_required",
  consent_required = "login_required",
  account_selection_required = "login_required",
  temporarily_unavailable = "unavailable",
  server_error = "unavailable",
  unauthorized_client = "invalid_client"
)

# `unanswered`: the request may have been sent, and no answer came.
new_oauth_error <- function(
  error_class,
  problem,
  http_status = NULL,
  oauth_error = NULL,
  oauth_description = NULL,
  unanswered = FALSE
) {
  what_to_do <- if (is.null(oauth_error) || !oauth_error %in% names(advice_on_challenge)) {
    advice[[error_class]]
  } else {
    advice_on_challenge[[oauth_error]]
  }
  structure(
    class = c(paste0("oauth_", error_class), "oauth_error", "error", "condition"),
    list(
      message = sprintf("%s: %s; %s", error_class, problem, what_to_do),
      call = NULL, # a call may hold a secret
      error_class = error_class,
      problem = problem,
      http_status = http_status,
      oauth_error = oauth_error,
      oauth_description = oauth_description,
      unanswered = unanswered
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
  description <- if (!is.null(error)) {
    printable(client, non_empty(json[["error_description"]]), answer$form)
  }
  error_class <- if (answer$status == 429) {
    "rate_limited"
  } else if (answer$status >= 500) {
    "unavailable"
  } else if (!is.null(error) && error %in% names(class_of_oauth_error)) {
    class_of_oauth_error[[error]]
  } else {
    "invalid_response"
  }
  error <- printable(client, error, answer$form)
  said <- if (is.null(error)) "no OAuth error" else paste(c(error, description), collapse = ": ")
  answer_error(error_class, answer, said, error, description)
}

# A server's text, without the secrets that it may have echoed.
printable <- function(client, said, form) {
  if (is.null(said)) {
    return(NULL)
  }
  known <- list(client$client_secret, client$token$refresh_token, client$token$access_token)
  known <- vapply(Filter(Negate(is.null), known), reveal, "")
  if (!is.null(client$client_secret)) {
    known <- c(known, basic_credentials(client))
  }
  secret <- c("password", "refresh_token", "code", "code_verifier", "client_secret")
  known <- unique(c(known, form[names(form) %in% secret]))
  for (secret in known) {
    said <- gsub(secret, "***", said, fixed = TRUE)
    said <- gsub(form_encode(secret), "***", said, fixed = TRUE)
  }
  cut(said)
}

# One line of 200 characters at most.
cut <- function(said) {
  if (!is.null(said)) substr(gsub("\\p{Cc}", " ", said, perl = TRUE), 1, 200)
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

# The other way round. A text in R can hold no NUL, and none is meant.
form_decode <- function(x) {
  x <- gsub("%00", "?", gsub("+", " ", x, fixed = TRUE), fixed = TRUE)
  iconv(curl::curl_unescape(x), "UTF-8", "UTF-8", sub = "?")
}

# Base64 for URLs, without padding (RFC 4648, 5).
base64url <- function(bytes) {
  sub("=+$", "", chartr("+/", "-_", openssl::base64_encode(bytes)))
}

# No bytes for what is none.
base64url_bytes <- function(text) {
  if (is.null(non_empty(text)) || !grepl("^[A-Za-z0-9_-]+\\z", text, perl = TRUE)) {
    return(raw())
  }
  padding <- strrep("=", -nchar(text) %% 4)
  openssl::base64_decode(paste0(chartr("-_", "+/", text), padding))
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

# The URL without its credentials, and these, percent-decoded. They belong into the Authorization
# header (RFC 9110, 4.2.4).
credentials_in <- function(url) {
  parts <- regmatches(url, regexec("^(https?://)([^/?#]*)@(.*)$", url))
  if (length(parts) == 0 || length(parts[[1]]) == 0) {
    return(list(url = url))
  }
  parts <- parts[[1]]
  decode <- function(text) if (nzchar(text)) utf8(curl::curl_unescape(text))
  list(
    url = paste0(parts[2], parts[4]),
    id = decode(sub(":.*", "", parts[3])),
    secret = decode(sub("^[^:]*:?", "", parts[3]))
  )
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
      client_secret = ,
      password = "***",
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
