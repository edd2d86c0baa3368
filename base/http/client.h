// One HTTP request, answered or failed before a total deadline. The only door to libcurl.
//
// Blocks: any thread but a loop's. Nothing is shared between calls: no connection, cookie, cache or
// proxy from the environment; redirects are answers like any other; http and https only, and
// the certificate of a server must be good for the host name of the URL.
//
// Fails closed. With an `interface` every socket is bound to it, or the request fails. The host's
// resolver would ask over whatever route the host has, so a URL that is left by an interface must
// hold an address, or come with the one its name stands for.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace airlane::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string url = {};
  std::string method = "GET";
  Headers headers = {};
  std::string body = {};
  std::string interface = {};            // Leave by this one and no other; empty: by any.
  std::optional<Address> resolved = {};  // What the URL's host name stands for, whatever the port.
  std::string unix_socket = {};  // Path of the server's socket; the URL's host is only a name.
  std::string authorities = {};  // A PEM file of the only ones to be trusted; empty: the system's.
  std::chrono::milliseconds timeout{10'000};  // From the call to the last byte.
  std::size_t body_most = 1 << 20;            // A longer body fails the request.
  std::stop_token stop = {};                  // Ends the request at once, as a failure.
};

struct Response {
  int status = 0;
  Headers headers;  // In the order of arrival, names as the server wrote them.
  std::string body;

  // The first of that name, in any case.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

// Any complete answer is a Response, whatever its status. kInvalid when the request could never be
// sent, kUnavailable when there was no complete answer in time.
Outcome<Response> fetch(const Request& request);

struct Target {
  std::string host;  // Without brackets.
  std::uint16_t port = 0;
  std::optional<Address> address;  // When `host` is an address: nothing to resolve.
};

// Where a URL leads, exactly as fetch() would read it.
Outcome<Target> target_of(const std::string& url);

}  // namespace airlane::http
