// What TAB offers: by the engine, and by a real bash that runs the script.
#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "base/handle.h"
#include "cli/completion.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/shell.h"
#include "tests/support/temporary_folder.h"

namespace airlane::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> after(const std::string& line) {
  const auto result = airlane_says({"__complete", line});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, IsEmpty());
  return lines_of(result.out);
}

// A farm with two of everything.
std::string list_for(const std::string& request) {
  if (request.find("/users") != std::string::npos) {
    return R"({"users": [{"name": "alice"}, {"name": "bob"}], "count": 2})";
  }
  if (request.find("/dongles") != std::string::npos) {
    return R"({"dongles": [{"name": "ten"}, {"name": "twelve"}], "count": 2})";
  }
  for (const auto& [list, ids] : {std::pair{"credentials", R"([{"id": 31}, {"id": 32}])"},
                                  {"keys", R"([{"id": 41}, {"id": 42}])"},
                                  {"jobs", R"([{"id": 51}, {"id": 52}])"}}) {
    if (request.find("/" + std::string(list)) == std::string::npos) continue;
    return R"({")" + std::string(list) + R"(": )" + ids + R"(, "count": 2})";
  }
  return R"({"proxies": [{"id": 7}, {"id": 12}], "count": 2})";
}

TEST(Completion, OffersTheCommandsThatBeginAsTyped) {
  EXPECT_THAT(after("airlane "), IsSupersetOf({"serve", "user", "proxy", "completion"}));
  EXPECT_THAT(after("airlane us"), ElementsAre("user"));
  EXPECT_THAT(after("airlane user "), ElementsAre("add", "list", "show", "set", "remove"));
  EXPECT_THAT(after("airlane --socket /s user re"), ElementsAre("remove"));
  EXPECT_THAT(after("airlane fly "), Contains("serve"));
  EXPECT_THAT(after("airlane "), Not(Contains("__complete")));
}

TEST(Completion, OffersTheOptionsOfTheCommandAndOfTheProgram) {
  EXPECT_THAT(after("airlane user add --"),
              IsSupersetOf({"--admin", "--password-stdin", "--json", "--url", "--help"}));
  EXPECT_THAT(after("airlane user add --admin --a"), IsEmpty()) << "once is enough";
  EXPECT_THAT(after("airlane user add --admin --p"), ElementsAre("--password-stdin"));
  EXPECT_THAT(after("airlane dongle add --dns 192.0.2.1 --dn"), ElementsAre("--dns"));
  EXPECT_THAT(after("airlane settings --"), Not(Contains("--url"))) << "it asks no server";
  EXPECT_THAT(after("airlane user add x -- --"), IsEmpty());
}

TEST(Completion, OffersTheWordsThatAnOptionTakes) {
  EXPECT_THAT(after("airlane user set alice --api "), ElementsAre("on", "off"));
  EXPECT_THAT(after("airlane proxy set 7 --whitelist-mode=r"), ElementsAre("restrict"));
  EXPECT_THAT(after("airlane dongle add ten --driver h"), ElementsAre("hilink"));
  EXPECT_THAT(after("airlane dongle list --state r"), ElementsAre("rotating", "rebooting"));
  EXPECT_THAT(after("airlane completion "), ElementsAre("bash"));
}

TEST(Completion, LeavesFilesToTheShell) {
  EXPECT_THAT(after("airlane serve -c "), ElementsAre("\tfiles"));
  EXPECT_THAT(after("airlane --key-file x"), ElementsAre("\tfiles"));
  EXPECT_THAT(after("airlane check-config "), ElementsAre("\tfiles"));
}

TEST(Completion, AsksTheServerThatIsTypedForNames) {
  FakeServer server(200, list_for);
  const auto at = "airlane --socket '" + server.socket() + "' ";
  EXPECT_THAT(after(at + "proxy add --user "), ElementsAre("alice", "bob"));
  EXPECT_THAT(after(at + "proxy add --dongle t"), ElementsAre("ten", "twelve"));
  EXPECT_THAT(after(at + "proxy add --dongle=tw"), ElementsAre("twelve"));
  EXPECT_THAT(after(at + "user remove "), ElementsAre("alice", "bob"));
  EXPECT_THAT(after(at + "dongle remove "), ElementsAre("ten", "twelve"));
  EXPECT_THAT(after(at + "rotate "), ElementsAre("7", "12"));
  EXPECT_THAT(after(at + "proxy quota 1"), ElementsAre("12"));
  EXPECT_THAT(after(at + "user show --json --etag "), ElementsAre("alice", "bob"));
  EXPECT_THAT(after(at + "user add a"), Not(Contains("alice"))) << "that name is to be a new one";
}

