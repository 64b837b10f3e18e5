// Small text tools of the configuration: what its values and its error lines are made of. Pure
// functions; texts from outside may hold anything.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

// A TOML basic string; always one line.
std::string Quoted(std::string_view text);

// The text of another's error, which may repeat any byte of a file: no control character is left.
std::string OneLine(std::string_view text);

// Text from outside as an error line shows it: quoted and, if it is a URL, without its password.
std::string Shown(std::string_view text);

// A decimal integer and nothing else; nothing if it is none or does not fit.
std::optional<int64_t> ParseInteger(std::string_view text);

// Bytes: "1048576", "64KiB" or "1 MiB"; nothing if it is no size or does not fit.
std::optional<int64_t> ParseSize(std::string_view text);

// What ParseSize reads, in the largest unit that divides it: "1MiB", "3KiB", "1000".
std::string SizeText(uint64_t bytes);

// The shortest text that reads back as the same double, always one of TOML's floats.
std::string FloatText(double value);

// Seconds since the Unix epoch, as RFC 3339 has them: "2026-01-31T08:00:00Z".
std::string TimeText(int64_t seconds);

// `"redis" or "memory"`; with more words, `"debug", "info" or "error"`.
std::string Alternatives(std::span<const std::string_view> words);

// `; did you mean "<name>"?` with the known name at most two edits from `word` (the nearest, the
// first of equals), or nothing where none is near.
std::string Suggestion(std::string_view word, std::span<const std::string_view> known);

// The URL of Redis or a database with *** for its password, for all before the '@' where it names
// no user, and for all behind "password=".
std::string HidePassword(std::string_view url);

}  // namespace sluice
