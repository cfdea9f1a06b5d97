# SPDX-License-Identifier: MIT-0
#
# Speaks the adapter protocol (docs/protocol.md) for token_client.R. No token logic of its own.
# Run: Rscript --vanilla conformance/adapter.R

script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])
script <- gsub("~+~", " ", script, fixed = TRUE) # how Rscript passes a space
source(file.path(dirname(script), "..", "token_client.R"))

# Settings come from the harness alone.
Sys.unsetenv(c("API_URL", grep("^OAUTH_", names(Sys.getenv()), value = TRUE)))

clients <- list()
ok <- list(outcome = "ok")

# Each method hands its result to `reply`, at once or later.
methods <- list(
  initialize = function(params, reply) {
    program <- list(name = "r", language = "R", runtime = R.version.string)
    client <- list(library = "token_client.R", version = "0.1.0")
    can <- c("client_credentials", "refresh", "discovery", "concurrent", "api_retry")
    reply(c(protocol_version = 1, program, client, list(capabilities = can)))
  },
  "client/open" = function(params, reply) {
    handle <- fit(params, "client", is.character)
    config <- fit(params, "config", \(x) {
      is.list(x) && all(names(x) %in% names(formals(token_client)))
    })
    client <- tryCatch(do.call(token_client, config), error = identity)
    reply(outcome(client, function() {
      clients[[handle]] <<- client
      show(client, client)
    }))
  },
  "token/get" = function(params, reply) {
    client <- clients[[fit(params, "client", is_open)]]
    min_validity <- fit(params, "min_validity", is.numeric, 0)
    force_refresh <- fit(params, "force_refresh", is.logical, FALSE)
    then <- function(token) {
      reply(outcome(token, function() {
        show(client, token)
        left <- seconds_left(token)
        c(
          token[c("token_type", "has_refresh_token", "has_id_token")],
          list(scope = I(token$scope), expires_in = if (is.finite(left)) left)
        )
      }))
    }
    start_token(client, then, min_validity, force_refresh)
  },
  "api/request" = function(params, reply) {
    method <- fit(params, "method", is.character)
    url <- fit(params, "url", is.character)
    headers <- fit(params, "headers", is.list, list())
    body <- fit(params, "body", function(body) is.null(body) || is.character(body))
    then <- \(answer) reply(outcome(answer, function() answer[c("status", "body")]))
    start_request(clients[[fit(params, "client", is_open)]], method, url, then, headers, body)
  },
  "client/close" = function(params, reply) {
    clients[[fit(params, "client", is_open)]] <<- NULL
    reply(ok)
  }
)

fit <- function(params, name, is_fit, default = NULL) {
  value <- if (is.null(params[[name]])) default else params[[name]]
  if (isTRUE(is_fit(value))) value else stop(rpc_error(-32602, paste("unfit parameter:", name)))
}

is_open <- function(handle) handle %in% names(clients)

outcome <- function(result, members) {
  if (inherits(result, "oauth_error")) {
    details <- result[c("message", "http_status", "oauth_error", "oauth_description")]
    error <- c(class = result$error_class, Filter(Negate(is.null), details))
    return(list(outcome = "error", error = error))
  }
  if (inherits(result, "error")) result else Filter(Negate(is.null), c(ok, members()))
}

show <- function(client, object) {
  if (client$debug) {
    writeLines(c(capture.output(object, str(object), dput(object)), paste(object)), stderr())
  }
}

rpc_error <- function(code, message) {
  structure(class = c("error", "condition"), list(message = message, call = NULL, code = code))
}

start_call <- function(line) {
  request <- jsonlite::parse_json(line)
  reply <- function(result) {
    answer <- list(jsonrpc = "2.0", id = request$id)
    if (inherits(result, "error")) {
      answer$error <- list(code = c(result$code, -32603)[1], message = conditionMessage(result))
    } else {
      answer$result <- result
    }
    # Bytes, because in the C locale R would write <U+00E9>.
    json <- enc2utf8(jsonlite::toJSON(answer, auto_unbox = TRUE, digits = NA))
    writeLines(json, stdout(), useBytes = TRUE)
    flush(stdout())
  }
  method <- c(methods[[request$method]], \(...) stop(rpc_error(-32601, "unknown method")))[[1]]
  tryCatch(method(request$params, reply), error = reply)
}

# R has one thread, so the next line and the exchanges of all clients are waited for together.
input <- processx::conn_create_fd(0L, encoding = "UTF-8", close = FALSE)
rest <- ""
repeat {
  sockets <- curl::multi_fdset(exchanges)
  limit <- if (sockets$timeout < 0) 1000 else min(sockets$timeout, 1000)
  ready <- processx::poll(list(input, processx::curl_fds(sockets)), as.integer(limit))
  curl::multi_run(timeout = 0, pool = exchanges)
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
