// The program by itself: packets go in, and what comes out is looked at. Every check sum is
// complete here, as it is on an interface that has nobody to complete it later.
#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <algorithm>
#include <optional>
#include <random>

#include "netlink/fingerprint/fingerprints.h"
#include "tests/fingerprint/looks.h"
#include "tests/netlink/network.h"
#include "tests/support/scale.h"

namespace airlane::test {
namespace {

constexpr int kLoopback = 1;
constexpr std::uint32_t kMark = 77;
constexpr Marks kMarks{.first = 70, .count = 10};
constexpr std::uint32_t kForeign = 80;  // Of somebody else on the host.
constexpr int kShot = 2;                // TC_ACT_SHOT

struct Offered {
  int mss = 1460;
  int window = 64240;
  int scale = 7;
  bool sack = true, time = true, scaling = true;
};

template <class... Values>
void put(Bytes& bytes, Values... values) {
  (bytes.push_back(static_cast<std::uint8_t>(values)), ...);
}

void set16(Bytes& bytes, std::size_t at, unsigned value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

// The options in the words in which Linux writes them (tcp_options_write).
Bytes native_options(const Offered& offered) {
  Bytes options;
  put(options, 2, 4, offered.mss >> 8, offered.mss & 255);
  if (offered.time) {
    offered.sack ? put(options, 4, 2) : put(options, 1, 1);
    put(options, 8, 10, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0);
  } else if (offered.sack) {
    put(options, 1, 1, 4, 2);
  }
  if (offered.scaling) put(options, 1, 3, 3, offered.scale);
  return options;
}

Bytes usual_options() {
  const Offered offered;
  return native_options(offered);
}

// A frame of Ethernet with a TCP packet: by default a SYN as Linux sends it.
struct Frame {
  bool v6 = false;
  Bytes options = usual_options();
  int window = 64240;
  int flags = 0x02;
  int ttl = 64;
  int id = 0x1234;
  int traffic_class = 0;
  int label = 0x54321;
  int fragment = 0x4000;
  Bytes data;

  [[nodiscard]] Bytes bytes() const {
    Bytes tcp;
    put(tcp, 0x9c, 0x40, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0);
    put(tcp, static_cast<int>(20 + options.size()) / 4 * 16, flags, window >> 8, window & 255);
    put(tcp, 0, 0, 0, 0);
    tcp.insert(tcp.end(), options.begin(), options.end());
    tcp.insert(tcp.end(), data.begin(), data.end());
    Bytes packet = v6 ? ip_v6(tcp.size()) : ip_v4(tcp.size());
    const auto ip_size = packet.size();
    packet.insert(packet.end(), tcp.begin(), tcp.end());
    const Packet whole(packet);
    set16(packet, ip_size + 16, ~sum(whole.tcp(), whole.pseudo_sum()) & 0xffff);
    Bytes frame;
    put(frame, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, v6 ? 0x86 : 8, v6 ? 0xdd : 0);
    frame.insert(frame.end(), packet.begin(), packet.end());
    return frame;
  }

  [[nodiscard]] Bytes ip_v4(std::size_t size) const {
    const auto total = static_cast<int>(20 + size);
    Bytes ip;
    put(ip, 0x45, traffic_class, total >> 8, total & 255, id >> 8, id & 255);
    put(ip, fragment >> 8, fragment & 255, ttl, 6, 0, 0, 192, 168, 8, 100, 192, 0, 2, 1);
    set16(ip, 10, ~sum(ip) & 0xffff);
    return ip;
  }

  [[nodiscard]] Bytes ip_v6(std::size_t size) const {
    const auto length = static_cast<int>(size);
    Bytes ip;
    put(ip, 0x60 | traffic_class >> 4, (traffic_class & 15) << 4 | label >> 16);
    put(ip, label >> 8 & 255, label & 255, length >> 8, length & 255, 6, ttl);
    for (const int last : {1, 2}) {
      put(ip, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);
    }
    return ip;
  }
};

class FingerprintProgram : public NetworkTest {
 protected:
  void SetUp() override {
    NetworkTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    auto loaded = Fingerprints::load(kMarks);
    ASSERT_TRUE(loaded) << loaded.error().text;
    fingerprints_ = *std::move(loaded);
    const auto attached = fingerprints_->attach(kLoopback);
    ASSERT_TRUE(attached) << attached.error().text;
  }

  Signature dress(std::string_view text) {
    const auto signature = parse_signature(text);
    EXPECT_TRUE(signature) << signature.error().text;
    dress(*signature);
    return *signature;
  }
  void dress(const Signature& signature) {
    const auto recipe = make_recipe(signature);
    ASSERT_TRUE(recipe) << recipe.error().text;
    ASSERT_TRUE(fingerprints_->set(kMark, *recipe));
  }

  // The packet that leaves, or nothing if it is dropped.
  std::optional<Packet> send(const Frame& frame, std::uint32_t mark = kMark) {
    auto in = frame.bytes();
    Bytes out(2048);
    __sk_buff context{};
    context.mark = mark;
    context.ifindex = kLoopback;
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.data_in = in.data();
    options.data_size_in = static_cast<std::uint32_t>(in.size());
    options.data_out = out.data();
    options.data_size_out = static_cast<std::uint32_t>(out.size());
    options.ctx_in = &context;
    options.ctx_size_in = sizeof context;
    const int error = bpf_prog_test_run_opts(fingerprints_->program(), &options);
    EXPECT_EQ(error, 0);
    if (error != 0 || options.retval == kShot) return std::nullopt;
    return Packet(Bytes(out.begin() + 14, out.begin() + options.data_size_out));
  }

  FingerprintCounts counts() {
    const auto counts = fingerprints_->counts();
    EXPECT_TRUE(counts);
    return *counts;
  }

  std::unique_ptr<Fingerprints> fingerprints_;
};

// Any signature that can be honoured: options in any order and number, and any of the rest.
class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}

