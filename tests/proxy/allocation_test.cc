// How often the data path calls for memory.
#include "proxy/target_reports.h"
#include "tests/proxy/counted_allocations.h"
#include "tests/proxy/forwarding_fixture.h"

namespace airlane::test {
namespace {

class Allocation : public Forwarding {
 protected:
  void expect_none_of_a_kept_connection();
};

class AllocationOfTargets : public Allocation {
 protected:
  void configure(EngineOptions& options) override { options.target_reports = &reports_; }
  void SetUp() override {
    Allocation::SetUp();
    proxies_[0].targets_kept = 10;
    publish();
  }
  void TearDown() override {
    engine_.reset();  // Before the reports.
  }

  TargetReports reports_{kWorkers, 1024};
};

void Allocation::expect_none_of_a_kept_connection() {
  Server target([&](Stream& stream) {
    for (;;) {
      const auto head = stream.read_until("\r\n\r\n");
      if (head.empty()) return;
      if (head.starts_with("POST")) stream.read(4);
      stream.send(ok(std::string(1024, 'd'), "Server: x\r\nDate: today\r\nX-Y: z\r\n"));
    }
  });
  auto stream = client();
  const auto get = request("GET", target.port(), "/some/where?a=b", "Accept: */*\r\nX-A: b\r\n");
  const auto post = request("POST", target.port(), "/", "Content-Length: 4\r\n", "body");
  const auto ask = [&](int times) {
    for (int i = 0; i < times; ++i) {
      stream.send(i % 2 == 0 ? get : post);
      stream.read_until("\r\n\r\n");
      ASSERT_EQ(stream.read(1024), std::string(1024, 'd'));
    }
  };
  ask(10);  // Strings and pools grow to their size.
  count_allocations(true);
  ask(100);
  // The tick of each second may need some.
  EXPECT_LT(count_allocations(false), 20) << "in 100 requests";
}

TEST_F(Allocation, AKeptConnectionNeedsNoneForItsRequests) { expect_none_of_a_kept_connection(); }

TEST_F(AllocationOfTargets, AKeptConnectionNeedsNoneForItsRequests) {
  expect_none_of_a_kept_connection();
  EXPECT_TRUE(reports_.in_use());
}

}  // namespace
}  // namespace airlane::test
