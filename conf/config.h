// Everything that an operator can set, in the order of conf/airlane.toml: plain values.
//
// The initializers below are the defaults, and the only place where they are decided; an empty file
// is a good configuration. What each setting means and which values it may have is said in
// schema.cc. Made by conf::load, owned by main, read by any thread and never changed.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/log.h"
#include "base/port_range.h"
#include "base/tls/certificate_files.h"

namespace airlane {

struct Config {
  struct Server {
    unsigned workers = 0;  // 0: one per core.
    std::string state = "/var/lib/airlane";
    log::Level log = log::Level::kInfo;
    std::string access_log{};  // Empty: none.
    std::string secret_key{};  // File; empty: STATE-secret/key, or a credential of systemd.
    std::chrono::milliseconds drain{30'000};
    bool operator==(const Server&) const = default;
  } server;

  struct Control {
    std::vector<Address> listen{Address::v4("\x7f\0\0\1", 8080)};
    std::vector<Address> listen_tls;
    std::vector<CertificateFiles> certificates;  // For those.
    std::string socket = "/run/airlane/control.sock";
    bool operator==(const Control&) const = default;
  } control;

  struct Proxy {
    Address listen;           // The port is not used: every proxy has its own.
    std::string public_host;  // Empty: the listen address, or the host's name when that is 0.0.0.0.
    std::vector<Cidr> fronts;
    unsigned connections = 0;        // 0: an eighth of the descriptors.
    std::size_t socket_buffers = 0;  // 0: the kernel's own tuning.
    std::chrono::milliseconds busy_poll{0};
    std::string via;  // Empty: no Via.
    bool operator==(const Proxy&) const = default;
  } proxy;

  struct Tls {
    std::vector<CertificateFiles> certificates;
    bool operator==(const Tls&) const = default;
  } tls;

  struct Destinations {
    std::vector<Cidr> allow;
    std::vector<PortRange> denied_ports{{25, 25}};
    bool operator==(const Destinations&) const = default;
  } destinations;

  struct Fingerprint {
    unsigned first_mark = 0x41490000;
    bool operator==(const Fingerprint&) const = default;
  } fingerprint;

  struct ExternalIp {
    std::vector<std::string> urls{"https://api.ipify.org", "https://ifconfig.co/ip"};
    std::chrono::milliseconds cache{120'000};
    std::chrono::milliseconds timeout{10'000};
    bool operator==(const ExternalIp&) const = default;
  } external_ip;

  struct Rotation {
    std::chrono::milliseconds limit{165'000};
    unsigned jobs = 1'000;
    unsigned addresses = 25'000;
    bool operator==(const Rotation&) const = default;
  } rotation;

  struct Usage {
    std::chrono::milliseconds minutes = std::chrono::days(35);
    std::chrono::milliseconds hours = std::chrono::days(400);
    unsigned destinations = 0;  // Told apart, of each proxy and day; 0: none.
    std::chrono::milliseconds destination_days = std::chrono::days(35);
    bool operator==(const Usage&) const = default;
  } usage;

  struct Timeouts {  // The stages of the data path, in its order.
    std::chrono::milliseconds detect{10'000};
    std::chrono::milliseconds authenticate{10'000};
    std::chrono::milliseconds resolve{5'000};
    std::chrono::milliseconds connect{10'000};
    std::chrono::milliseconds bind{60'000};
    std::chrono::milliseconds relay{300'000};
    std::chrono::milliseconds associate{120'000};
    bool operator==(const Timeouts&) const = default;
  } timeouts;

  struct Limits {
    unsigned proxies = 16'384;
    unsigned credentials = 64;  // Of each proxy.
    unsigned associations = 1'024;
    unsigned names = 1'024;
    unsigned store_queue = 4'096;
    unsigned access_log = 4'096;
    unsigned destination_queue = 4'096;
    unsigned destinations_waiting = 100'000;
    unsigned api_connections = 1'024;
    unsigned api_connections_per_source = 32;
    std::size_t api_body = 65'536;
    // Of each proxy; 0: none.
    unsigned connections_per_proxy = 0;
    unsigned connections_per_source = 0;
    unsigned new_per_second = 0;
    std::size_t upload = 0;  // Bytes per second.
    std::size_t download = 0;
    unsigned wrong_passwords = 10;  // A minute.
    std::chrono::milliseconds wrong_password_block{60'000};
    bool operator==(const Limits&) const = default;
  } limits;

  bool operator==(const Config&) const = default;
};

}  // namespace airlane
