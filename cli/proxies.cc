#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <ostream>
#include <sstream>

#include "cli/account_options.h"
#include "cli/bounds.h"
#include "cli/completion.h"
#include "cli/resource.h"
#include "cli/table.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

constexpr std::array<Column, 16> kColumns{{{"ID", "id"},
                                           {"HOST", "ip"},
                                           {"PORT", "port"},
                                           {"USERNAME", "username"},
                                           {"USER", "user"},
                                           {"DONGLE", "dongle"},
                                           {"WHITELIST", "src_whitelist"},
                                           {"MODE", "src_whitelist_mode"},
                                           {"FROM", "in_use_from"},
                                           {"TILL", "in_use_till"},
                                           {"QUOTA", "quota", quota_in_words},
                                           {"INTERVAL", "ext_ip_upd_interval"},
                                           {"CALENDAR", "ext_ip_upd_calendar"},
                                           {"NEXT ROTATION", "next_rotation_at"},
                                           {"FINGERPRINT", "fp"},
                                           {"COMMENT", "comment"}}};

struct ProxyOptions {
  std::string id, etag;  // Of `set`.
  unsigned port = 0;     // Of `add`.
  Text user, dongle, username, comment, fp;
  AccountOptions account;
};

// What the command line says about a proxy, in the words of the API.
Json body_of(const ProxyOptions& options) {
  Json body = Json::object();
  put(body, "user", options.user);
  put(body, "dongle", options.dongle);
  if (options.port != 0) body["port"] = options.port;
  put(body, "username", options.username);
  put(body, options.account);
  put(body, "comment", options.comment);
  if (options.fp) body["fp"] = *options.fp == "none" ? "" : *options.fp;
  return body;
}

// `must` is for those that a new proxy cannot be without.
void add_options(CLI::App& command, ProxyOptions& options, bool must) {
  command.add_option("--user", options.user, "Who owns it")->type_name("NAME")->required(must);
  command.add_option("--dongle", options.dongle, "Where it leads")
      ->type_name("NAME")
      ->required(must);
  command.add_option("--username", options.username, "What clients log in with")
      ->type_name("U")
      ->required(must);
  add_account_options(command, options.account, "Rental start", "Rental end");
  command.add_option("--comment", options.comment, "For people")->type_name("C");
  command.add_option("--fp", options.fp, "Its fingerprint: a signature, a preset, or none")
      ->type_name("FP");
}

int send(Invocation& here, ProxyOptions& options, Call call) {
  if (!take_password(here, options.account)) return kUsage;
  call.body = body_of(options);
  call.show = record();
  return here.perform(call);
}

void add_add(CLI::App& proxy, Invocation& here) {
  const auto options = std::make_shared<ProxyOptions>();
  auto& command = client_command(proxy, "add", "Add a proxy and print it as JSON", here);
  command.add_option("--port", options->port, "The public port")
      ->type_name("N")
      ->required()
      ->check(CLI::Range(1, 65535).description(""));
  add_options(command, *options, true);
  command.footer(
      "airlane proxy add --user alice --dongle ten --port 20001 --username u1 \\\n"
      "  --password-stdin < password");
  command.callback([&here, options] {
    if (!is_password_given(options->account)) {
      throw CLI::RequiredError("--password-stdin or --password");
    }
    here.action = [&here, options] { return send(here, *options, {"POST", "proxies"}); };
  });
}

void add_list(CLI::App& proxy, Invocation& here) {
  struct Filter {
    Text user, dongle, port, username, isp, comment;
  };
  const auto filter = std::make_shared<Filter>();
  auto& command =
      client_command(proxy, "list", "List the proxies; passwords only with --json", here);
  command.add_option("--user", filter->user, "Only of this one")->type_name("NAME");
  command.add_option("--dongle", filter->dongle, "Only by this one")->type_name("NAME");
  command.add_option("--port", filter->port, "Only the one at this port")->type_name("N");
  command.add_option("--username", filter->username, "Only with exactly this one")->type_name("U");
  command.add_option("--isp", filter->isp, "Only of this carrier")->type_name("NAME");
  command.add_option("--comment", filter->comment, "Only with exactly this one")->type_name("C");
  command.footer("airlane proxy list --user alice --dongle ten");
  command.callback([&here, filter] {
    here.action = [&here, filter] {
      const auto query = query_of({{"user", filter->user},
                                   {"dongle", filter->dongle},
                                   {"port", filter->port},
                                   {"username", filter->username},
                                   {"isp", filter->isp},
                                   {"comment", filter->comment}});
      return here.perform({"GET", "proxies" + query, {}, listing("proxies", kColumns)});
    };
  });
}

