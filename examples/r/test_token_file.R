# SPDX-License-Identifier: MIT-0
# Plays the vectors of docs/token-file.md.
# Run: Rscript --vanilla test_token_file.R

source("token_client.R")

vectors <- jsonlite::parse_json(file(
  "../../packages/core/test/vectors/token-file.json",
  encoding = "UTF-8"
))
checks <- 0
failed <- 0

check <- function(name, ok) {
  checks <<- checks + 1
  if (!isTRUE(ok)) {
    failed <<- failed + 1
    message("failed: ", name)
  }
}

# JSON knows no order of members and one kind of number.
normal <- function(x) {
  if (is.integer(x)) {
    return(as.numeric(x))
  }
  if (!is.list(x)) {
    return(x)
  }
  x <- lapply(x, normal)
  if (is.null(names(x))) x else x[order(names(x))]
}

for (vector in vectors$keys) {
  parts <- vector$parts
  # Only the password grant has a user in its key; the vectors know others, too.
  grant <- if (is.null(parts$user)) parts$grant else "password"
  key <- store_key(list(
    issuer = parts$server,
    client_id = parts$client_id,
    grant = grant,
    username = parts$user,
    scope = scope_words(parts$scope)
  ))
  named <- paste0(" ", curl::curl_escape(parts$grant), " ")
  expected <- sub(named, paste0(" ", grant, " "), vector$key, fixed = TRUE)
  check(vector$name, identical(key, expected))
}

for (vector in vectors$files) {
  bytes <- if (is.null(vector$base64)) {
    charToRaw(enc2utf8(vector$text))
  } else {
    openssl::base64_decode(vector$base64)
  }
  read <- parse_file(bytes)
  check(vector$name, identical(read$kind, vector$outcome))
  for (key in if (vector$outcome == "whole") names(vector$tokens)) {
    entry <- read$file$tokens[[key]]
    good <- good_entry(entry)
    check(vector$name, identical(normal(good), normal(vector$tokens[[key]])))
    is_damaged <- !is.null(entry) && is.null(good)
    check(vector$name, identical(is_damaged, key %in% unlist(vector$damaged_entries)))
  }
}

for (vector in vectors$saves) {
  before <- parse_file(charToRaw(enc2utf8(vector$before)))$file
  after <- jsonlite::parse_json(to_json(with_entry(before, vector$key, vector$tokens)))
  check(vector$name, identical(normal(after), normal(vector$after)))
}

for (vector in vectors$locks) {
  dead <- is_dead(parse_holder(charToRaw(vector$text)), vector$process)
  check(vector$name, identical(dead, vector$verdict == "dead"))
}

cat(checks, "checks,", failed, "failed\n")
quit(status = if (failed == 0 && checks > 0) 0 else 1)
