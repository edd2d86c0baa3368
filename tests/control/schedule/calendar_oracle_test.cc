// Thousands of made-up expressions, asked of systemd-analyze(1) and of us: both must take or refuse
// the same, normalize to the same text, and name the same moments.
//
// The expressions are the same in every run; AIRLANE_SEED=N makes others. Where systemd 252 does
// not do what its man page says, the man page counts:
// - After the last of some steps it goes on from where the next would be in the next hour, month
// and
//   so on, and misses what comes before that ("*:10/40" after :50). So its moments must be ours,
//   but ours need not be its.
// - It gives up after a thousand steps of its search, or when it finds itself going backwards.
// - Of days before the end of a month it takes the second of a list up to 25, the third up to 22.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "control/schedule/calendar.h"
#include "tests/support/temporary_folder.h"

namespace airlane::test {
namespace {

constexpr int kMoments = 4;

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::string expression() {
    auto text = sound();
    while (one_in(4)) damage(text);
    return text;
  }
  // Any second of 1970 to 2150, and often one close to a change of the clock in 2026.
  std::int64_t moment() {
    constexpr std::array<std::int64_t, 4> kChanges{1774746000, 1792890000, 1772953200, 1793512800};
    if (one_in(2)) return kChanges[index(3)] - 100'000 + upto(110'000);
    return upto(5'680'000'000);
  }

 private:
  std::int64_t upto(std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most)(random_);
  }
  std::size_t index(std::size_t most) {
    return static_cast<std::size_t>(upto(static_cast<std::int64_t>(most)));
  }
  bool one_in(int n) { return upto(n - 1) == 0; }
  template <std::size_t N>
  std::string any_of(const std::array<const char*, N>& words) {
    return words[index(N - 1)];
  }

  std::string sound() {
    if (one_in(20)) {
      return any_of<9>({"minutely", "Hourly", "daily", "weekly", "monthly", "quarterly", "yearly",
                        "semiannually", "annually"}) +
             zone();
    }
    std::string text;
    if (one_in(3)) text += weekdays();
    if (!one_in(3)) text += (text.empty() ? "" : " ") + date();
    if (text.empty() || !one_in(3)) text += (text.empty() ? "" : " ") + time();
    return text + zone();
  }
  std::string weekday() {
    return any_of<9>({"Mon", "tue", "WED", "Thursday", "fri", "Sat", "sunday", "Monday", "Sun"});
  }
  std::string weekdays() {
    auto text = weekday();
    while (one_in(3)) text += any_of<4>({",", "..", ",", "-"}) + weekday();
    if (one_in(12)) text += ',';
    return text;
  }
  std::string year() {
    if (!one_in(3)) return "*";
    return list(one_in(4) ? 99 : 180, one_in(4) ? 0 : 1970);
  }
  std::string date() {
    auto text = one_in(2) ? year() + '-' : std::string();
    text += (one_in(2) ? "*" : list(12, 1)) + (one_in(4) ? '~' : '-');
    return text + (one_in(3) ? "*" : list(one_in(9) ? 31 : 28, 1));
  }
  std::string time() {
    auto text = (one_in(3) ? "*" : list(23, 0)) + ':' + (one_in(4) ? "*" : list(59, 0));
    if (one_in(2)) text += ':' + (one_in(5) ? "*" : list(59, 0, one_in(3)));
    return text;
  }
  std::string zone() {
    if (one_in(2)) return one_in(2) ? " UTC" : "";
    return ' ' +
           any_of<8>({"Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo",
                      "America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu"});
  }

  std::string number(std::int64_t span, std::int64_t least, bool fractions) {
    auto text = std::to_string(least + upto(span));
    if (text.size() == 1 && one_in(2)) text.insert(0, "0");
    if (fractions && one_in(2)) text += '.' + std::to_string(upto(one_in(2) ? 9 : 99'999'999));
    return text;
  }
  std::string list(std::int64_t most, std::int64_t least, bool fractions = false) {
    std::string text;
    do {
      if (!text.empty()) text += ',';
      const auto from = upto(most - 1);
      text += number(from == 0 ? 0 : 1, least + from - (from == 0 ? 0 : 1), fractions);
      if (one_in(4)) text += ".." + number(most - from, least + from, fractions);
      if (one_in(4)) text += '/' + number(std::max<std::int64_t>(most - from, 1), 1, fractions);
    } while (one_in(4));
    return text;
  }
  // A character more, less or other: usually nonsense, and sometimes not.
  void damage(std::string& text) {
    constexpr std::string_view kWith = "0123456789*-~:,./ @MTx";
    const auto at = index(text.size());
    const char with = kWith[index(kWith.size() - 1)];
    switch (upto(2)) {
      case 0:
        text.insert(at, 1, with);
        break;
      case 1:
        if (at < text.size()) text.erase(at, 1);
        break;
      default:
        if (at < text.size()) text[at] = with;
    }
  }

  std::mt19937_64 random_;
};

struct Said {
  std::string normal;              // Empty: refused.
  std::vector<std::string> times;  // In UTC, whole seconds.
  bool gave_up = false;            // It was understood, but says no more.
};

std::string stamp(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm fields{};
  gmtime_r(&time, &fields);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%a %Y-%m-%d %H:%M:%S UTC", &fields);
  return text.data();
}

Said ours(const std::string& text, std::int64_t after) {
  const auto calendar = Calendar::parse(text);
  if (!calendar) return {};
  Said said{calendar->to_string(), {}, false};
  Calendar::Time time{std::chrono::seconds(after)};
  for (int i = 0; i < kMoments; ++i) {
    const auto next = calendar->next(time);
    if (!next) break;
    time = *next;
    said.times.push_back(
        stamp(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count()));
  }
  return said;
}