  int below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

  Signature signature() {
    Signature signature;
    signature.version = static_cast<Signature::Version>(below(3));
    signature.ttl = static_cast<std::uint8_t>(1 + below(255));
    lay_out(signature);
    for (const auto quirk :
         {Quirk::kDf, Quirk::kIdNonZero, Quirk::kIdZero, Quirk::kEcn, Quirk::kReserved,
          Quirk::kFlow, Quirk::kAckNonZero, Quirk::kUrgentValue, Quirk::kUrgentFlag,
          Quirk::kPushFlag, Quirk::kOwnTimeZero, Quirk::kPeerTime, Quirk::kTrailing}) {
      if (below(4) == 0) signature.quirks.set(quirk);
    }
    if (signature.has_option(kOptionMss) && below(2) == 0) {
      signature.mss = static_cast<std::uint16_t>(below(3000));
    }
    if (signature.has_option(kOptionScale) && below(2) == 0) signature.scale = std::uint8_t{7};
    signature.window_form = static_cast<Signature::WindowForm>(below(5));
    const bool factor = signature.window_form >= Signature::WindowForm::kTimesMss;
    if (signature.window_form != Signature::WindowForm::kAny) {
      signature.window = static_cast<std::uint16_t>(2 + below(factor ? 44 : 65534));
    }
    return signature;
  }

 private:
  // One of each in any order, then any number of what has no value, up to where it must end.
  void lay_out(Signature& signature) {
    std::array kinds{kOptionMss, kOptionScale, kOptionTime, kOptionSackAllowed};
    std::shuffle(kinds.begin(), kinds.end(), random_);
    std::size_t size = 0;
    const auto add = [&](std::uint8_t kind, std::size_t takes) {
      if (size + takes > EGRESS_OPTIONS_MOST) return;
      signature.options.push_back({kind});
      size += takes;
    };
    static constexpr std::array<std::size_t, 9> kSizes{0, 1, 4, 3, 2, 10, 0, 0, 10};
    for (const auto kind : kinds) {
      for (int nops = below(4); nops > 1; --nops) add(kOptionNop, 1);
      if (below(8) == 0) add(kOptionSack, 10);
      if (below(8) == 0) add(static_cast<std::uint8_t>(31 + below(224)), 2);
      if (below(4) != 0) add(kind, kSizes[kind]);
    }
    if (below(2) == 0 && size < EGRESS_OPTIONS_MOST) {
      const auto least = 3 - size % 4;
      const auto more = (EGRESS_OPTIONS_MOST - size - 1 - least) / 4;
      const auto padding = static_cast<int>(least) + 4 * below(static_cast<int>(more) + 1);
      signature.options.push_back({kOptionEnd, static_cast<std::int16_t>(padding)});
    } else {
      while (size % 4 != 0) add(kOptionNop, 1);
    }
  }

