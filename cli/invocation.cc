#include "cli/invocation.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <istream>
#include <optional>
#include <ostream>
#include <system_error>

#include "base/http/client.h"
#include "base/result.h"
#include "cli/local.h"
#include "cli/table.h"

namespace airlane::cli {
namespace {

constexpr std::size_t kAnswerMost = 64 << 20;  // A listing of all proxies there can be is smaller.

// The nearest word wins: --socket, then -c, then the environment, then the default.
Result<std::string, int> socket_of(Invocation& here) {
  if (!here.socket.empty()) return here.socket;
  if (!here.config.empty()) {
    const auto config = load_or_complain(here.config, here.streams.err);
    if (!config) return int{kBadConfig};
    return config->control.socket;
  }
  const char* named = std::getenv("AIRLANE_SOCKET");
  return named != nullptr && *named != '\0' ? std::string(named) : Config{}.control.socket;
}

// The request's body, or nothing when an argument cannot be said in JSON.
std::optional<std::string> text_of(const Json& body) {
  try {
    return body.is_null() ? std::string() : body.dump();
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

// What the server gave as its reason. Its own form first, then those of the public contract.
std::string reason_of(const Json& answer, int status) {
  if (answer.is_object()) {
    const auto error = answer.value("error", Json());
    if (error.is_object() && error.value("message", Json()).is_string()) {
      return error["message"].get<std::string>();
    }
    if (error.is_string()) return error.get<std::string>();
    const auto detail = answer.value("detail", Json());
    if (detail.is_string()) return detail.get<std::string>();
  }
  return "The server answered with HTTP status " + std::to_string(status) + ".";
}

http::Request request_of(const Call& call, const std::string& body, const std::string& socket) {
  http::Request request;
  request.url = "http://localhost/api/admin/" + call.path;
  request.method = call.method;
  if (!call.body.is_null()) request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  request.unix_socket = socket;
  request.timeout = call.patience;
  request.body_most = kAnswerMost;
  return request;
}

int unreachable(Invocation& here, const std::string& socket, const std::string& reason) {
  std::string cause = reason;
  std::string advice = "`airlane serve` must be running; --socket or -c FILE names its socket.";
  if (::access(socket.c_str(), W_OK) != 0) {
    cause = socket + ": " + std::system_category().message(errno);
    if (errno == EACCES) advice = "Be root or a member of the group airlane.";
  }
  return here.fail(kUnreachable, "cannot reach the server: " + cause + "\n" + advice);
}

}  // namespace

int Invocation::perform(const Call& call) {
  const auto path = socket_of(*this);
  if (!path) return path.error();
  const auto body = text_of(call.body);
  if (!body) return fail(kUsage, "an argument is not valid UTF-8");
  const auto response = http::fetch(request_of(call, *body, *path));
  if (!response) return unreachable(*this, *path, response.error().text);

  if (call.text && response->status == 200) {
    streams.out << response->body;
    return kDone;
  }
  const auto answer = Json::parse(response->body, nullptr, false);
  const bool denied = answer.is_object() && answer.value("success", Json()) == Json(false);
  if (response->status < 200 || response->status > 299 || denied || answer.is_discarded()) {
    return fail(kRefused, printable(reason_of(answer, response->status)));
  }
  if (json || !call.show) {
    streams.out << response->body << (response->body.ends_with('\n') ? "" : "\n");
  } else {
    call.show(streams.out, answer);
  }
  const auto lacking = call.lacks ? call.lacks(answer) : std::string();
  return lacking.empty() ? kDone : fail(kUnchecked, printable(lacking));
}

std::optional<Json> Invocation::ask(const Call& call) {
  const auto path = socket_of(*this);
  if (!path) return std::nullopt;
  const auto response = http::fetch(request_of(call, {}, *path));
  if (!response || response->status != 200) return std::nullopt;
  auto answer = Json::parse(response->body, nullptr, false);
  if (answer.is_discarded()) return std::nullopt;
  return answer;
}

std::string Invocation::read_password() {
  std::string line;
  std::getline(streams.in, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

int Invocation::fail(int status, std::string_view sentence) {
  streams.err << "airlane: " << sentence << '\n';
  return status;
}

void add_socket_options(CLI::App& command, Invocation& here) {
  command.add_option("--socket", here.socket, "The server's socket; or $AIRLANE_SOCKET")
      ->type_name("PATH");
  command.add_option("-c", here.config, "Take the socket from this configuration")
      ->type_name("FILE");
}

CLI::App& client_command(CLI::App& parent, const char* name, const char* sentence,
                         Invocation& here) {
  auto& command = *parent.add_subcommand(name, sentence);
  add_socket_options(command, here);
  command.add_flag("--json", here.json, "Print the answer as JSON");
  return command;
}

std::string escaped(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      text += c;
    } else {
      text += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

}  // namespace airlane::cli
