// Answers as a person reads them.
#include "cli/table.h"

#include <gtest/gtest.h>

#include <array>
#include <sstream>

namespace airlane::test {
namespace {

using cli::Json;

constexpr std::array<cli::Column, 3> kColumns{
    {{"NAME", "name"}, {"DNS", "dns"}, {"STATE", "state"}}};

TEST(Table, AlignsItsColumnsByCharacterNotByByte) {
  std::ostringstream out;
  cli::print_table(out, Json::parse(R"([
    {"name": "Männerö", "dns": ["192.0.2.1", "192.0.2.2"], "state": "up"},
    {"name": "b", "dns": [], "state": null}
  ])"),
                   kColumns);
  EXPECT_EQ(out.str(),
            "NAME     DNS                  STATE\n"
            "Männerö  192.0.2.1,192.0.2.2  up\n"
            "b        -                    -\n");
}

TEST(Table, OfNothingIsItsTitles) {
  std::ostringstream out;
  cli::print_table(out, Json::array(), kColumns);
  EXPECT_EQ(out.str(), "NAME  DNS  STATE\n");
}

TEST(Table, ShrugsAtAnAnswerOfAnotherShape) {
  std::ostringstream out;
  cli::print_table(out, Json::parse(R"([7, "text", {"name": {"a": 1, "b": true}}])"), kColumns);
  EXPECT_EQ(out.str(),
            "NAME       DNS  STATE\n"
            "-          -    -\n"
            "-          -    -\n"
            "a=1,b=yes  -    -\n");
  std::ostringstream titles;
  cli::listing("users", kColumns)(titles, Json::array());
  EXPECT_EQ(titles.str(), "NAME  DNS  STATE\n");
}

TEST(Table, MovesNoCursor) {
  EXPECT_EQ(cli::printable("a\x1b[2Jb\n\x7f\xc2\x9b"
                           "1mé"),
            "a?[2Jb???1mé");
}

}  // namespace
}  // namespace airlane::test
