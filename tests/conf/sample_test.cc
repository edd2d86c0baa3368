// The sample file is documentation that cannot go stale: it says every setting, at its default,
// under its sentence.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "conf/load.h"
#include "conf/schema.h"
#include "conf/value.h"

namespace airlane::test {
namespace {

std::vector<std::string> lines_of_sample() {
  std::vector<std::string> lines;
  std::ifstream file(AIRLANE_SAMPLE);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(Sample, IsTheDefaultConfiguration) {
  const auto loaded = conf::load(AIRLANE_SAMPLE);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string();
  EXPECT_EQ(*loaded, Config{});
}

TEST(Sample, SaysEverySettingUnderItsSentenceInTheOrderOfTheSchema) {
  Config defaults;
  const auto lines = lines_of_sample();
  auto line = lines.begin();
  for (const auto& setting : conf::settings()) {
    const auto wanted =
        std::string(setting.name()) + " = " + conf::written(setting.field(defaults));
    line = std::find(line, lines.end(), "# " + std::string(setting.sentence));
    ASSERT_NE(line, lines.end()) << setting.key << ": " << setting.sentence;
    while (line != lines.end() && line->starts_with('#')) ++line;
    ASSERT_NE(line, lines.end());
    EXPECT_EQ(*line, wanted);
  }
}

TEST(Sample, HasEveryTableThatTheSchemaHas) {
  const auto lines = lines_of_sample();
  for (const auto& setting : conf::settings()) {
    const auto header = "[" + std::string(setting.table()) + "]";
    EXPECT_EQ(std::count(lines.begin(), lines.end(), header), 1) << header;
  }
}

}  // namespace
}  // namespace airlane::test
