// The tree's rules as functions over paths and texts, so that they can be shown
// to fail on made-up trees before they are held against this one. Each returns a complaint a line;
// none means that the rule is kept. A path is relative to the tree's top and written with '/'.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::layout {

using Complaints = std::vector<std::string>;
using Paths = std::set<std::string>;

// What a folder may include besides itself; "record/record_sink.h" is that header alone.
inline const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"base", {}},
    {"hash", {"base"}},
    {"net", {"base"}},
    {"http", {"base"}},
    {"record", {"base"}},
    {"redis", {"hash", "net", "base", "record/record_sink.h", "record/batch_log.h"}},
    {"journal", {"hash", "net", "base", "record/batch_log.h"}},
    {"sql", {"base"}},
    {"archive", {"sql", "redis", "record", "hash", "net", "base"}},
    {"gateway", {"http", "record", "hash", "net", "base"}},
    {"metrics", {"base"}},
    {"server",
     {"gateway", "archive", "metrics", "redis", "journal", "sql", "http", "record", "hash", "net",
      "base"}},
    {"main", {"server", "base"}},  // src/main.cc, src/archive_main.cc
};

// Third-party headers and names, and the one folder that knows the library.
inline const std::map<std::string, std::string> kLibraryHeaders = {
    {"uv.h", "net"},
    {"uv/", "net"},
    {"llhttp.h", "http"},
    {"simdjson.h", "record"},
    {"hiredis/", "redis"},
    {"soci/", "sql"},
    {"prometheus/", "metrics"},
    {"toml++/", "server"},
    {"CLI/", "server"},
    {"spdlog/", "server"},
    {"systemd/", "net"},
    {"zlib.h", "http"},
    {"xxhash.h", "hash"},
    // libcrypto's digests are hash's, TLS is net's.
    {"openssl/sha.h", "hash"},
    {"openssl/ssl.h", "net"},
    {"openssl/bio.h", "net"},
    {"openssl/err.h", "net"},
    {"openssl/evp.h", "net"},
    {"openssl/pem.h", "net"},
    {"openssl/x509", "net"},
    {"openssl/rand.h", "net"},
    {"openssl/core_names.h", "net"},
    {"openssl/crypto.h", "hash"}};
inline const std::map<std::string, std::string> kLibraryNames = {
    {"uv_", "net"},    {"UV_", "net"},      {"sd_", "net"},           {"XXH", "hash"},
    {"soci::", "sql"}, {"llhttp_", "http"}, {"simdjson::", "record"}, {"SHA256", "hash"},
    {"SSL_", "net"},   {"BIO_", "net"},     {"X509_", "net"},         {"z_stream", "http"}};

// The C library's and Linux's own. Anything with a dot that is not here must be in kLibraryHeaders.
inline const std::vector<std::string> kSystemHeaders = {
    "arpa/",    "linux/",   "net/",     "netinet/",  "sys/",   "dirent.h",  "errno.h",
    "fcntl.h",  "getopt.h", "limits.h", "netdb.h",   "poll.h", "pthread.h", "sched.h",
    "signal.h", "stdlib.h", "string.h", "strings.h", "time.h", "unistd.h"};

inline std::string FolderOf(std::string_view path) {
  for (const std::string_view top : {"include/sluice/", "src/"}) {
    if (!path.starts_with(top)) continue;
    path.remove_prefix(top.size());
    const size_t slash = path.find('/');
    return slash != std::string_view::npos ? std::string(path.substr(0, slash)) : "main";
  }
  return "";
}

inline std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

inline std::string CheckOwnInclude(const std::string& folder, std::string_view target,
                                   bool is_private) {
  const std::string to(target.substr(0, target.find('/')));
  if (!kMayInclude.contains(to)) return "no such folder";
  if (to == folder) return "";
  const std::set<std::string>& allowed = kMayInclude.at(folder);
  if (!allowed.contains(to) && !allowed.contains(std::string(target))) return "not a lower layer";
  return is_private && folder != "main" ? "another folder's private header" : "";
}

inline std::string CheckForeignInclude(const std::string& folder, std::string_view target) {
  for (const auto& [prefix, owner] : kLibraryHeaders) {
    if (target.starts_with(prefix)) return owner == folder ? "" : "belongs to " + owner + " only";
  }
  if (target.find('.') == std::string_view::npos) return "";  // the C++ library's
  const bool known = std::any_of(kSystemHeaders.begin(), kSystemHeaders.end(),
                                 [&](const std::string& name) { return target.starts_with(name); });
  return known ? "" : "an unknown library: give it a folder in layout_rules.h";
}

