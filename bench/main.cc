// airlane-bench: the load generator, the origin behind the proxies, and the bare relays that are
// the yardstick. Reads the command line; script/bench starts it and makes tables of what it prints.
#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>

#include "bench/copy_half.h"
#include "bench/load.h"
#include "bench/origin.h"
#include "bench/splice_half.h"
#include "bench/udp_echo.h"

namespace airlane::bench {
namespace {

struct OriginOptions {
  std::vector<std::string> listen;
  std::string device;
  bool check = false;
};

struct RelayOptions {
  std::string listen, target;
  bool splice = false;
  std::size_t buffer = std::size_t{64} << 10;
  std::size_t pipe = 1 << 20;
};

// Servers run until they are killed. The line tells whoever started them that they listen.
[[noreturn]] void serve(Poller& poller) {
  std::cout << "ready" << std::endl;
  while (true) poller.poll(Monotonic::now() + std::chrono::seconds(1));
}

// Sockets that are bound to a device are served beside those that are not: a proxy that binds its
// sockets to a dongle reaches the first, and everyone else the second.
[[noreturn]] void run_origin(const OriginOptions& options) {
  Poller poller;
  OriginState state(poller, options.check);
  std::vector<std::unique_ptr<Handler>> servers;
  for (const auto& text : options.listen) {
    const auto address = address_or_die(text);
    std::vector<Scope> scopes{{"", !options.device.empty()}};
    if (!options.device.empty()) scopes.push_back({options.device, true});
    for (const auto& scope : scopes) {
      servers.push_back(std::make_unique<OriginListener>(state, listen_on(address, scope)));
      servers.push_back(std::make_unique<UdpEcho>(poller, udp_on(address, scope)));
    }
  }
  serve(poller);
}

template <class Half>
[[noreturn]] void run_relay(const RelayOptions& options, std::size_t size) {
  Poller poller;
  typename Half::Tools tools(size);
  const RelayListener<Half> listener(poller, tools, listen_on(address_or_die(options.listen)),
                                     address_or_die(options.target));
  serve(poller);
}

void add_load(CLI::App& app, LoadOptions& options) {
  app.add_option("work", options.work, "down, up, connect, ping, idle, stalled, http or udp")
      ->required();
  app.add_option("--proxy", options.proxy,
                 "direct://HOST:PORT, socks5://[U:P@]HOST:PORT or http://[U:P@]HOST:PORT")
      ->required();
  app.add_option("--target", options.target, "The origin, HOST:PORT");
  app.add_option("-n", options.n, "Streams, tunnels, connections or associations");
  app.add_option("--seconds", options.seconds, "Of the measurement");
  app.add_option("--warmup", options.warmup, "Seconds before it");
  app.add_option("--pid", options.pid, "The proxy's process, whose cost is measured");
  app.add_flag("--check", options.check, "Compare all bytes with what they must be");
  app.add_flag("--large", options.large, "http: 100 KB instead of 1 KB");
  app.add_option("--datagram", options.datagram, "udp: payload bytes")->check(CLI::Range(16, 1400));
  app.add_option("--stalled", options.stalled, "Downloads beside it that nobody reads");
  app.add_option("--start-limit", options.start_limit, "Seconds to open everything");
}

int run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // splice(2) has no MSG_NOSIGNAL.
  raise_descriptor_limit();
  CLI::App app("Load generator, origin and bare relays for measuring proxies", "airlane-bench");
  app.require_subcommand(1);

  LoadOptions load;
  auto* load_app = app.add_subcommand("load", "Put a proxy to work and print what it did as JSON");
  add_load(*load_app, load);

  OriginOptions origin;
  auto* origin_app = app.add_subcommand("origin", "Serve what the load asks for");
  origin_app->add_option("--listen", origin.listen, "HOST:PORT, repeatable")->required();
  origin_app->add_option("--device", origin.device, "Also serve sockets bound to this interface");
  origin_app->add_flag("--check", origin.check, "Compare uploads with what they must be");

  RelayOptions relay;
  auto* relay_app = app.add_subcommand("relay", "Relay to one fixed target, as little as can be");
  relay_app->add_option("--listen", relay.listen, "HOST:PORT")->required();
  relay_app->add_option("--target", relay.target, "HOST:PORT")->required();
  bool copy = false;
  auto* copies = relay_app->add_flag("--copy", copy, "Move bytes by recv and send");
  relay_app->add_flag("--splice", relay.splice, "Move them by splice")->excludes(copies);
  relay_app->add_option("--buffer", relay.buffer, "Bytes of the copying relay's buffer");
  relay_app->add_option("--pipe", relay.pipe, "Bytes of the splicing relay's pipes");

  CLI11_PARSE(app, argc, argv);
  if (*load_app) return run_load(load);
  if (*origin_app) run_origin(origin);
  if (relay.splice) run_relay<SpliceHalf>(relay, relay.pipe);
  if (copy) run_relay<CopyHalf>(relay, relay.buffer);
  die("a relay needs --copy or --splice");
}

}  // namespace
}  // namespace airlane::bench

int main(int argc, char** argv) try {
  return airlane::bench::run(argc, argv);
} catch (const std::exception& error) {
  airlane::bench::die(error.what());
}
