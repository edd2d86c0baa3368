// The API as its clients see it, over the loopback, in front of a FakeBackend with a clock that a
// test turns by hand.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

#include "base/event/loop_thread.h"
#include "control/api/admin/admin.h"
#include "control/api/openapi/openapi.h"
#include "control/api/router.h"
#include "tests/base/http_client.h"
#include "tests/control/api/fake_backend.h"
#include "tests/support/run_on.h"

namespace airlane::test {

using api::Json;
using namespace std::chrono_literals;

inline constexpr api::Section kSections[] = {
    {.path = api::kAdminPrefix, .enter = api::admin},
    {.path = api::kDocumentPath, .enter = api::openapi},
    {.path = api::kReferencePath, .enter = api::reference},
};

class ApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    api::Settings settings;
    settings.public_host = "s1.example.com";
    settings.now = [this] { return Monotonic::time_point(1h) + clock_.load(); };
    settings.wall = [] { return from_unix(1598318436); };  // 2020-08-25T01:20:36Z
    router_.emplace(backend_, std::move(settings), kSections);
    server_.emplace(thread_.loop(), HttpServer::Limits{},
                    [this](HttpRequest request, HttpReply reply) {
                      router_->handle(std::move(request), std::move(reply));
                    });
    address_ = *server_->listen(Address::v4("\x7f\0\0\1", 0));
    std::filesystem::remove(socket_);
    ASSERT_TRUE(server_->listen_unix(socket_).has_value());
    thread_.start();
  }
  void TearDown() override {
    thread_.stop();
    server_.reset();
    backend_.held_rotations.clear();
    backend_.held_changes.clear();
    std::filesystem::remove(socket_);
  }

  HttpAnswer get(const std::string& target, std::string_view fields = {}) {
    return HttpClient(address_).ask("GET", target, fields);
  }
  HttpAnswer ask(std::string_view method, const std::string& target, std::string_view fields = {},
                 std::string_view body = {}) {
    return HttpClient(address_).ask(method, target, fields, body);
  }
  HttpAnswer admin(std::string_view method, const std::string& target, std::string_view body = {}) {
    return HttpClient(socket_).ask(method, target, {}, body);
  }

  // Of the admin API: the one shape of its errors.
  static void expect_error(const HttpAnswer& answer, int status, const std::string& code,
                           const std::string& field = {}) {
    EXPECT_EQ(answer.status, status) << answer.body;
    const Json error = Json::parse(answer.body)["error"];
    EXPECT_EQ(error["code"], code);
    EXPECT_FALSE(error["message"].get<std::string>().empty());
    EXPECT_EQ(error.value("field", ""), field);
  }

  // Runs on the server's thread, and waits until it has run.
  template <class Task>
  auto on_server(Task task) {
    return run_on(thread_, task);
  }
  std::vector<std::string> log() {
    return on_server([this] { return backend_.log; });
  }
  void pass(std::chrono::milliseconds time) { clock_ = clock_.load() + time; }
  Monotonic::time_point now() const { return Monotonic::time_point(1h) + clock_.load(); }

  std::atomic<std::chrono::milliseconds> clock_{0ms};
  LoopThread thread_{"api"};
  FakeBackend backend_{thread_.loop()};
  std::optional<api::Router> router_;
  std::optional<HttpServer> server_;
  Address address_;
  std::string socket_ = "/tmp/airlane_api_test." + std::to_string(getpid()) + ".sock";
};

}  // namespace airlane::test
