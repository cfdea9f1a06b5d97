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

# Each method hands its result to `reply`, at once or later.
methods <- list(
  initialize = function(params, reply) {
    reply(list(
      protocol_version = 1,
      name = "r",
      language = "R",
      runtime = R.version.string,
      library = "token_client.R",
      version = "0.1.0",
      capabilities = c("client_credentials", "refresh", "discovery", "concurrent", "api_retry")
    ))
  },
  "client/open" = function(params, reply) {
    handle <- fit(params, "client", is.character)
    config <- fit(params, "config", function(x) all(names(x) %in% names(formals(token_client))))
    client <- tryCatch(do.call(token_client, config), error = identity)
    reply(outcome(client, function() {
      clients[[handle]] <<- client
      show(client, client)
    }))
  },
  "token/get" = function(params, reply) {
    client <- opened(params)
    min_validity <- fit(params, "min_validity", is.numeric, 0)
    force_refresh <- fit(params, "force_refresh", is.logical, FALSE)
    then <- function(token) {
      reply(outcome(token, function() {
        show(client, token)
        left <- seconds_left(token)
        list(
          token_type = token$token_type,
          scope = I(token$scope),
          expires_in = if (is.finite(left)) left,
          has_refresh_token = token$has_refresh_token,
          has_id_token = token$has_id_token
        )
      }))
    }
    start_token(client, then, min_validity, force_refresh)
  },
  "api/request" = function(params, reply) {
    client <- opened(params)
    method <- fit(params, "method", is.character)
    url <- fit(params, "url", is.character)
    headers <- fit(params, "headers", is.list, list())
    body <- fit(params, "body", is.character, NULL)
    then <- function(answer) reply(outcome(answer, function() answer[c("status", "body")]))
    start_request(client, method, url, then, headers, body)
  },
  "client/close" = function(params, reply) {
    opened(params)
    clients[[params$client]] <<- NULL
    reply(list(outcome = "ok"))
  }
)

fit <- function(params, name, is_fit, default) {
  if (!name %in% names(params) && !missing(default)) {
    return(default)
  }
  if (!name %in% names(params) || !is_fit(params[[name]])) {
    stop(rpc_error(-32602, paste("unfit parameter:", name)))
  }
  params[[name]]
}

opened <- function(params) {
  fit(params, "client", function(handle) handle %in% names(clients))
  clients[[params$client]]
}

outcome <- function(result, members) {
  if (inherits(result, "oauth_error")) {
    details <- result[c("message", "http_status", "oauth_error", "oauth_description")]
    error <- c(class = result$error_class, Filter(Negate(is.null), details))
    return(list(outcome = "error", error = error))
  }
  if (inherits(result, "error")) result else c(outcome = "ok", Filter(Negate(is.null), members()))
}

show <- function(client, object) {
  if (client$debug) {
    writeLines(c(capture.output(object, str(object), dput(object)), paste(object)), stderr())
  }
  list()
}

rpc_error <- function(code, message) {
  structure(class = c("error", "condition"), list(message = message, call = NULL, code = code))
}

start_call <- function(line) {
  request <- jsonlite::parse_json(line)
  reply <- function(result) {
    answer <- if (inherits(result, "error")) {
      code <- if (is.null(result$code)) -32603 else result$code
      list(error = list(code = code, message = conditionMessage(result)))
    } else {
      list(result = as.list(result))
    }
    answer <- c(jsonrpc = "2.0", id = request$id, answer)
    # Bytes, because in the C locale R would write <U+00E9>.
    json <- enc2utf8(jsonlite::toJSON(answer, auto_unbox = TRUE, digits = NA))
    writeLines(json, stdout(), useBytes = TRUE)
    flush(stdout())
  }
  if (!request$method %in% names(methods)) {
    return(reply(rpc_error(-32601, "unknown method")))
  }
  tryCatch(methods[[request$method]](request$params, reply), error = reply)
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
    for (line in lines[-length(lines)]) {
      start_call(line)
    }
  }
}
invisible(curl::multi_run(timeout = 2, pool = exchanges))