  std::mt19937 random_;
};

TEST_F(FingerprintProgram, GivesEveryLegalLayoutToTheByte) {
  const int wanted = at_full_scale() ? 200'000 : 8'000;
  const auto seed = std::random_device()();
  Chance chance(seed);
  int done = 0;
  while (done < wanted) {
    const auto signature = chance.signature();
    const auto parsed = parse_signature(to_string(signature));
    if (!parsed || !make_recipe(signature)) continue;
    ++done;
    SCOPED_TRACE(to_string(signature) + " of seed " + std::to_string(seed));
    ASSERT_EQ(*parsed, signature);
    dress(signature);
    Frame frame;
    frame.v6 = signature.version == Signature::Version::kV6 ||
               (signature.version == Signature::Version::kAny && chance.below(2) == 0);
    Offered offered;
    offered.sack = chance.below(2) == 0 || signature.has_option(kOptionSackAllowed);
    offered.time = chance.below(2) == 0 || signature.has_option(kOptionTime);
    offered.scaling = chance.below(2) == 0 || signature.has_option(kOptionScale);
    frame.options = native_options(offered);
    frame.id = chance.below(2) * 0x4321;
    const auto packet = send(frame);
    const int mss = signature.mss ? *signature.mss : 1460;
    const int times = signature.window_form == Signature::WindowForm::kTimesMtu
                          ? mss + (frame.v6 ? 60 : 40)
                          : mss;
    if (signature.window_form >= Signature::WindowForm::kTimesMss &&
        signature.window * times > 65535) {
      EXPECT_FALSE(packet) << "its window would be too wide";
      continue;
    }
    ASSERT_TRUE(packet);
    expect_looks(signature, *packet, {1460, 64240, 7});
    if (HasFailure()) return;
  }
  EXPECT_GT(counts().rewritten, static_cast<std::uint64_t>(wanted) / 2);
  EXPECT_EQ(counts().failed + counts().malformed + counts().not_offered, 0U);
}

TEST_F(FingerprintProgram, KeepsPortsAndSequenceNumberAndServiceClass) {
  dress("*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0");
  for (const bool v6 : {false, true}) {
    Frame frame;
    frame.v6 = v6;
    frame.traffic_class = 0xb8 | 3;
    const auto packet = send(frame);
    ASSERT_TRUE(packet);
    EXPECT_EQ(number(packet->tcp(), 0, 4), 0x9c400050U);
    EXPECT_EQ(number(packet->tcp(), 4, 4), 0x01020304U);
    EXPECT_EQ(v6 ? number(packet->ip(), 0, 4) >> 20 & 255 : number(packet->ip(), 1, 1), 0xb8U);
    if (!v6) {
      EXPECT_EQ(number(packet->ip(), 4, 2), 0x1234U) << "the id is the kernel's";
    }
  }
}

TEST_F(FingerprintProgram, DropsASynThatWouldPromiseWhatTheKernelDoesNotDo) {
  dress("*:64:0:*:*,9:mss,sok,ts,nop,ws:df,id+:0");
  const auto offer = [&](Offered offered) {
    Frame frame;
    frame.options = native_options(offered);
    return send(frame).has_value();
  };
  EXPECT_FALSE(offer({.scale = 9, .sack = false}));
  EXPECT_FALSE(offer({.scale = 9, .time = false}));
  EXPECT_FALSE(offer({.scale = 9, .scaling = false}));
  EXPECT_EQ(counts().not_offered, 3U);
  EXPECT_FALSE(offer({.scale = 8}));
  EXPECT_EQ(counts().other_scale, 1U);
  EXPECT_TRUE(offer({.scale = 9}));
  EXPECT_EQ(counts().rewritten, 1U);
}

TEST_F(FingerprintProgram, DropsASynThatItDoesNotUnderstand) {
  dress("*:64:0:*:*,*:mss:df,id+:0");
  Frame with_data;
  with_data.data = Bytes(3, 1);
  EXPECT_FALSE(send(with_data));
  Frame fragment;
  fragment.fragment = 0x2000;
  EXPECT_FALSE(send(fragment));
  Frame without_mss;
  without_mss.options.clear();
  put(without_mss.options, 1, 1, 4, 2);
  EXPECT_FALSE(send(without_mss));
  for (const bool v6 : {false, true}) {
    Frame no_header;
    no_header.v6 = v6;
    no_header.options.clear();
    EXPECT_FALSE(send(no_header)) << "no MSS, no Linux";
  }
  EXPECT_EQ(counts().malformed, 5U);
}

TEST_F(FingerprintProgram, DropsAWindowThatIsTooWideForThisMss) {
  dress("*:64:0:*:mss*44,*:mss,nop,ws:df,id+:0");
  Frame frame;
  frame.options = native_options({.mss = 1490});
  EXPECT_FALSE(send(frame));
  EXPECT_EQ(counts().too_wide, 1U);
}

TEST_F(FingerprintProgram, SetsOnlyTheTtlOfEverythingElse) {
  dress("*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0");
  for (const bool v6 : {false, true}) {
    for (const int flags : {0x10, 0x11, 0x04, 0x14, 0x18, 0x12, 0x03, 0x06}) {
      Frame frame;
      frame.v6 = v6;
      frame.flags = flags;
      frame.data = Bytes(4, 7);
      const auto packet = send(frame);
      ASSERT_TRUE(packet);
      EXPECT_EQ(packet->ttl(), 128);
      expect_right_sums(*packet);
      frame.ttl = 128;
      const auto expected = frame.bytes();
      EXPECT_EQ(Bytes(packet->all().begin(), packet->all().end()),
                Bytes(expected.begin() + 14, expected.end()));
    }
  }
  EXPECT_EQ(counts().rewritten, 0U);
}

TEST_F(FingerprintProgram, LeavesTheOtherFamilyItsSynButNotItsTtl) {
  dress("4:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0");
  Frame frame;
  frame.v6 = true;
  const auto packet = send(frame);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->ttl(), 128);
  EXPECT_EQ(packet->tcp().size(), 40U);
}

