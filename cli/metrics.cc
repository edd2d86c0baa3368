#include "cli/verbs.h"

namespace airlane::cli {

void add_metrics_command(CLI::App& app, Invocation& here) {
  auto& metrics = *app.add_subcommand("metrics", "Counts, for Prometheus");
  metrics.callback([&here] {
    here.action = [&here] {
      return here.perform({.method = "GET", .path = "metrics", .text = true});
    };
  });
}

}  // namespace airlane::cli
