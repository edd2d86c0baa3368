// The text that Prometheus reads. Whole metrics are tested with the server, in spec_access_log.
#include "control/metrics.h"

#include <gmock/gmock.h>

namespace airlane::test {
namespace {

TEST(Metrics, AreSamplesUnderTheirExplanations) {
  Statistics statistics;
  statistics.accepted = 12;
  statistics.turned_away = 3;
  statistics.clients_blocked = 4;
  statistics.active = 2;
  statistics.ended = {{"connect", "refused", 4}, {"relay", "", 6}};
  statistics.streams = 8;
  statistics.streams_ended = {{"relay", "", 7}};
  statistics.spoken = {{"", 1}, {"socks5", 9}};
  statistics.datagrams_dropped = {{"fragment", 5}, {"unsent", 0}};
  std::string text;
  append_metrics(text, statistics);
  EXPECT_EQ(text,
            R"(# HELP airlane_connections_accepted_total Client connections that were taken.
# TYPE airlane_connections_accepted_total counter
airlane_connections_accepted_total 12
# HELP airlane_connections_turned_away_total Client connections closed unanswered: )"
            R"(more than [proxy] connections.
# TYPE airlane_connections_turned_away_total counter
airlane_connections_turned_away_total 3
# HELP airlane_clients_blocked_total Times that a client was blocked at a proxy for bringing )"
            R"(too many wrong passwords.
# TYPE airlane_clients_blocked_total counter
airlane_clients_blocked_total 4
# HELP airlane_connections_active Client connections that are open.
# TYPE airlane_connections_active gauge
airlane_connections_active 2
# HELP airlane_connections_ended_total Client connections that have ended, by the stage that )"
            R"(they reached and by what stopped them there.
# TYPE airlane_connections_ended_total counter
airlane_connections_ended_total{stage="connect",error="refused"} 4
airlane_connections_ended_total{stage="relay",error="none"} 6
# HELP airlane_streams_total Streams that clients have begun by HTTP/2.
# TYPE airlane_streams_total counter
airlane_streams_total 8
# HELP airlane_streams_ended_total Streams of HTTP/2 that have ended, by stage and error like )"
            R"(connections.
# TYPE airlane_streams_ended_total counter
airlane_streams_ended_total{stage="relay",error="none"} 7
# HELP airlane_connections_spoken_total Client connections that have ended, by their protocol.
# TYPE airlane_connections_spoken_total counter
airlane_connections_spoken_total{protocol="none"} 1
airlane_connections_spoken_total{protocol="socks5"} 9
# HELP airlane_datagrams_dropped_total Datagrams of UDP ASSOCIATE that were not passed on, by )"
            R"(what stopped them.
# TYPE airlane_datagrams_dropped_total counter
airlane_datagrams_dropped_total{reason="fragment"} 5
airlane_datagrams_dropped_total{reason="unsent"} 0
)");
}

TEST(Metrics, EscapeWhatWouldEndALabel) { EXPECT_EQ(label_value("a\\b\"c\nd"), "a\\\\b\\\"c\\nd"); }

}  // namespace
}  // namespace airlane::test