TEST(Completion, OffersTheNumbersOfWhatTheCommandIsAbout) {
  FakeServer server(200, list_for);
  const auto at = "airlane --socket '" + server.socket() + "' ";
  EXPECT_THAT(after(at + "credential set "), ElementsAre("31", "32"));
  EXPECT_THAT(after(at + "credential add "), ElementsAre("7", "12"));
  EXPECT_THAT(after(at + "key revoke "), ElementsAre("41", "42"));
  EXPECT_THAT(after(at + "key add "), ElementsAre("alice", "bob"));
  EXPECT_THAT(after(at + "job show "), ElementsAre("51", "52"));
  EXPECT_THAT(after(at + "job list --proxy "), ElementsAre("7", "12"));
  EXPECT_THAT(after(at + "proxy list --dongle t"), ElementsAre("ten", "twelve"));
  EXPECT_THAT(after(at + "fp see "), ElementsAre("7", "12"));
}

TEST(Completion, OffersNoNamesWhereNobodyAnswers) {
  EXPECT_THAT(after("airlane --socket /nonexistent user set a"), IsEmpty());
  EXPECT_THAT(after("airlane --socket /a --url https://b.test user set a"), IsEmpty());
}

TEST(Completion, ReadsALineAsAShellDoes) {
  EXPECT_THAT(cli::split(""), ElementsAre(""));
  EXPECT_THAT(cli::split("a  b"), ElementsAre("a", "b"));
  EXPECT_THAT(cli::split("a b "), ElementsAre("a", "b", ""));
  EXPECT_THAT(cli::split(R"(a 'b c' "d'e"f g\ h '' i)"),
              ElementsAre("a", "b c", "d'ef", "g h", "", "i"));
  EXPECT_THAT(cli::split("a 'b c"), ElementsAre("a", "b c")) << "the cursor is in the quotes";
}

// What bash has made of a TAB after `line`: one candidate per line.
std::vector<std::string> bash_after(const TemporaryFolder& folder, const std::string& line) {
  const auto script = folder.path("completion.bash");
  std::ofstream(script) << airlane_says({"completion", "bash"}).out;
  const auto run = folder.path("run");
  std::ofstream(run) << "set -u\nPATH=" << folder.path("") << ":$PATH\n. " << script << R"(
# As readline does: COMP_* set, then the function that `complete` has registered.
read -r -a COMP_WORDS <<< "$1"
[ "${1% }" = "$1" ] || COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$1 COMP_POINT=${#1}
registered=$(complete -p airlane)
[[ $registered =~ -F\ ([_a-z]+) ]] || exit 1
compopt() { echo "compopt $*"; }
"${BASH_REMATCH[1]}" airlane "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
)";
  const auto command = "bash " + run + " '" + line + "' 2>&1";
  const Handle<FILE, ::pclose> pipe(::popen(command.c_str(), "r"));
  std::string text;
  std::array<char, 4096> piece{};
  for (std::size_t got = 0; (got = std::fread(piece.data(), 1, piece.size(), pipe.get())) > 0;) {
    text.append(piece.data(), got);
  }
  return lines_of(text);
}

TEST(Completion, WorksInBash) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(AIRLANE_PROGRAM, folder.path("airlane"));
  FakeServer server(200, list_for);
  const auto at = "airlane --socket " + server.socket() + " ";
  EXPECT_THAT(bash_after(folder, "airlane us"), ElementsAre("user"));
  EXPECT_THAT(bash_after(folder, at + "proxy add --user "), ElementsAre("alice", "bob"));
  EXPECT_THAT(bash_after(folder, "airlane proxy set 7 --whitelist-mode=r"),
              ElementsAre("restrict"));
  EXPECT_THAT(bash_after(folder, "airlane serve -c "), ElementsAre("compopt -o default"));
}

}  // namespace
}  // namespace airlane::test