// One run of systemd-analyze for many expressions; what it refuses it names on standard error.
class Oracle {
 public:
  std::vector<Said> ask(const std::vector<std::string>& texts, std::int64_t after) {
    std::ofstream list(file("list"), std::ios::binary);
    for (const auto& text : texts) list << text << '\0';
    list.close();
    const auto command =
        "xargs -0 systemd-analyze calendar --iterations=" + std::to_string(kMoments) +
        " --base-time='" + stamp(after).substr(4) + "' -- <" + file("list") + " >" + file("out") +
        " 2>" + file("refused");
    (void)!std::system(command.c_str());
    const auto refused = lines("refused");
    const auto said = answers();
    std::vector<Said> all;
    std::size_t no = 0;
    std::size_t yes = 0;
    for (const auto& text : texts) {
      const auto begin = "Failed to parse calendar specification '" + text + "': ";
      const auto lost = "Failed to determine next elapse for '" + text + "': ";
      if (no < refused.size() && refused[no].starts_with(begin)) {
        ++no;
        all.emplace_back();
      } else if (no < refused.size() && refused[no].starts_with(lost)) {
        ++no;
        all.push_back({"lost", {}, true});
      } else {
        all.push_back(yes < said.size() ? said[yes] : Said{"no answer", {}, false});
        ++yes;
      }
    }
    EXPECT_EQ(yes, said.size()) << "answers and expressions do not go together";
    EXPECT_EQ(no, refused.size()) << "not about an expression: "
                                  << (no < refused.size() ? refused[no] : "");
    return all;
  }

 private:
  std::vector<Said> answers() {
    std::vector<Said> all;
    for (const auto& line : lines("out")) {
      const auto colon = line.find(": ");
      if (colon == line.npos) continue;
      const auto label = line.substr(0, colon);
      const auto value = line.substr(colon + 2);
      if (label == "Normalized form") all.push_back({value, {}, false});
      if (label.find("Next elapse") == label.npos && label.find("Iter. #") == label.npos &&
          label.find("(in UTC)") == label.npos) {
        continue;
      }
      if (value.ends_with(" UTC")) all.back().times.push_back(value);
    }
    return all;
  }
  std::vector<std::string> lines(const char* name) {
    std::ifstream stream(file(name));
    std::vector<std::string> all;
    for (std::string line; std::getline(stream, line);) {
      const bool is_aside = line.starts_with("Hint: ") || line.starts_with("Infinite loop ");
      if (!is_aside) all.push_back(line);
    }
    return all;
  }
  std::string file(const char* name) { return folder_.path(name); }

  TemporaryFolder folder_;
};

bool is_list_before_the_end(const std::string& text) {
  const auto tilde = text.find('~');
  return tilde != text.npos && text.find(',', tilde) != text.npos;
}

// A slash behind a digit that no zone has, such as in "10/40".
bool has_open_steps(const std::string& normal) {
  for (std::size_t i = 1; i < normal.size(); ++i) {
    if (normal[i] == '/' && normal[i - 1] >= '0' && normal[i - 1] <= '9') return true;
  }
  return false;
}

// Whether `calendar` comes at that whole second.
bool comes_at(const std::string& text, const std::string& time) {
  std::tm fields{};
  strptime(time.c_str() + 4, "%Y-%m-%d %H:%M:%S", &fields);
  const Calendar::Time second{std::chrono::seconds(timegm(&fields))};
  const auto next = Calendar::parse(text)->next(second - std::chrono::microseconds(1));
  return next && *next < second + std::chrono::seconds(1);
}

// In the zone that both take for this machine's.
void compare(const char* local_zone, int rounds, std::uint64_t seed) {
  if (std::system("systemd-analyze --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "there is no systemd-analyze; script/setup installs it";
  }
  setenv("TZ", local_zone, 1);
  if (const char* other = getenv("AIRLANE_SEED")) seed = std::stoull(other);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Maker maker(seed);
  Oracle oracle;
  int understood = 0;
  int refused = 0;
  int compared = 0;
  int exact = 0;
  for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
    std::vector<std::string> texts;
    for (int i = 0; i < 100; ++i) texts.push_back(maker.expression());
    const auto after = maker.moment();
    const auto theirs = oracle.ask(texts, after);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto& said = theirs[i];
      const auto mine = ours(texts[i], after);
      const auto where = "\"" + texts[i] + "\" after " + stamp(after) + " in " + local_zone;
      ++(said.normal.empty() ? refused : understood);
      if (said.normal.empty() && is_list_before_the_end(texts[i])) continue;
      if (said.gave_up) {
        EXPECT_NE(mine.normal, "") << where;
        continue;
      }
      EXPECT_EQ(mine.normal, said.normal) << where;
      const bool has_steps = has_open_steps(said.normal);
      const bool found_none = said.times.empty() && !mine.times.empty();
      if (!has_steps && !found_none) {
        EXPECT_EQ(mine.times, said.times) << where;
        ++exact;
      }
      for (const auto& time : said.times) EXPECT_TRUE(comes_at(texts[i], time)) << where << time;
      compared += static_cast<int>(said.times.size());
    }
  }
  std::printf("%d understood, %d refused, %d moments, %d exact\n", understood, refused, compared,
              exact);
  EXPECT_GT(understood, rounds * 40);
  EXPECT_GT(refused, rounds * 5);
  EXPECT_GT(compared, rounds * 100);
  EXPECT_GT(exact, rounds * 20);
}

TEST(CalendarOracle, AgreesWithSystemdInUtc) { compare("UTC", 25, 20261124); }
TEST(CalendarOracle, AgreesWithSystemdInRome) { compare("Europe/Rome", 15, 4711); }

}  // namespace
}  // namespace airlane::test
