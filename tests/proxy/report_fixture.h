// An engine that writes an access log, and what the log and the metrics say afterwards.
#pragma once

#include <chrono>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "proxy/access_log.h"
#include "tests/proxy/engine_fixture.h"

namespace airlane::test {

using Fields = std::map<std::string, std::string>;

class ReportTest : public EngineTest {
 protected:
  void configure(EngineOptions& options) override {
    auto log = AccessLog::open({path_, kWorkers, 1024});
    ASSERT_TRUE(log);
    log_ = *std::move(log);
    options.access_log = log_.get();
  }
  void TearDown() override {
    engine_.reset();
    log_.reset();
  }

  [[nodiscard]] std::vector<Fields> lines() const {
    std::vector<Fields> all;
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      auto& fields = all.emplace_back();
      for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        fields[word.substr(0, equals)] = word.substr(equals + 1);
      }
    }
    return all;
  }
  // Until so many connections are open, or for ten seconds.
  bool comes_to_active(std::uint64_t wanted) {
    for (int i = 0; i < 1000 && engine_->statistics().active != wanted; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return engine_->statistics().active == wanted;
  }
  // The only line that there is, or comes soon.
  Fields line() {
    for (int i = 0; i < 1000 && lines().empty(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const auto all = lines();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? Fields() : all.front();
  }
  std::uint64_t ended(std::string_view stage, std::string_view error) {
    for (const auto& row : engine_->statistics().ended) {
      if (row.stage == stage && row.error == error) return row.count;
    }
    return UINT64_MAX;
  }

  const std::string path_ = folder_.path("access.log");
  std::unique_ptr<AccessLog> log_;
};

}  // namespace airlane::test
