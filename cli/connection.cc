#include "cli/connection.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <ostream>
#include <string_view>
#include <system_error>

#include "base/unique_fd.h"
#include "cli/command_line.h"
#include "cli/local.h"

namespace airlane::cli {
namespace {

constexpr std::size_t kKeyMost = 4096;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Failure invalid(std::string text) { return {Failure::Kind::kInvalid, std::move(text)}; }

// The first line of the file.
Outcome<std::string> read_key(const std::string& path) {
  errno = 0;
  std::ifstream file(path);
  std::string text(kKeyMost + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.eof() && !file.good()) {
    return invalid("the key in " + path +
                   " cannot be read: " + std::system_category().message(errno));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text.substr(0, text.find_first_of("\r\n"));
}

// As the value of a header: no blank and no line break may be in it.
Outcome<std::string> checked_key(std::string key, const std::string& place) {
  const bool printable =
      std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.empty()) return invalid("there is no key in " + place);
  if (!printable || key.size() > kKeyMost) return invalid("what is in " + place + " is not a key");
  return key;
}

Outcome<std::string> key_of(const ConnectionOptions& options) {
  if (!options.key_file.empty()) {
    auto key = read_key(options.key_file);
    return key ? checked_key(*std::move(key), options.key_file) : key;
  }
  auto key = environment("AIRLANE_KEY");
  if (key.empty()) {
    return invalid("a server at a URL wants a key: --key-file FILE or $AIRLANE_KEY");
  }
  return checked_key(std::move(key), "$AIRLANE_KEY");
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// What is wrong with the URL, in a sentence, or nothing.
std::optional<Failure> objection_to(const std::string& url) {
  if (url.find_first_of("?#@") != std::string::npos) {
    return invalid("the URL must be like https://host:port, without a user, ? or #");
  }
  const auto target = http::target_of(url);
  if (!target) return invalid(url + ": " + target.error().text);
  return std::nullopt;
}

Outcome<Connection> by_url(std::string url, const ConnectionOptions& options) {
  if (auto failure = objection_to(url)) return *std::move(failure);
  while (url.ends_with('/')) url.pop_back();
  auto key = key_of(options);
  if (!key) return key.error();
  const auto named = options.authorities;
  return Connection{std::move(url), "", *std::move(key),
                    named.empty() ? environment("AIRLANE_CACERT") : named};
}

Connection by_socket(std::string path) { return {"http://localhost", std::move(path), "", ""}; }

std::string usual_socket() {
  const auto socket = environment("AIRLANE_SOCKET");
  return socket.empty() ? Config{}.control.socket : socket;
}

// --cacert and --key-file are of use with a URL only.
std::optional<Failure> idle_option(const ConnectionOptions& options) {
  if (options.key_file.empty() && options.authorities.empty()) return std::nullopt;
  return invalid(std::string(options.key_file.empty() ? "--cacert" : "--key-file") +
                 " is for a server at a URL: --url or $AIRLANE_URL");
}

// Tried again, as the library speaks of port 80 of localhost, which is nowhere. 0: it went well.
int error_of_connecting(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  socket.copy(address.sun_path, socket.size());
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto* to = reinterpret_cast<const sockaddr*>(&address);
  // EAGAIN: somebody listens, and has no time.
  const bool good = probe && (::connect(probe.get(), to, sizeof address) == 0 || errno == EAGAIN);
  return good ? 0 : errno;
}

void warn_of_clear_text(const Connection& connection, std::ostream& err) {
  if (connection.key.empty() || !connection.url.starts_with("http://")) return;
  const auto target = http::target_of(connection.url);
  if (target && is_loopback(target->host)) return;
  err << "airlane: the key travels in the clear: " << connection.url << " is not https\n";
}

}  // namespace

void add_connection_options(CLI::App& app, ConnectionOptions& options) {
  auto* socket = app.add_option("--socket", options.socket, "The server's; or $AIRLANE_SOCKET");
  auto* config = app.add_option("-c", options.config, "Take the socket from this configuration");
  auto* url =
      app.add_option("--url", options.url, "https://HOST:PORT of a server; or $AIRLANE_URL");
  auto* key = app.add_option("--key-file", options.key_file,
                             "With --url, an admin's key; or $AIRLANE_KEY holds it");
  auto* authorities = app.add_option("--cacert", options.authorities,
                                     "With --url, whom to trust; or $AIRLANE_CACERT");
  socket->type_name("PATH")->excludes(config)->excludes(url);
  config->type_name("FILE")->excludes(url);
  url->type_name("URL");
  key->type_name("FILE");
  authorities->type_name("FILE");
}

void stay_on_this_host(ConnectionOptions& options) {
  if (options.socket.empty() && options.config.empty()) options.socket = usual_socket();
}

Result<Connection, int> Connection::open(const ConnectionOptions& options, std::ostream& err) {
  const auto fail = [&](const Failure& failure) {
    err << "airlane: " << failure.text << '\n';
    return int{kUsage};
  };
  const auto named = environment("AIRLANE_URL");
  const bool by_option = !options.socket.empty() || !options.config.empty();
  if (!by_option && (!options.url.empty() || !named.empty())) {
    if (options.url.empty() && !environment("AIRLANE_SOCKET").empty()) {
      return fail(invalid("$AIRLANE_URL and $AIRLANE_SOCKET name two servers: unset one"));
    }
    auto connection = by_url(options.url.empty() ? named : options.url, options);
    if (!connection) return fail(connection.error());
    warn_of_clear_text(*connection, err);
    return *std::move(connection);
  }
  if (const auto idle = idle_option(options)) return fail(*idle);
  if (!options.socket.empty()) return by_socket(options.socket);
  if (!options.config.empty()) {
    const auto config = load_or_complain(options.config, err);
    if (!config) return int{kBadConfig};
    return by_socket(config->control.socket);
  }
  return by_socket(usual_socket());
}

http::Request Connection::request(const std::string& path) const {
  http::Request request;
  request.url = url + "/api/admin/" + path;
  request.unix_socket = socket;
  request.authorities = authorities;
  if (!key.empty()) request.headers.emplace_back("Authorization", "Bearer " + key);
  return request;
}

std::string Connection::unreachable(const std::string& reason) const {
  if (socket.empty()) {
    const char* advice = url.starts_with("https:")
                             ? "A certificate of an authority of your own: --cacert FILE names it."
                             : "A server that has TLS: --url https://...";
    return "cannot reach the server: " + reason + "\n" + advice;
  }
  const int error = error_of_connecting(socket);
  const auto advice =
      error == EACCES ? "\nBe root or a member of the group airlane."
                      : "\n`airlane serve` must be running; --socket, -c FILE or $AIRLANE_SOCKET "
                        "names its socket.";
  const auto why = error == ECONNREFUSED ? "nobody listens at " + socket
                   : error != 0          ? socket + ": " + std::system_category().message(error)
                                         : reason;
  return "cannot reach the server: " + why + advice;
}

}  // namespace airlane::cli
