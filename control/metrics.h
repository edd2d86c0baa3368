// Everything that an operator's monitoring asks for, as one text in the format of Prometheus
// (version 0.0.4 of its text format): the counts of the data path, the bytes of each proxy, which
// dongles are up. docs/operating.md is the reference of the names.
//
// Owned by main; control thread only. Reads counters of the workers without stopping them.
#pragma once

#include <string>

#include "proxy/access_log.h"
#include "proxy/count.h"
#include "proxy/engine.h"

namespace airlane {

class Farm;
class TargetReports;

class Metrics {
 public:
  // All are borrowed; `log` may be null.
  Metrics(const Engine& engine, const AccessLog* log, const TargetReports& targets,
          const Farm& farm, CounterFile& counters)
      : engine_(engine), log_(log), targets_(targets), farm_(farm), counters_(counters) {}
  Metrics(Metrics&&) = delete;

  [[nodiscard]] std::string text() const;

 private:
  const Engine& engine_;
  const AccessLog* const log_;
  const TargetReports& targets_;
  const Farm& farm_;
  CounterFile& counters_;
};

// For tests: the text of the parts.
void append_metrics(std::string& out, const Statistics& statistics);
// `value` as it is written between the quotes of a label.
std::string label_value(std::string_view value);

}  // namespace airlane
