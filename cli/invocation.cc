#include "cli/invocation.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <istream>
#include <optional>
#include <ostream>
#include <sstream>

#include "base/http/client.h"
#include "base/result.h"
#include "cli/table.h"
#include "cli/wording.h"

namespace airlane::cli {
namespace {

constexpr std::size_t kAnswerMost = 64 << 20;  // A listing of all proxies there can be is smaller.

// The request's body, or nothing when an argument cannot be said in JSON.
std::optional<std::string> text_of(const Json& body) {
  try {
    return body.is_null() ? std::string() : body.dump();
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

// A document that somebody wrote in JSON is spoken of in its own words.
std::string wrong_field(const CLI::App* command, const Call& call, const Json& wrong) {
  const auto field = cell(wrong, "field");
  const auto message = cell(wrong, "message");
  return call.raw.empty() ? in_words_of_options(command, field, message) : field + ": " + message;
}

// All that is wrong with a request, a line for each field; nothing when it is not about fields.
std::string wrong_fields(const CLI::App* command, const Call& call, const Json& error) {
  std::string lines;
  for (const auto& wrong : error.value("fields", Json::array())) {
    if (!wrong.is_object()) continue;
    lines += (lines.empty() ? "" : "\n") + wrong_field(command, call, wrong);
  }
  return lines;
}

// The sentence in an error. The server's own form first, then those of the public contract.
std::string message_in(const Json& answer, int status) {
  if (answer.is_object()) {
    const auto error = answer.value("error", Json());
    const auto message = error.is_object() ? error.value("message", Json()) : error;
    if (message.is_string()) return printable(message.get<std::string>());
    const auto detail = answer.value("detail", Json());
    if (detail.is_string()) return printable(detail.get<std::string>());
  }
  const auto said = "The server answered with HTTP status " + std::to_string(status);
  return said + (answer.is_discarded() ? " and not in JSON. Is it Airlane?" : ".");
}

bool is_good(int status, const Json& answer) {
  const bool denied = answer.is_object() && answer.value("success", Json()) == Json(false);
  return status >= 200 && status <= 299 && !denied && !answer.is_discarded();
}

// A no that asking again does not change; "too many requests" passes.
bool is_refusal(int status) { return status >= 400 && status <= 499 && status != 429; }

// Behind which row the next page of a list begins; nothing when there is none.
std::optional<std::int64_t> next_of(const Json& answer) {
  if (!answer.is_object()) return std::nullopt;
  const auto next = answer.value("next", Json());
  return next.is_number_integer() ? std::optional(next.get<std::int64_t>()) : std::nullopt;
}

void append_page(Json& list, const Json& page) {
  for (auto& [name, rows] : list.items()) {
    if (!rows.is_array() || !page.contains(name)) continue;
    for (const auto& row : page[name]) rows.push_back(row);
  }
  list["next"] = page.value("next", Json());
}

std::string path_of_page(const std::string& path, std::int64_t after) {
  return path + (path.find('?') == std::string::npos ? "?" : "&") +
         "after=" + std::to_string(after);
}

// Beside the reason: what to do about it.
std::string advice_for(int status, const Connection& connection) {
  if (connection.key.empty() || (status != 401 && status != 403)) return {};
  return "\nThe key must be one of an admin, and have the scope admin: --key-file FILE or "
         "$AIRLANE_KEY.";
}

// An ETag is quoted, and a shell takes quotes away.
std::string quoted(const std::string& etag) {
  return etag == "*" || etag.ends_with('"') ? etag : '"' + etag + '"';
}

http::Request request_of(const Call& call, const std::string& body, const Connection& connection) {
  auto request = connection.request(call.path);
  request.method = call.method;
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  if (!call.expected.empty()) request.headers.emplace_back("If-Match", quoted(call.expected));
  request.body = body;
  request.timeout = call.patience;
  request.body_most = kAnswerMost;
  return request;
}

}  // namespace

int Invocation::perform_to(std::ostream& out, const Call& call) {
  const auto server = Connection::open(connection, streams.err);
  if (!server) return server.error();
  const auto body = call.raw.empty() ? text_of(call.body) : call.raw;
  if (!body) return fail(kUsage, "an argument is not valid UTF-8");
  const auto response = http::fetch(request_of(call, *body, *server));
  if (!response) return fail(kUnreachable, server->unreachable(response.error().text));

  if (call.text && response->status == 200) {
    out << response->body;
    return kDone;
  }
  auto answer = Json::parse(response->body, nullptr, false);
  if (!is_good(response->status, answer)) return refused(call, *server, response->status, answer);
  const bool goes_on = call.method == "GET" && !call.one_page && next_of(answer);
  if (goes_on) {
    if (const int status = read_on(call, *server, answer); status != kDone) return status;
  }
  if (call.tells_etag) out << printable(response->header("ETag").value_or("-")) << '\n';
  if (call.show && !json) {
    call.show(out, answer);
  } else {
    const auto said = goes_on ? answer.dump() : response->body;
    out << said << (said.ends_with('\n') ? "" : "\n");
  }
  const auto lacking = call.lacks ? call.lacks(answer) : std::string();
  return lacking.empty() ? kDone : fail(kUnchecked, printable(lacking));
}

// Adds the pages that follow this one.
int Invocation::read_on(const Call& call, const Connection& server, Json& answer) {
  for (auto after = next_of(answer); after;) {
    Call more{.method = "GET", .path = path_of_page(call.path, *after)};
    const auto response = http::fetch(request_of(more, {}, server));
    if (!response) return fail(kUnreachable, server.unreachable(response.error().text));
    const auto page = Json::parse(response->body, nullptr, false);
    if (!is_good(response->status, page)) return refused(call, server, response->status, page);
    const auto next = next_of(page);
    if (next && *next <= *after) return fail(kRefused, "the pages of the list do not end");
    append_page(answer, page);
    after = next;
  }
  return kDone;
}

std::string Invocation::reason_of(const Call& call, const Connection& server, int status,
                                  const Json& answer) const {
  const auto error = answer.is_object() ? answer.value("error", Json()) : Json();
  auto reason = error.is_object() ? wrong_fields(command, call, error) : std::string();
  if (reason.empty()) reason = message_in(answer, status);
  return reason + advice_for(status, server);
}

int Invocation::refused(const Call& call, const Connection& server, int status,
                        const Json& answer) {
  return fail(kRefused, reason_of(call, server, status, answer));
}

Heard Invocation::hear(const Call& call) {
  std::ostringstream unheard;
  const auto server = Connection::open(connection, unheard);
  if (!server) return {};
  const auto response = http::fetch(request_of(call, {}, *server));
  if (!response) return {};
  auto answer = Json::parse(response->body, nullptr, false);
  if (is_refusal(response->status)) {
    return {{}, reason_of(call, *server, response->status, answer)};
  }
  if (response->status != 200 || answer.is_discarded()) return {};
  return {std::move(answer), {}};
}

std::optional<std::string> Invocation::read_password() {
  std::string line;
  std::getline(streams.in, line);
  if (line.ends_with('\r')) line.pop_back();
  if (!line.empty()) return line;
  fail(kUsage, "there is no password on standard input");
  return std::nullopt;
}

int Invocation::fail(int status, std::string_view sentence) {
  streams.err << "airlane: " << sentence << '\n';
  return status;
}

CLI::App& client_command(CLI::App& parent, const char* name, const char* sentence,
                         Invocation& here) {
  auto& command = *parent.add_subcommand(name, sentence);
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
