// The judge: what p0f, as Debian ships it, takes our SYNs for. docs/fingerprint.md has the result,
// and this test holds it to that; AIRLANE_WRITE_DOCS=1 writes it anew.
#include <sstream>

#include "netlink/fingerprint/presets.h"
#include "tests/fingerprint/p0f.h"
#include "tests/fingerprint/wire.h"

namespace airlane::test {
namespace {

constexpr auto kDocument = AIRLANE_SOURCE "/docs/fingerprint.md";
constexpr std::string_view kBegin =
    "<!-- what follows is written by tests/fingerprint/p0f_test.cc -->\n";
constexpr std::string_view kEnd = "<!-- until here -->";

class FingerprintJudged : public WireTest {
 protected:
  void SetUp() override {
    WireTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    listener_ = listen_there();
    judge_ = there([] { return std::make_unique<P0f>("mdg0"); });
    ASSERT_TRUE(judge_->await([this] { open(0, Recipe(), kThere).reset(); })) << judge_->output();
  }

  static bool is_v6(std::string_view to) { return to.find(':') != std::string_view::npos; }
  static unsigned sender_of(const UniqueFd& fd, const char* to) {
    return P0f::sender(port_of(fd), is_v6(to));
  }

  // One connection by a signature; who sent it, to p0f. 0 if the signature is not for this family.
  unsigned connect(std::string_view text, const char* to) {
    const auto signature = *parse_signature(text);
    if (signature.version == (is_v6(to) ? Signature::Version::kV4 : Signature::Version::kV6))
      return 0;
    const auto socket = open(1, dress(1, text), to);
    EXPECT_EQ(outcome(socket), 0) << text;
    const UniqueFd there(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    return sender_of(socket, to);
  }

  UniqueFd listener_;
  std::unique_ptr<P0f> judge_;
};

struct Line {
  std::string signature;
  std::string label;
  bool specified = false;
  std::array<unsigned, 2> senders{};
};

// "yes" where p0f says what the database has the signature for, without reservations.
std::string cell(const Line& line, const Verdict& verdict) {
  const bool random = line.signature.find("-:") != std::string::npos &&
                      verdict.params.find("random_ttl") != std::string::npos;
  const bool plain = verdict.params == "none" || random;
  if (verdict.name == line.label && (plain || !line.specified)) return "yes";
  return verdict.name + (verdict.params == "none" ? "" : " (" + verdict.params + ")");
}

std::string table_of(const std::vector<Line>& lines, const std::map<unsigned, Verdict>& verdicts) {
  std::string text = "| signature | stands for | IPv4 | IPv6 |\n|---|---|---|---|\n";
  for (const auto& line : lines) {
    text += "| `" + line.signature + "` | " + line.label;
    for (const auto sender : line.senders) {
      const auto found = verdicts.find(sender);
      text += " | ";
      if (sender != 0) text += found == verdicts.end() ? "not heard" : cell(line, found->second);
    }
    text += " |\n";
  }
  return text;
}

// Compares the part of the document that is ours, or writes it.
void expect_documented(const std::string& made) {
  std::ifstream in(kDocument);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  const auto begin = whole.find(kBegin);
  const auto end = whole.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const auto start = begin + kBegin.size();
  if (std::getenv("AIRLANE_WRITE_DOCS") != nullptr) {
    std::ofstream(kDocument) << whole.substr(0, start) + made + whole.substr(end);
    return;
  }
  EXPECT_EQ(whole.substr(start, end - start), made);
}

TEST_F(FingerprintJudged, IsWhatP0fsDatabaseSaysOfEverySpecifiedSignature) {
  std::vector<Line> lines;
  for (const auto& preset : presets()) {
    lines.push_back({std::string(preset.signature), "preset " + std::string(preset.name)});
  }
  for (const auto& entry : read_database()) {
    lines.push_back({entry.signature, entry.name(), entry.specified});
  }
  ASSERT_GE(lines.size(), 95U) << "p0f is missing: script/setup installs it";
  for (auto& line : lines) {
    line.senders = {connect(line.signature, kThere), connect(line.signature, kThere6)};
  }
  const auto verdicts = judge_->await_sender(connect("*:64:0:*:*,*:mss:df:0", kThere));
  std::array<int, 2> recognised{};
  std::array<int, 2> specified{};
  for (const auto& line : lines) {
    for (std::size_t family = 0; family < 2; ++family) {
      const auto sender = line.senders[family];
      if (!line.specified || sender == 0) continue;
      const auto verdict = verdicts.find(sender);
      ASSERT_NE(verdict, verdicts.end()) << line.signature;
      ++specified[family];
      recognised[family] += cell(line, verdict->second) == "yes" ? 1 : 0;
      EXPECT_EQ(cell(line, verdict->second), "yes")
          << line.signature << " is " << line.label << "; seen: " << verdict->second.raw;
    }
  }
  const auto summary = [&](std::size_t family) {
    return std::to_string(recognised[family]) + " of " + std::to_string(specified[family]);
  };
  expect_documented(
      "\nRecognised as what they stand for, of the signatures for one thing (`s:`): " + summary(0) +
      " over IPv4, " + summary(1) + " over IPv6.\n\n" + table_of(lines, verdicts) + "\n");
}

// Each to a port of its own meaning, at the same time.
TEST_F(FingerprintJudged, TakesTwoProxiesOfOneDongleForTwoSystems) {
  const auto windows = dress(1, "*:128:0:*:8192,8:mss,nop,ws,nop,nop,sok:df,id+:0");
  const auto mac = dress(2, "*:64:0:*:65535,3:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0");
  std::vector<UniqueFd> sockets;
  for (int i = 0; i < 20; ++i) {
    sockets.push_back(open(1, windows, i % 2 == 0 ? kThere : kThere6));
    sockets.push_back(open(2, mac, i % 2 == 0 ? kThere : kThere6));
  }
  const auto verdicts = judge_->await_sender(sender_of(sockets.back(), kThere6));
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    const auto verdict = verdicts.find(sender_of(sockets[i], i / 2 % 2 == 0 ? kThere : kThere6));
    ASSERT_NE(verdict, verdicts.end());
    EXPECT_EQ(verdict->second.name, i % 2 == 0 ? "Windows 7 or 8" : "Mac OS X 10.x")
        << verdict->second.raw;
  }
}

// What a database has no name for is told by what p0f has seen, in its own notation.
TEST_F(FingerprintJudged, SeesEveryQuirkThatIsAskedFor) {
  const std::vector<const char*> asked{
      "4:64+0:0:1460:4096,0:mss,nop,nop,sok:df,id+,0+,ack+,uptr+,pushf+:0",
      "4:64+0:0:1460:4096,0:mss,nop,nop,sok:df,urgf+,ecn:0",
      "4:64+0:0:1460:4096,5:mss,ts,ws,eol+2:id-,ts1-,ts2+,opt+:0",
      "4:64+0:0:536:4096,0:mss,sack,?77::0",
      "6:64+0:0:1440:4096,14:mss,nop,ws:flow:0",
      "6:64+0:0:1440:4096,0:ts,mss,nop,nop:ecn,ts2+:0"};
  std::vector<unsigned> senders;
  for (const auto* text : asked) senders.push_back(connect(text, *text == '6' ? kThere6 : kThere));
  const auto verdicts = judge_->await_sender(senders.back());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto verdict = verdicts.find(senders[i]);
    ASSERT_NE(verdict, verdicts.end()) << asked[i];
    const auto seen = parse_signature(verdict->second.raw);
    ASSERT_TRUE(seen) << verdict->second.raw;
    EXPECT_EQ(to_string(*seen), to_string(*parse_signature(asked[i])));
  }
}

}  // namespace
}  // namespace airlane::test
