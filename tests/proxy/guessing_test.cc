// Guessing passwords at scale: what a stranger can learn from the time that an answer takes (F12),
// and what a crowd of strangers can do to the others (F11).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "proxy/admission.h"
#include "tests/proxy/engine_fixture.h"
#include "tests/support/scale.h"

namespace airlane::test {
namespace {

using namespace std::string_literals;
using Time = std::chrono::steady_clock;

const auto kRefused = "\x05\x02\x01\x01"s;

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The largest of the medians over the smallest, of things that are done in turn.
template <std::size_t N, class Do>
double spread_of_medians(int tries, Do what) {
  std::array<std::vector<double>, N> took;
  for (int i = 0; i < tries; ++i) {
    for (std::size_t which = 0; which < N; ++which) {
      const auto start = Time::now();
      what(which);
      took[which].push_back(std::chrono::duration<double>(Time::now() - start).count());
    }
  }
  std::array<double, N> medians;
  std::transform(took.begin(), took.end(), medians.begin(), [](auto& all) { return median(all); });
  const auto [least, most] = std::minmax_element(medians.begin(), medians.end());
  return *most / *least;
}

// What other programs do to the time, they do now and then: a difference that is ours is there in
// every round.
template <std::size_t N, class Do>
double least_spread(int tries, Do what) {
  double spread = 2;
  for (int round = 0; round < 8 && spread >= 1.05; ++round) {
    spread = std::min(spread, spread_of_medians<N>(tries, what));
  }
  return spread;
}

int tries() { return at_full_scale() ? 10'000 : 1'000; }

class Guessing : public EngineTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  void configure(EngineOptions& options) override { options.guard.failures = GetParam(); }

  struct Pair {
    std::string user;
    std::string password;
  };
  void guess_by_socks5(const Pair& pair) {
    auto stream = client();
    stream.send(socks5_hello(pair.user, pair.password));
    EXPECT_EQ(stream.read_to_end(), kRefused);
    stream.reset();  // No port waits for its end.
  }
  void guess_by_http(const Pair& pair) {
    auto stream = client();
    stream.send("CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n" +
                basic(pair.user + ":" + pair.password) + "\r\n");
    EXPECT_TRUE(stream.read_to_end().starts_with("HTTP/1.1 407 "));
    stream.reset();
  }
};

TEST_P(Guessing, AnUnknownNameTakesAsLongAsAWrongPassword) {
  std::vector<Pair> pairs{{"resu", "word"}, {"user", "drow"}};
  const bool blocked = GetParam() != 0;
  for (unsigned i = 0; i < GetParam(); ++i) guess_by_socks5(pairs[0]);
  if (blocked) pairs[0] = {"user", "word"};  // The right one is not believed, as slowly.
  const auto by_socks5 = [&](std::size_t which) { guess_by_socks5(pairs[which]); };
  const auto by_http = [&](std::size_t which) { guess_by_http(pairs[which]); };
  EXPECT_LT(kMeasurable ? least_spread<2>(tries(), by_socks5) : 1, 1.05);
  EXPECT_LT(kMeasurable ? least_spread<2>(tries(), by_http) : 1, 1.05);
}

INSTANTIATE_TEST_SUITE_P(WhoeverMay, Guessing, ::testing::Values(0U, 10U), [](const auto& param) {
  return std::string(param.param == 0 ? "AsOftenAsTheyLike" : "TenTimes");
});

// The same without the noise of a network, which hides some microseconds: long words, wrong at
// their beginning, at their end, or in all.
TEST(Credentials, AreComparedInATimeThatTellsNothing) {
  ProxyPort proxy;
  proxy.username = std::string(255, 'u');
  proxy.password = std::string(255, 'p');
  const auto wrong_at = [](std::string text, std::size_t at) { return text[at] = '!', text; };
  const std::array<std::pair<std::string, std::string>, 5> guesses{{
      {wrong_at(proxy.username, 0), proxy.password},
      {wrong_at(proxy.username, 254), proxy.password},
      {proxy.username, wrong_at(proxy.password, 0)},
      {proxy.username, wrong_at(proxy.password, 254)},
      {std::string(255, '!'), std::string(255, '!')},
  }};
  bool believed = false;
  const auto guess = [&](std::size_t which) {
    for (int i = 0; i < 200; ++i) {
      believed |= credentials_match(proxy, guesses[which].first, guesses[which].second);
    }
  };
  const auto spread = least_spread<guesses.size()>(tries(), guess);
  EXPECT_FALSE(believed);
  EXPECT_LT(kMeasurable ? spread : 1, 1.05);
}

// Members of 127.0.0.0/8 stand for clients from everywhere.
class Crowd : public EngineTest {
 protected:
  std::string answer_to(std::uint32_t client, const std::string& password) {
    const sockaddr_in from{AF_INET, 0, {htonl(0x7f00'0000U + client)}, {}};
    const sockaddr_in to{AF_INET, htons(proxies_[0].port), {htonl(INADDR_LOOPBACK)}, {}};
    UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
        connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      return "not connected";
    }
    Stream stream(std::move(fd));
    stream.send(socks5_hello("user", password));
    const auto answer = stream.read(4);
    stream.reset();
    return answer;
  }
  static std::size_t resident_kilobytes() {
    std::size_t all = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/self/statm") >> all >> resident;
    return resident * 4;
  }
};

TEST_F(Crowd, NeitherFreesOneWhoIsBlockedNorShutsOutTheOthers) {
  constexpr std::uint32_t kGuesser = 0x10'0001;
  constexpr std::uint32_t kFirst = 0x20'0001;
  const std::uint32_t crowd = at_full_scale() ? Guard::kEntries + 4'000 : 1'000;
  const auto let_in = "\x05\x02\x01\0"s;
  for (int i = 0; i < 10; ++i) ASSERT_EQ(answer_to(kGuesser, "wrong"), kRefused);
  const auto blocked = Time::now();
  for (std::uint32_t i = 0; i < 100; ++i) ASSERT_EQ(answer_to(kFirst + i, "wrong"), kRefused);
  const auto before = resident_kilobytes();
  for (std::uint32_t i = 100; i < crowd; ++i) ASSERT_EQ(answer_to(kFirst + i, "wrong"), kRefused);
  const auto grown = std::max(resident_kilobytes(), before) - before;
  EXPECT_LT(kMeasurable ? grown : 0, 4096U) << "the memory of who fails is bounded";
  ASSERT_LT(Time::now() - blocked, std::chrono::seconds(55)) << "or the next line shows nothing";
  EXPECT_EQ(answer_to(kGuesser, "word"), kRefused);
  for (std::uint32_t i = 0; i < crowd; i += 997) EXPECT_EQ(answer_to(kFirst + i, "word"), let_in);
  EXPECT_EQ(answer_to(1, "word"), let_in) << "who never failed";
  if (!at_full_scale()) return;
  std::this_thread::sleep_until(blocked + std::chrono::seconds(61));
  EXPECT_EQ(answer_to(kGuesser, "word"), let_in) << "a minute later";
}

}  // namespace
}  // namespace airlane::test
