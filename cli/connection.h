// Which server to ask, and how: its Unix socket, or a URL with the key of somebody who may.
//
// The nearest word wins: an option of the command line, then the environment, then the default
// socket. A key is never a word of the command line, which everybody on the machine can read.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

#include "base/http/client.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace airlane::cli {

struct ConnectionOptions {
  std::string socket{};       // --socket
  std::string config{};       // -c
  std::string url{};          // --url
  std::string key_file{};     // --key-file
  std::string authorities{};  // --cacert
};

// Leaves a URL of the environment aside: what is not said by an option is the socket of this host.
void stay_on_this_host(ConnectionOptions& options);

// On the program itself, so that they may stand before and after the words of a command.
void add_connection_options(CLI::App& app, ConnectionOptions& options);

struct Connection {
  // An exit status after saying on `err` what is wrong.
  static Result<Connection, int> open(const ConnectionOptions& options, std::ostream& err);

  // For a path below /api/admin/.
  [[nodiscard]] http::Request request(const std::string& path) const;
  // What to say when there was no answer, for `reason`.
  [[nodiscard]] std::string unreachable(const std::string& reason) const;

  std::string url;     // Up to where /api/ begins, without a slash.
  std::string socket;  // Empty: none.
  std::string key;     // Empty: none, the socket knows who calls.
  std::string authorities;
};

}  // namespace airlane::cli
