# SPDX-License-Identifier: MIT-0
#
# Speaks the adapter protocol (docs/protocol.md) for token_client.R. No token logic of its own.
# Run: Rscript --vanilla conformance/adapter.R

source("token_client.R") # the harness starts an adapter in the implementation's folder
# Settings come from the harness alone.
Sys.unsetenv(c("API_URL", grep("^OAUTH_", names(Sys.getenv()), value = TRUE)))
can <- c("client_credentials", "password", "authorization_code", "openid", "refresh", "discovery")
can <- list(capabilities = c(can, "concurrent", "api_retry", "store", "shared_store"))
clients <- list()

# Each method hands its result to `reply`, at once or later.
methods <- list(
  initialize = function(params, reply) {
    program <- list(name = "r", language = "R", runtime = R.version.string)
    reply(c(protocol_version = 1, program, library = "token_client.R", version = "0.1.0", can))
  },
  "client/open" = function(params, reply) {
    handle <- fit(params, "client", is.character)
    config <- fit(params, "config", \(x) all(names(x) %in% names(formals(token_client))))
    client <- tryCatch(do.call(token_client, config), error = identity)
    reply(outcome(client, function() {
      clients[[handle]] <<- client
      show(client, client)
    }))
  },
  "token/get" = function(params, reply) {
    min_validity <- fit(params, "min_validity", is.numeric, 0)
    force_refresh <- fit(params, "force_refresh", is.logical, FALSE)
    start_token(opened(params), describe(params, reply), min_validity, force_refresh)
  },
  "api/request" = function(params, reply) {
    method <- fit(params, "method", is.character)
    url <- fit(params, "url", is.character)
    headers <- fit(params, "headers", is.list, list())
    body <- fit(params, "body", is_text_or_none)
    then <- \(answer) reply(outcome(answer, \() answer[c("status", "body")]))
    start_request(opened(params), method, url, then, headers, body)
  },
  "login/start" = function(params, reply) {
    start_login(opened(params), \(url) reply(outcome(url, \() list(authorization_url = url))))
  },
  "login/finish" = function(params, reply) {
    url <- fit(params, "callback_url", is_text_or_none)
    start_finish(opened(params), describe(params, reply), url)
  },
  "userinfo/get" = function(params, reply) {
    start_user_info(opened(params), \(claims) reply(outcome(claims, \() list(claims = claims))))
  },
  "client/close" = function(params, reply) {
    cancel_login(opened(params))
    clients[[params$client]] <<- NULL
    reply(list(outcome = "ok"))
  }
)

fit <- function(params, name, is_fit, default = NULL) {
  value <- if (is.null(params[[name]])) default else params[[name]]
  if (isTRUE(is_fit(value))) value else stop(rpc_error(-32602, paste("unfit parameter:", name)))
}

is_text_or_none <- function(x) is.null(x) || is.character(x)
opened <- function(params) clients[[fit(params, "client", \(handle) handle %in% names(clients))]]

describe <- function(params, reply) {
  client <- opened(params)
  members <- function(token) {
    show(client, token)
    more <- list(scope = I(token$scope), expires_in = seconds_left(token))
    c(token[c("token_type", "has_refresh_token", "has_id_token")], more[c(TRUE, more[[2]] < Inf)])
  }
  function(token) reply(outcome(token, \() members(token)))
}

outcome <- function(result, members) {
  if (!inherits(result, "oauth_error")) {
    done <- \() Filter(Negate(is.null), c(list(outcome = "ok"), members()))
    return(if (inherits(result, "error")) result else done())
  }
  details <- result[c("message", "http_status", "oauth_error", "oauth_description")]
  list(outcome = "error", error = c(class = result$error_class, Filter(Negate(is.null), details)))
}

show <- function(client, object) {
  lines <- \() c(capture.output(object, str(object), dput(object)), paste(object))
  if (client$debug) writeLines(lines(), stderr())
}

rpc_error <- function(code, message) {
  structure(class = c("error", "condition"), list(message = message, call = NULL, code = code))
}

start_call <- function(line) {
  request <- jsonlite::parse_json(line)
  reply <- function(result) {
    answer <- list(jsonrpc = "2.0", id = request$id)
    is_broken <- inherits(result, "error")
    answer$result <- if (!is_broken) result
    answer$error <- if (is_broken) c(code = c(result$code, -32603)[1], result["message"])
    # Bytes, because in the C locale R would write <U+00E9>.
    json <- enc2utf8(jsonlite::toJSON(answer, auto_unbox = TRUE, null = "null", digits = NA))
    writeLines(json, stdout(), useBytes = TRUE)
    flush(stdout())
  }
  method <- c(methods[[request$method]], \(...) stop(rpc_error(-32601, "unknown method")))[[1]]
  tryCatch(method(request$params, reply), error = reply)
}

# R has one thread, so the next line and all that is under way are waited for together.
input <- processx::conn_create_fd(0L, encoding = "UTF-8", close = FALSE)
rest <- ""
repeat {
  sockets <- curl::multi_fdset(exchanges)
  limits <- c(1000, if (length(under_way$waits)) 10, if (sockets$timeout >= 0) sockets$timeout)
  ready <- processx::poll(list(input, processx::curl_fds(sockets)), as.integer(min(limits)))
  service(0)
  if (ready[[1]] == "ready") {
    # By characters: conn_read_lines() of processx 3.8.0 hangs on a line over 64 KiB.
    chunk <- processx::conn_read_chars(input)
    if (!nzchar(chunk) && !processx::conn_is_incomplete(input)) {
      break
    }
    lines <- strsplit(paste0(rest, chunk, "."), "\n", fixed = TRUE)[[1]]
    rest <- sub(".$", "", lines[length(lines)])
    lapply(lines[-length(lines)], start_call)
  }
}
invisible(curl::multi_run(timeout = 2, pool = exchanges))
