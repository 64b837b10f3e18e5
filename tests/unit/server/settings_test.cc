#include "server/settings.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

namespace sluice {
namespace {

class SettingsTest : public testing::Test {
 protected:
  static const Setting& Named(const std::string& name) {
    const size_t dot = name.find('.');
    const Setting* setting = FindSetting(name.substr(0, dot), name.substr(dot + 1));
    if (setting == nullptr) throw std::runtime_error("no setting " + name);
    return *setting;
  }
  static std::string Outcome(const Status& status) { return status ? "taken" : status.error(); }
  // As from the environment or a flag.
  std::string Give(const std::string& name, std::string_view text) {
    return Outcome(SetFromText(Named(name), text, config_));
  }
  std::string Value(const std::string& name) const { return PrintSetting(Named(name), config_); }

  // Another value than the default.
  static std::string Another(const Setting& setting) {
    if (setting.kind == SettingKind::kAddress) return "host:1";
    if (setting.kind == SettingKind::kSocketAddress) return "host:1";
    if (setting.kind == SettingKind::kUrl) return "redis://host:1";
    if (setting.kind == SettingKind::kPath) return "/var/lib/sluice";
    if (setting.kind == SettingKind::kText) return "another";
    if (setting.kind == SettingKind::kChoice) {
      const std::string first(setting.choices.front());
      const bool is_default = PrintSetting(setting, Config()) == "\"" + first + "\"";
      return is_default ? std::string(setting.choices.back()) : first;
    }
    if (setting.kind == SettingKind::kSwitch) {
      return PrintSetting(setting, Config()) == "true" ? "false" : "true";
    }
    return std::to_string(setting.max);
  }

