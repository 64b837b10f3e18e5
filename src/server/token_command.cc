#include "server/token_command.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "server/next_file.h"
#include "server/text.h"
#include "server/text_file.h"
#include "server/token_file.h"
#include "sluice/base/limits.h"
#include "sluice/base/result.h"
#include "sluice/hash/secret_digest.h"

namespace sluice {
namespace {

constexpr int kAllWell = 0;
constexpr int kUsage = 2;

// The directory, since the file itself is replaced. Held until this object ends.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::string& dir)
      : fd_(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (fd_ >= 0 && !held_) {
      held_ = ::flock(fd_, LOCK_EX) == 0;
      if (!held_ && errno != EINTR) return;
    }
  }
  ~DirectoryLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  bool held() const { return held_; }

 private:
  const int fd_;
  bool held_ = false;
};

// RFC 4648 section 5, without padding.
std::string Base64Url(const std::array<unsigned char, kTokenSecretBytes>& bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  for (size_t bit = 0; bit < 8 * bytes.size(); bit += 6) {
    const size_t at = bit / 8;
    const unsigned next = at + 1 < bytes.size() ? bytes[at + 1] : 0u;
    const unsigned two = static_cast<unsigned>(bytes[at]) << 8 | next;
    text += kAlphabet[two >> (10 - bit % 8) & 0x3F];
  }
  return text;
}

Result<std::string> NewSecret() {
  std::array<unsigned char, kTokenSecretBytes> bytes;
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return Error{std::string("cannot get random bytes from the kernel: ") + std::strerror(errno)};
  }
  return Base64Url(bytes);
}

std::string Line(const TokenCommand& command, const std::string& secret) {
  std::string line = Quoted(command.id) + " = { ";
  line += secret.empty() ? "cn = " + Quoted(command.common_name)
                         : "sha256 = " + Quoted(Hex(DigestOfSecret(secret)));
  const auto add_list = [&line](std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + Quoted(text);
    line += ", " + std::string(name) + " = [" + list + "]";
  };
  const auto add_rate = [&line](std::string_view name, std::optional<int64_t> rate) {
    if (rate) line += ", " + std::string(name) + " = " + std::to_string(*rate);
  };
  add_list("routes", command.routes);
  add_list("keys", command.keys);
  add_list("key_prefixes", command.key_prefixes);
  add_rate("records_per_second", command.records_per_second);
  add_rate("bytes_per_second", command.bytes_per_second);
  return line + " }\n";
}

// The file as it is to be, or why the line cannot be added. As a gate would read it.
Result<std::string> WithLine(const TokenCommand& command, const std::string& file,
                             const std::string& line) {
  std::string text;
  if (::access(file.c_str(), F_OK) == 0) {
    auto old = ReadTextFile(file);
    if (!old) return Error{old.error()};
    text = std::move(old.value());
  }
  const auto before = ReadTokens(text, file, nullptr, kBodyBytesMax);
  if (!before) return Error{before.error()};
  for (const Token& token : before.value()) {
    if (token.id != command.id) continue;
    return Error{file + " has a token " + Shown(command.id) +
                 " already; give another --id, or take its line out first"};
  }
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += line;
  const auto after = ReadTokens(text, file, nullptr, kBodyBytesMax);
  if (!after) return Error{after.error()};
  return text;
}

Status AddToken(const TokenCommand& command, std::ostream& out) {
  // Else its number would be the next file's, which would get the secret.
  if (::fcntl(STDOUT_FILENO, F_GETFD) < 0) return Error{"standard output is closed; open it"};
  std::error_code error;
  // Through symbolic links, or one would be replaced by a file.
  const std::filesystem::path given = std::filesystem::absolute(command.file, error);
  const std::filesystem::path file = std::filesystem::weakly_canonical(given, error);
  if (error) return Error{"cannot find " + Shown(command.file) + ": " + error.message()};
  const std::filesystem::file_status is = std::filesystem::status(file, error);
  if (std::filesystem::exists(is) && !std::filesystem::is_regular_file(is)) {
    return Error{Shown(command.file) + " is no regular file; give another --file"};
  }
  const DirectoryLock lock(file.parent_path());
  if (!lock.held()) {
    return Error{"cannot lock the directory of " + Shown(command.file) + ": " +
                 std::strerror(errno)};
  }
  std::string secret;
  if (command.common_name.empty()) {
    auto made = NewSecret();
    if (!made) return Error{made.error()};
    secret = std::move(made.value());
  }
  auto text = WithLine(command, file, Line(command, secret));
  if (!text) return Error{text.error()};
  auto next = NextFile::Write(file, text.value());
  if (!next) return Error{next.error()};
  if (!secret.empty()) out << secret << "\n";
  if (!out.flush()) return Error{"cannot write the secret to standard output; give it room"};
  return next.value()->Rename();
}

}  // namespace

int RunTokenCommand(const TokenCommand& command, std::ostream& out, std::ostream& err) {
  if (const Status added = AddToken(command, out); !added) {
    err << "sluice: token: " << added.error() << "; nothing was added\n";
    return kUsage;
  }
  if (IsOpenToOthers(command.file)) {
    err << "sluice: token: " << Shown(command.file)
        << " is open to others than its owner; chmod 600 it\n";
  }
  return kAllWell;
}

}  // namespace sluice