TEST_F(FingerprintProgram, KnowsPacketsByTheirMarks) {
  dress("*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0");
  const auto native = [](const std::optional<Packet>& packet, int ttl) {
    return packet && packet->tcp().size() == 40 && packet->ttl() == ttl;
  };
  EXPECT_TRUE(native(send({}, 0), 64)) << "of the kernel itself";
  EXPECT_TRUE(native(send({}, kForeign), 64));

  ASSERT_TRUE(fingerprints_->set_ttl(kLoopback, 99));
  EXPECT_TRUE(native(send({}, 0), 99));
  EXPECT_TRUE(native(send({}, kForeign), 64));
  EXPECT_EQ(send({})->ttl(), 128);

  ASSERT_TRUE(fingerprints_->detach(kLoopback));
  EXPECT_TRUE(native(send({}, 0), 64));
}

TEST_F(FingerprintProgram, DropsTheSynOfAMarkThatNobodyHasSet) {
  dress("*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0");
  ASSERT_TRUE(fingerprints_->forget(kMark));
  for (const auto mark : {kMark, kMarks.first, kMarks.first + kMarks.count - 1}) {
    for (const bool v6 : {false, true}) {
      Frame frame;
      frame.v6 = v6;
      EXPECT_FALSE(send(frame, mark)) << mark;
      frame.flags = 0x10;  // Of a connection that was seen already.
      EXPECT_TRUE(send(frame, mark)) << mark;
    }
  }
  EXPECT_EQ(counts().unknown, 6U);
  EXPECT_TRUE(send({}, kMarks.first - 1));
}

TEST_F(FingerprintProgram, TakesItsOwnMarksOnly) {
  for (const auto mark : {0U, 69U, kForeign}) EXPECT_FALSE(fingerprints_->set(mark, Recipe()));
  EXPECT_FALSE(fingerprints_->set_ttl(4242, 64)) << "an interface that is not attached";
}

}  // namespace
}  // namespace airlane::test