  Config config_;
};

TEST_F(SettingsTest, EachHasAPlaceOfItsOwn) {
  for (const Setting& changed : Settings()) {
    Config config;
    EXPECT_EQ(Outcome(SetFromText(changed, Another(changed), config)), "taken");
    for (const Setting& setting : Settings()) {
      const bool differs = PrintSetting(setting, config) != PrintSetting(setting, Config());
      EXPECT_EQ(differs, &setting == &changed)
          << SettingName(setting) << " after a change of " << SettingName(changed);
    }
  }
}

TEST_F(SettingsTest, EachDefaultIsAllowed) {
  for (const Setting& setting : Settings()) {
    std::string text = PrintSetting(setting, Config());
    if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
    EXPECT_EQ(Outcome(SetFromText(setting, text, config_)), "taken");
    EXPECT_EQ(PrintSetting(setting, config_), PrintSetting(setting, Config()));
  }
}

TEST_F(SettingsTest, EachNumberIsBoundedOnBothSides) {
  for (const Setting& setting : Settings()) {
    const bool is_number =
        setting.kind != SettingKind::kAddress && setting.kind != SettingKind::kSocketAddress &&
        setting.kind != SettingKind::kUrl && setting.kind != SettingKind::kPath &&
        setting.kind != SettingKind::kText && setting.kind != SettingKind::kChoice &&
        setting.kind != SettingKind::kSwitch;
    if (!is_number) continue;
    for (const int64_t good : {setting.min, setting.max}) {
      EXPECT_EQ(Outcome(SetFromInteger(setting, good, config_)), "taken");
    }
    const std::string before = PrintSetting(setting, config_);
    for (const int64_t bad : {setting.min - 1, setting.max + 1, int64_t{-1}, INT64_MAX}) {
      EXPECT_NE(Outcome(SetFromInteger(setting, bad, config_)).find("is out of range; give "),
                std::string::npos)
          << SettingName(setting) << " " << bad;
    }
    EXPECT_EQ(PrintSetting(setting, config_), before);
  }
}

TEST_F(SettingsTest, SectionsStandTogetherAndNamesOnce) {
  std::set<std::string> names;
  std::set<std::string_view> closed;
  std::string_view open;
  for (const Setting& setting : Settings()) {
    EXPECT_TRUE(names.insert(SettingName(setting)).second) << SettingName(setting);
    EXPECT_TRUE(names.insert(EnvironmentName(setting)).second) << EnvironmentName(setting);
    EXPECT_FALSE(closed.contains(setting.section)) << setting.section;
    if (setting.section != open) closed.insert(open);
    open = setting.section;
  }
}

TEST_F(SettingsTest, TheVariableIsNamedAfterSectionAndKey) {
  EXPECT_EQ(EnvironmentName(Named("http.listen")), "SLUICE_HTTP_LISTEN");
  EXPECT_EQ(EnvironmentName(Named("redis.url")), "SLUICE_REDIS_URL");
  EXPECT_EQ(EnvironmentName(Named("delivery.deadline_ms")), "SLUICE_DELIVERY_DEADLINE_MS");
}

TEST_F(SettingsTest, ASizeIsTakenInBytesOrWithAUnitAndPrintedShort) {
  const std::map<std::string, std::string> printed = {
      {"1048576", "\"1MiB\""}, {"64KiB", "\"64KiB\""}, {"1 MiB", "\"1MiB\""}, {"1000", "1000"}};
  for (const auto& [text, shown] : printed) {
    EXPECT_EQ(Give("http.body_bytes_max", text), "taken");
    EXPECT_EQ(Value("http.body_bytes_max"), shown);
  }
}

TEST_F(SettingsTest, ABadValueIsNamedWithWhatIsAllowed) {
  EXPECT_EQ(Give("http.workers", "-1"), "http.workers: -1 is out of range; give 0 to 1024");
  EXPECT_EQ(Give("http.workers", "four"),
            "http.workers: \"four\" is not an integer; give 0 to 1024");
  EXPECT_EQ(Give("http.idle_ms", "0"), "http.idle_ms: 0 is out of range; give 1 to 86400000 ms");
  EXPECT_EQ(Give("delivery.linger_us", "2000000"),
            "delivery.linger_us: 2000000 is out of range; give 0 to 1000000 us");
  EXPECT_EQ(Give("http.body_bytes_max", "1GB"),
            "http.body_bytes_max: \"1GB\" is not a size, such as 65536, 64KiB or 1MiB; "
            "give 1 to 256MiB");
  EXPECT_EQ(Give("http.body_bytes_max", "257MiB"),
            "http.body_bytes_max: 257MiB is out of range; give 1 to 256MiB");
  EXPECT_EQ(Give("log.level", "loud"),
            "log.level: \"loud\" is not among its values; "
            "give \"debug\", \"info\", \"warning\" or \"error\"");
  EXPECT_EQ(Give("delivery.ack", ""),
            "delivery.ack: \"\" is not among its values; give \"redis\" or \"memory\"");
  EXPECT_EQ(Give("http.listen", ""),
            "http.listen: it is empty; give host:port or [v6 address]:port");
  EXPECT_EQ(Give("redis.url", std::string(1'025, 'x')),
            "redis.url: it is too long; give 0 to 1024 bytes without control characters");
}

TEST_F(SettingsTest, APathMayBeEmptyAndHoldsNoControlCharacter) {
  EXPECT_EQ(Give("journal.dir", "/var/lib/sluice"), "taken");
  EXPECT_EQ(Give("journal.dir", "/var\n"),
            "journal.dir: it holds a control character; "
            "give 0 to 1024 bytes without control characters");
  EXPECT_EQ(Value("journal.dir"), "\"/var/lib/sluice\"");
  EXPECT_EQ(Give("journal.dir", ""), "taken");
  EXPECT_EQ(Value("journal.dir"), "\"\"");
}

TEST_F(SettingsTest, AStreamHasANameThatRedisAndALineTake) {
  EXPECT_EQ(Give("urgent.stream", "ward 7: \"alerts\""), "taken");
  EXPECT_EQ(Value("urgent.stream"), "\"ward 7: \\\"alerts\\\"\"");
  const std::string allowed = "; give 1 to 512 bytes without control characters";
  EXPECT_EQ(Give("urgent.stream", ""), "urgent.stream: it is empty" + allowed);
  EXPECT_EQ(Give("urgent.stream", std::string(512, 's')), "taken");
  EXPECT_EQ(Give("urgent.stream", std::string(513, 's')),
            "urgent.stream: it is too long" + allowed);
  EXPECT_EQ(Give("urgent.stream", "a\tb"), "urgent.stream: it holds a control character" + allowed);
  EXPECT_EQ(Outcome(SetFromInteger(Named("urgent.stream"), 1, config_)),
            "urgent.stream: expected a string, not an integer");
}

TEST_F(SettingsTest, AnAddressMustBeOne) {
  for (const char* good : {"0.0.0.0:80", "[::]:8080", "localhost:0"}) {
    EXPECT_EQ(Give("admin.listen", good), "taken");
  }
  for (const char* bad : {"8080", "host:", "host:65536", "::1:80", "unix://run"}) {
    EXPECT_NE(Give("admin.listen", bad).find("\"" + std::string(bad) + "\" is no address: "),
              std::string::npos);
  }
  EXPECT_EQ(Value("admin.listen"), "\"localhost:0\"");
  EXPECT_EQ(Give("admin.listen", "unix:///run/sluice.sock"), "taken");
  EXPECT_EQ(Give("http.listen", "unix:///run/sluice.sock"),
            "http.listen: \"unix:///run/sluice.sock\" is a unix socket; "
            "give host:port or [v6 address]:port");
}

TEST_F(SettingsTest, AFilesIntegerAndStringAreNotMixed) {
  const auto integer = [this](const char* name) {
    return Outcome(SetFromInteger(Named(name), 4, config_));
  };
  const auto string = [this](const char* name) {
    return Outcome(SetFromString(Named(name), "4", config_));
  };
  EXPECT_EQ(integer("http.workers"), "taken");
  EXPECT_EQ(string("http.workers"), "http.workers: expected an integer, not a string");
  EXPECT_EQ(string("http.idle_ms"), "http.idle_ms: expected an integer, not a string");
  EXPECT_EQ(integer("http.body_bytes_max"), "taken");
  EXPECT_EQ(string("http.body_bytes_max"), "taken");
  EXPECT_EQ(integer("http.listen"), "http.listen: expected a string, not an integer");
  EXPECT_EQ(integer("log.level"), "log.level: expected a string, not an integer");
}

TEST_F(SettingsTest, ASwitchIsTrueOrFalseAndNothingElse) {
  EXPECT_EQ(Give("http.takeover", "true"), "taken");
  EXPECT_EQ(Value("http.takeover"), "true");
  EXPECT_EQ(Give("http.takeover", "yes"), "http.takeover: \"yes\" is neither; give true or false");
  EXPECT_EQ(Value("http.takeover"), "true");
  EXPECT_EQ(Outcome(SetFromBoolean(Named("http.takeover"), false, config_)), "taken");
  EXPECT_EQ(Value("http.takeover"), "false");
  EXPECT_EQ(Outcome(SetFromInteger(Named("http.takeover"), 1, config_)),
            "http.takeover: expected a boolean, not an integer");
  EXPECT_EQ(Outcome(SetFromString(Named("http.takeover"), "true", config_)),
            "http.takeover: expected a boolean, not a string");
  EXPECT_EQ(Outcome(SetFromBoolean(Named("http.workers"), true, config_)),
            "http.workers: expected an integer, not a boolean");
}

TEST_F(SettingsTest, APasswordIsNeverPrinted) {
  EXPECT_EQ(Give("redis.url", "redis://user:secret@host:6379/1"), "taken");
  EXPECT_EQ(config_.redis.url, "redis://user:secret@host:6379/1");
  EXPECT_EQ(Value("redis.url"), "\"redis://user:***@host:6379/1\"");
  for (const std::string name : {"redis.url", "http.listen"}) {
    const std::string error = Give(name, "redis://user:secret\n@host:6379/1");
    EXPECT_NE(error, "taken");
    EXPECT_EQ(error.find("secret"), std::string::npos) << error;
  }
  EXPECT_EQ(Give("http.listen", "redis://user:secret@host:6379").find("secret"), std::string::npos);
  EXPECT_EQ(Give("archive.database", "postgresql://user:secret@host/name"), "taken");
  EXPECT_EQ(Value("archive.database"), "\"postgresql://user:***@host/name\"");
}

TEST_F(SettingsTest, TheReadmeListsEachWithVariableAndDefault) {
  std::ifstream file(SLUICE_SOURCE_DIR "/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  for (const Setting& setting : Settings()) {
    const std::string unit(SettingUnit(setting));
    const std::string row = "| `" + SettingName(setting) + "` | `" +
                            PrintSetting(setting, Config()) + "` | " + unit +
                            (unit.empty() ? "" : " ") + "| `" + EnvironmentName(setting) + "` | " +
                            std::string(setting.help) + " |\n";
    EXPECT_NE(readme.find(row), std::string::npos) << "README.md lacks " << row;
  }
}

}  // namespace
}  // namespace sluice