inline Complaints CheckIncludes(const std::string& path, const std::string& text) {
  Complaints complaints;
  const std::string folder = FolderOf(path);
  if (!kMayInclude.contains(folder)) return {path + ": in no layer"};
  for (const std::string& line : Lines(text)) {
    const size_t open = line.find_first_of("<\"");
    if (!line.starts_with("#include") || open == std::string::npos) continue;
    const size_t close = line.find_last_of(">\"");
    std::string_view target = std::string_view(line).substr(open + 1, close - open - 1);
    const bool is_public = target.starts_with("sluice/");
    if (is_public) target.remove_prefix(std::string_view("sluice/").size());
    const bool is_own = is_public || (line[open] == '"' && !target.starts_with("hiredis/"));
    const std::string complaint =
        is_own ? CheckOwnInclude(folder, target, !is_public) : CheckForeignInclude(folder, target);
    if (!complaint.empty()) complaints.push_back(path + ": " + line + ": " + complaint);
  }
  return complaints;
}

inline bool Names(std::string_view line, const std::string& name) {
  line = line.substr(0, line.find("// "));
  for (size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
    const char before = at == 0 ? ' ' : line[at - 1];
    if (!std::isalnum(static_cast<unsigned char>(before)) && before != '_') return true;
  }
  return false;
}

inline Complaints CheckNames(const std::string& path, const std::string& text) {
  Complaints complaints;
  for (const std::string& line : Lines(text)) {
    if (line.starts_with("#include")) continue;
    for (const auto& [name, owner] : kLibraryNames) {
      if (owner == FolderOf(path) || !Names(line, name)) continue;
      complaints.push_back(path + ": " + line + ": " + name + " belongs to " + owner + " only");
    }
  }
  return complaints;
}

inline Complaints CheckShape(const std::string& path, const std::string& text) {
  Complaints complaints;
  const auto lines = std::count(text.begin(), text.end(), '\n');
  if (lines > 300) complaints.push_back(path + ": over 300 lines: a noun is hiding inside it");
  if (!path.ends_with(".h")) return complaints;
  if (!text.starts_with("// ")) complaints.push_back(path + ": opens with no contract");
  if (text.find("\n#pragma once\n") == std::string::npos) {
    complaints.push_back(path + ": no #pragma once");
  }
  return complaints;
}

// `commands` is CMake's compile_commands.json for a tree whose top is `top`.
inline Complaints CheckBuilt(const Paths& paths, const std::string& top,
                             const std::string& commands) {
  Complaints complaints;
  for (const std::string& path : paths) {
    if (!path.ends_with(".cc")) continue;
    if (commands.find("\"file\": \"" + top + "/" + path + "\"") == std::string::npos) {
      complaints.push_back(path + ": no target builds it");
    }
  }
  return complaints;
}

// Each source has its header, each unit test its source or header: same noun, same folder.
inline Complaints CheckMirror(const Paths& paths) {
  Complaints complaints;
  for (const std::string& path : paths) {
    const bool is_test = path.starts_with("tests/unit/");
    const bool is_source = path.starts_with("src/") && FolderOf(path) != "main";
    const std::string_view top = is_test ? "tests/unit/" : "src/";
    const std::string_view end = is_test ? "_test.cc" : ".cc";
    if (!(is_test || is_source) || !path.ends_with(end)) continue;
    const std::string noun = path.substr(top.size(), path.size() - top.size() - end.size());
    if (paths.contains("include/sluice/" + noun + ".h") || paths.contains("src/" + noun + ".h") ||
        (is_test && paths.contains("src/" + noun + ".cc"))) {
      continue;
    }
    complaints.push_back(path + ": no header of this noun in its folder");
  }
  return complaints;
}

inline Complaints CheckTopLevel(const Paths& names) {
  const Paths allowed = {"CMakeLists.txt", "Makefile", "README.md", "src",  "include",
                         "tests",          "perf",     "deploy",    "build"};  // build: git-ignored
  Complaints complaints;
  for (const std::string& name : names) {
    if (name.starts_with('.') || allowed.contains(name)) continue;
    complaints.push_back(name + ": not at the top level");
  }
  return complaints;
}

}  // namespace sluice::layout
