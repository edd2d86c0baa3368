#include "cli/bounds.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/completion.h"
#include "cli/table.h"
#include "cli/values.h"
#include "conf/amount.h"

namespace airlane::cli {
namespace {

// Of a rate that may be "none" or "default", which are 0 and null.
Json rate_of(const std::string& text) {
  if (text == "none") return 0;
  return text == "default" ? Json() : bytes_of(text);
}

std::string objection_to_rate(const std::string& text) {
  return objection_to_bytes(text, {"none", "default"});
}
std::string objection_to_quota(const std::string& text) {
  return objection_to_bytes(text, {"none"});
}
std::string objection_to_speed(const std::string& text) { return objection_to_bytes(text, {}); }

std::string amount_at(const Json& quota, const char* key, std::string (*write)(std::int64_t)) {
  const auto found = quota.find(key);
  const bool is_amount = found != quota.end() && found->is_number_integer();
  return is_amount ? write(found->get<std::int64_t>()) : "?";
}

std::string exactly(std::int64_t bytes) { return conf::written_amount(bytes, conf::kBytes); }

// With one digit behind the point: enough to see how far it is.
std::string about(std::int64_t bytes) {
  for (const auto& unit : conf::kBytes.largest_first) {
    if (bytes < unit.factor || unit.factor == 1) continue;
    const auto whole = bytes / unit.factor;
    const auto tenths = bytes % unit.factor / (unit.factor / 10);  // Of 1024 there are 10.04.
    const auto part = std::min<std::int64_t>(tenths, 9);
    return std::to_string(whole) + (part == 0 ? "" : "." + std::to_string(part)) +
           std::string(unit.name);
  }
  return exactly(bytes);
}

// A part of a proxy or credential: what is set in it, or null where the word `taker` takes it away;
// empty when it is neither.
Json part(const char* name, Json set, std::string_view taker, const std::string& what) {
  if (!taker.empty() && !set.empty()) {
    throw CLI::ValidationError(std::string(taker),
                               "it takes " + what + " away, and no other option with it");
  }
  if (taker.empty() && set.empty()) return set;
  return {{name, taker.empty() ? std::move(set) : Json()}};
}

struct LimitOptions {
  std::string id, etag;
  Text connections, per_source, new_per_second, upload, download;
  std::vector<std::string> rules;
  bool reset = false;
};

Json body_of(const LimitOptions& options) {
  Json limits = Json::object();
  if (options.connections) limits["connections"] = count_of(*options.connections);
  if (options.per_source) limits["connections_per_source"] = count_of(*options.per_source);
  if (options.new_per_second) limits["new_per_second"] = count_of(*options.new_per_second);
  if (options.upload) limits["upload"] = rate_of(*options.upload);
  if (options.download) limits["download"] = rate_of(*options.download);
  put_list(limits, "destinations", options.rules);
  return part("limits", std::move(limits), options.reset ? "--reset" : "", "all limits");
}

struct QuotaOptions {
  std::string id, etag;
  Text bytes, period, zone, rate;
  bool refuse = false;
};

Json body_of(const QuotaOptions& options) {
  const bool is_none = options.bytes == "none";
  Json quota = Json::object();
  if (options.bytes && !is_none) quota["bytes"] = bytes_of(*options.bytes);
  put(quota, "period", options.period);
  put(quota, "time_zone", options.zone);
  if (options.refuse) quota["action"] = "refuse";
  if (options.rate) {
    quota["action"] = "throttle";
    quota["rate"] = bytes_of(*options.rate);
  }
  return part("quota", std::move(quota), is_none ? "none" : "", "the quota");
}

template <class Options>
void send(CLI::App& command, Invocation& here, const Resource& of,
          const std::shared_ptr<Options>& options) {
  add_if_match(command, options->etag);
  command.callback([&here, of, options] {
    auto body = body_of(*options);
    if (body.empty()) throw CLI::RequiredError("Something to change");
    here.action = [&here, of, options, body = std::move(body)] {
      return here.perform({.method = "PATCH",
                           .path = path_to(of, options->id),
                           .body = body,
                           .show = record(),
                           .expected = options->etag});
    };
  });
}

}  // namespace

std::string quota_in_words(const Json& quota) {
  const bool slows = cell(quota, "action") == "throttle";
  return amount_at(quota, "used", about) + " of " + amount_at(quota, "bytes", exactly) + " a " +
         cell(quota, "period") + ", then " +
         (slows ? amount_at(quota, "rate", exactly) + "/s" : "refused") + "; anew " +
         cell(quota, "resets");
}

void add_limit_command(CLI::App& parent, Invocation& here, const Resource& of) {
  const auto options = std::make_shared<LimitOptions>();
  const auto sentence = "Limit a " + std::string(of.what) + ", and print it as JSON";
  auto& command = client_command(parent, "limit", sentence.c_str(), here);
  add_argument(command, of, options->id);
  command.add_option("--connections", options->connections, "At a time; 0: any number, or default")
      ->type_name("N")
      ->check(objection_to_count);
  command.add_option("--per-source", options->per_source, "The same of one client")
      ->type_name("N")
      ->check(objection_to_count);
  command.add_option("--new-per-second", options->new_per_second, "Begun")
      ->type_name("N")
      ->check(objection_to_count);
  command.add_option("--upload", options->upload, "Per second: 2MiB, none or default")
      ->type_name("B")
      ->check(objection_to_rate);
  command.add_option("--download", options->download, "Likewise")
      ->type_name("B")
      ->check(objection_to_rate);
  command.add_option("--rule", options->rules, "For destinations, repeatable; or none")
      ->type_name("R")
      ->allow_extra_args(false);
  command.add_flag("--reset", options->reset, "Nothing of its own any more");
  command.footer("airlane " + std::string(of.what) + " limit 7 --download 4MiB\n" + "airlane " +
                 of.what + " limit 7 --rule \"deny example.com\" --rule \"deny * 1-79\"");
  send(command, here, of, options);
}

void add_quota_command(CLI::App& parent, Invocation& here, const Resource& of) {
  const auto options = std::make_shared<QuotaOptions>();
  const auto sentence = "Limit what a " + std::string(of.what) + " may move, and print it as JSON";
  auto& command = client_command(parent, "quota", sentence.c_str(), here);
  add_argument(command, of, options->id);
  command.add_option("BYTES", options->bytes, "So many, 50GiB; or none")
      ->type_name("")
      ->check(objection_to_quota);
  auto* period =
      command.add_option("--period", options->period, "Of a day or a month; month to begin with");
  period->type_name("P");
  suggest(*period, {"day", "month"});
  command.add_option("--zone", options->zone, "Whose midnight: Europe/Rome or +01:00")
      ->type_name("Z");
  auto* rate =
      command.add_option("--throttle", options->rate, "Then slow it down to so much, 64KiB");
  rate->type_name("B")->check(objection_to_speed);
  command.add_flag("--refuse", options->refuse, "Then refuse it")->excludes(rate);
  command.footer("airlane " + std::string(of.what) +
                 " quota 7 50GiB --period month --throttle 64KiB\n" + "airlane " + of.what +
                 " quota 7 none");
  send(command, here, of, options);
}

}  // namespace airlane::cli