void add_set(CLI::App& proxy, Invocation& here) {
  const auto options = std::make_shared<ProxyOptions>();
  auto& command = client_command(proxy, "set", "Change a proxy and print it as JSON", here);
  add_argument(command, kProxy, options->id);
  add_options(command, *options, false);
  command.footer("airlane proxy set 7 --till 2026-12-31T00:00:00Z --whitelist none");
  add_if_match(command, options->etag);
  command.callback([&here, options] {
    if (body_of(*options).empty() && !options->account.password_stdin) {
      throw CLI::RequiredError("Something to change");
    }
    here.action = [&here, options] {
      return send(
          here, *options,
          {.method = "PATCH", .path = path_to(kProxy, options->id), .expected = options->etag});
    };
  });
}

void add_schedule(CLI::App& proxy, Invocation& here) {
  struct Schedule {
    std::string id, etag;
    Text interval, calendar;
  };
  const auto schedule = std::make_shared<Schedule>();
  auto& command =
      client_command(proxy, "schedule", "Let a proxy rotate by itself, or stop it", here);
  add_argument(command, kProxy, schedule->id);
  command
      .add_option("--interval", schedule->interval, "15 or 60-90 (minutes), 30s, 1h-2h; or none")
      ->type_name("I");
  command
      .add_option("--calendar", schedule->calendar,
                  "weekly, \"Mon..Fri 8:00\" (systemd.time); or none")
      ->type_name("C");
  add_if_match(command, schedule->etag);
  command.footer(
      "airlane proxy schedule 7 --interval 60-90\n"
      "airlane proxy schedule 7 --interval none --calendar \"Mon..Fri 08:00\"\n"
      "airlane schedule list --planned");
  command.callback([&here, schedule] {
    Json body = Json::object();
    put_or_null(body, "ext_ip_upd_interval", schedule->interval);
    if (schedule->calendar == "none") schedule->calendar = "";
    put(body, "ext_ip_upd_calendar", schedule->calendar);
    if (body.empty()) throw CLI::RequiredError("--interval or --calendar");
    here.action = [&here, schedule, body] {
      return here.perform({.method = "PATCH",
                           .path = path_to(kProxy, schedule->id),
                           .body = body,
                           .show = record(),
                           .expected = schedule->etag});
    };
  });
}

// The server tells a path: under what names it is reached, it does not know. We know one where it
// was asked at a URL.
void show_link(Invocation& here, std::ostream& out, const Json& answer) {
  std::ostringstream unheard;
  const auto server = Connection::open(here.connection, unheard);
  const bool by_url = server && server->socket.empty();
  out << (by_url ? server->url : "") << cell(answer, "url") << '\n';
  if (by_url) return;
  here.streams.err << "airlane: before it goes the address of the API ([control] listen), as in "
                      "http://192.0.2.1:8080\n";
}

}  // namespace

void add_proxy_commands(CLI::App& app, Invocation& here) {
  auto& proxy = *app.add_subcommand("proxy", "What customers buy");
  add_add(proxy, here);
  add_list(proxy, here);
  add_show_command(proxy, "Show a proxy as JSON, with its password and limits", kProxy, here);
  add_set(proxy, here);
  add_quota_command(proxy, here, kProxy);
  add_limit_command(proxy, here, kProxy);
  add_schedule(proxy, here);
  add_top_command(proxy, here);
  add_remove_command(proxy, "Remove a proxy", kProxy, here);
  add_command(proxy, "link", "Make a new link that rotates a proxy", kProxy, here,
              [&here](const std::string& id) {
                const auto show = [&here](auto& out, const auto& answer) {
                  show_link(here, out, answer);
                };
                return Call{"POST", path_to(kProxy, id) + "/link", {}, show};
              })
      .footer(
          "It is the path of the link, which follows the address of the API; with --url\n"
          "the whole link. It is told once, and the one before it is worthless then.");
  add_command(proxy, "unlink", "Revoke the link that rotates a proxy", kProxy, here,
              [](const std::string& id) {
                return Call{"DELETE",
                            path_to(kProxy, id) + "/link",
                            {},
                            sentence("the link of proxy " + id + " is revoked")};
              });
}

}  // namespace airlane::cli
