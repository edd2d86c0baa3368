// What --help prints, of every command that there is.
#include <gmock/gmock.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <sstream>

#include "cli/program.h"
#include "tests/cli/shell.h"

namespace airlane::test {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

// The words of every command below this one, and of itself.
void collect(const CLI::App& app, const Words& words, std::vector<Words>& into) {
  into.push_back(words);
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    auto longer = words;
    longer.push_back(command->get_name());
    collect(*command, longer, into);
  }
}

std::vector<Words> all_commands() {
  std::istringstream in;
  std::ostringstream out;
  cli::Invocation here{{in, out, out}};
  const cli::Serve serve;
  std::vector<Words> commands;
  collect(*cli::make_program(serve, here), {}, commands);
  return commands;
}

std::string help_of(Words words) {
  words.emplace_back("--help");
  const auto result = airlane_says(words);
  EXPECT_EQ(result.status, 0) << result.err;
  return result.out;
}

TEST(Help, OfEveryCommandFitsAScreen) {
  const auto commands = all_commands();
  EXPECT_THAT(commands, testing::Contains(Words{"proxy", "schedule"}));
  for (const auto& words : commands) {
    const auto help = help_of(words);
    EXPECT_LE(std::count(help.begin(), help.end(), '\n'), 24) << help;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << help;
  }
}

TEST(Help, NamesTheCommandWithWhatMustBeSaid) {
  EXPECT_THAT(help_of({}), HasSubstr("Usage: airlane [OPTIONS] COMMAND\n"));
  EXPECT_THAT(help_of({"user"}), HasSubstr("Usage: airlane user COMMAND\n"));
  EXPECT_THAT(help_of({"rotate"}), HasSubstr("Usage: airlane rotate [OPTIONS] ID\n"));
  EXPECT_THAT(help_of({"proxy", "quota"}), HasSubstr("quota [OPTIONS] ID [BYTES]\n"));
  EXPECT_THAT(help_of({"dongle", "add"}),
              HasSubstr("Usage: airlane dongle add --interface IF --driver D [OPTIONS] NAME\n"));
  EXPECT_THAT(help_of({"proxy", "add"}),
              HasSubstr("--dongle NAME --username U\n        [OPTIONS]\n"));
}

TEST(Help, ShowsEveryOptionWithWhatItIsFor) {
  const auto help = help_of({"proxy", "add"});
  EXPECT_THAT(help,
              HasSubstr("\n  --password P            Shows in `ps`; --password-stdin does not\n"));
  EXPECT_THAT(help, HasSubstr("\n  --json                  Print the answer as JSON\n"));
  EXPECT_THAT(help_of({}), HasSubstr("\n  --url URL               https://HOST:PORT "));
}

TEST(Help, DoesNotRepeatTheSetThatATypeIsOf) {
  EXPECT_THAT(help_of({"user", "set"}), HasSubstr("\n  --api on|off            Whether "));
}

TEST(Help, OfACommandThatThereIsNotIsWrongUsage) {
  for (const auto& words :
       {Words{"bogus"}, {"bogus", "--help"}, {"--help", "bogus"}, {"bogus", "--json"}}) {
    const auto result = airlane_says(words);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "airlane: there is no command bogus\n`--help` says what there is.\n");
  }
  const auto below = airlane_says({"proxy", "bogus", "--help"});
  EXPECT_EQ(below.status, 2);
  EXPECT_THAT(below.err, HasSubstr("there is no command proxy bogus\n"));
  EXPECT_THAT(help_of({"rotate", "1", "2"}), HasSubstr("Usage: airlane rotate "));
}

TEST(Help, SaysWhereToFindTheServersOptionsWhereThereIsAServer) {
  const std::string note = "say which server: `airlane --help`.\n";
  EXPECT_THAT(help_of({"user", "list"}), HasSubstr(note));
  EXPECT_THAT(help_of({"metrics"}), HasSubstr(note));
  EXPECT_THAT(help_of({"settings"}), testing::Not(HasSubstr(note)));
}

}  // namespace
}  // namespace airlane::test
