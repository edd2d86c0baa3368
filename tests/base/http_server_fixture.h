// The HTTP server on a thread of its own, with a handler that says what it has understood.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/event/http_server.h"
#include "base/event/loop_thread.h"
#include "tests/base/http_client.h"
#include "tests/support/run_on.h"

namespace airlane::test {

// Echoes what it understood; keeps the replies of /later until somebody sends them.
class HttpServerTest : public ::testing::Test {
 protected:
  void start(const HttpServer::Limits& limits) {
    server_.emplace(thread_.loop(), limits, [this](HttpRequest request, HttpReply reply) {
      handle(std::move(request), std::move(reply));
    });
    const auto bound = server_->listen(Address::v4("\x7f\0\0\1", 0));
    ASSERT_TRUE(bound.has_value());
    address_ = *bound;
    thread_.start();
  }
  void start() { start(HttpServer::Limits{}); }
  void TearDown() override {
    thread_.stop();
    server_.reset();
    later_.clear();
  }

  void handle(HttpRequest request, HttpReply reply) {
    if (request.path == "/later") {
      later_.push_back(std::move(reply));
    } else if (request.path == "/never") {
      return;
    } else if (request.path == "/large") {
      reply.send(200, {}, std::string(4 * 1024 * 1024, 'x'));
    } else {
      std::string text = request.method + " " + request.path;
      for (const auto& [name, value] : request.query) text += " " + name + "=" + value;
      if (!request.body.empty()) text += " body " + std::to_string(request.body.size());
      if (request.credentials) text += " uid " + std::to_string(request.credentials->uid);
      reply.send(200, {{"X-Peer", request.peer.ip()}}, text);
    }
    last_ = std::move(request);
  }

  // Runs on the server's thread, and waits until it has run.
  template <class Task>
  auto on_server(Task task) {
    return run_on(thread_, task);
  }
  HttpRequest last() {
    return on_server([this] { return last_; });
  }
  void wait_for_replies(std::size_t count) {
    while (on_server([this] { return later_.size(); }) < count) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  void wait_for_connections(std::size_t count) {
    while (on_server([this] { return server_->connections(); }) != count) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  LoopThread thread_{"http"};
  std::vector<HttpReply> later_;
  HttpRequest last_;
  std::optional<HttpServer> server_;
  Address address_;
};

}  // namespace airlane::test
