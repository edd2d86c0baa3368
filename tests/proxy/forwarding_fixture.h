// What tests of plain HTTP requests through the whole data path have in common.
#pragma once

#include "tests/proxy/engine_fixture.h"

namespace airlane::test {

class Forwarding : public EngineTest {
 protected:
  // A request for `path` on 127.0.0.1:port, with further field lines and a body.
  std::string request(const std::string& method, std::uint16_t port, const std::string& path,
                      const std::string& fields = "", const std::string& body = "") const {
    const auto authority = "127.0.0.1:" + std::to_string(port);
    return method + " http://" + authority + path + " HTTP/1.1\r\nHost: " + authority + "\r\n" +
           basic() + fields + "\r\n" + body;
  }
  static std::string ok(const std::string& body, const std::string& fields = "") {
    return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
};

}  // namespace airlane::test
